"""Where the time of an update goes, part by part: ``python -m benchmarks.parts``.

Timers stand around the parts of the compiled step, in a process of its own with the pins of the
reference arithmetic. What is left of an update is Python between the parts.
"""

import json
import os
import statistics
import subprocess
import sys
import time

from benchmarks.contenders import ours
from benchmarks.rounds import ROOT
from benchmarks.workloads import WORKLOADS
from normlab import arithmetic

GATHER, FORWARD, LOSS = "gather the minibatch", "all layers, forward", "loss"
BACKWARD, RULE, REST = "all layers, backward", "Adam", "the rest"
UPDATES = 300


def parts():
    """Microseconds of each part in an update, medians: workload -> part -> number."""
    command = [sys.executable, "-m", "benchmarks.parts"]
    environment = os.environ | arithmetic.pins()
    return json.loads(subprocess.check_output(command, cwd=ROOT, text=True, env=environment))


def _parts_of(workload):
    solver = ours.solver(workload)
    spent = {}
    for part, owner, name in (
        (GATHER, solver, "_gather"),
        (FORWARD, solver._plan.forward, "run"),
        (LOSS, solver, "_loss"),
        (BACKWARD, solver._plan.backward, "run"),
        (RULE, solver, "_apply_rule"),
    ):
        _time(spent, part, owner, name)
    rounds = []
    for _ in range(UPDATES):
        spent.update(dict.fromkeys(spent, 0.0))
        began = time.perf_counter()
        solver.step()
        whole = time.perf_counter() - began
        rounds.append(spent | {REST: whole - sum(spent.values())})
    return {part: 1e6 * statistics.median(r[part] for r in rounds) for part in rounds[0]}


def _time(spent, part, owner, name):
    """Let a method of an object add the time that it takes."""
    method = getattr(owner, name)
    spent[part] = 0.0

    def timed(*arguments):
        began = time.perf_counter()
        result = method(*arguments)
        spent[part] += time.perf_counter() - began
        return result

    setattr(owner, name, timed)


if __name__ == "__main__":
    print(json.dumps({name: _parts_of(workload) for name, workload in WORKLOADS.items()}))
