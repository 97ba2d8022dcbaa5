"""One contender in a process of its own: asked for a slice on stdin, it answers on stdout.

    python -m benchmarks.child MODULE JSON

JSON holds the fields of the workload and the options of the contender. The first answer is a
line of JSON with the versions in use. Then each line on stdin is a number of seconds, and its
answer a line ``{"updates": net-updates made, "seconds": time they took}``. Every slice trains
fresh nets, so that a fast contender does not meet other numbers than a slow one; making the
nets and the first tenth are not timed. The end of stdin is the end of the process.
"""

import importlib
import json
import os
import sys
import time

from benchmarks.workloads import Workload


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not pass for an answer

    def answer(content):
        print(json.dumps(content), file=answers, flush=True)

    module = importlib.import_module(f"benchmarks.contenders.{sys.argv[1]}")
    request = json.loads(sys.argv[2])
    fields = request["workload"]
    request["workload"] = Workload(**fields)._replace(hidden_dims=tuple(fields["hidden_dims"]))
    _run(*module.start(**request), seconds=0)  # what the first update alone has to do
    answer({"versions": module.versions()})
    for line in sys.stdin:
        step, nets = module.start(**request)
        _run(step, nets, float(line) / 10)
        answer(_run(step, nets, float(line)))


def _run(step, nets, seconds):
    """Step until the time is over, at least once."""
    calls, began, now = 0, time.perf_counter(), 0.0
    while not calls or now - began < seconds:
        step()
        calls += 1
        now = time.perf_counter()
    return {"updates": calls * nets, "seconds": now - began}


if __name__ == "__main__":
    main()
