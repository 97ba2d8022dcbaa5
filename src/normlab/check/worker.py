"""The process that runs a student's file: it writes what it finds, a line of JSON each.

Python's faulthandler keeps the time limit: its thread ends the process whatever the code does, and
writes where it was.
"""

import faulthandler
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from normlab.check.assignment import CHECKS, check, hints
from normlab.check.solution import LoadError, load

LOADING = "loading"


def main() -> None:
    """Load the file that the request in ``sys.argv[1]`` names, and check functions one by one.

    The request is JSON: "path"; "results" and "trace", files to write; "timeout" in seconds, for
    each function; "only", names or null; "done" and "broken", names of former processes.
    """
    request = json.loads(sys.argv[1])
    with (
        open(request["results"], "w", encoding="utf-8") as results,
        open(request["trace"], "w", encoding="utf-8") as trace,
    ):

        def tell(**line):
            print(json.dumps(line), file=results, flush=True)

        def begin(name):
            tell(begin=name)
            faulthandler.dump_traceback_later(request["timeout"], exit=True, file=trace)

        # A student draws from NumPy's own generator; what is found must not vary with it.
        np.random.set_state(np.random.RandomState(0).get_state())
        begin(LOADING)
        try:
            solution = load(Path(request["path"]), request["broken"])
        except LoadError as error:
            tell(refused=str(error))
            return
        tell(own=solution.own, hints=hints(solution.own))
        for name in request["only"] or CHECKS:
            if name in solution.own and name not in request["done"]:
                begin(name)
                tell(finding=asdict(check(solution, name)))
        faulthandler.cancel_dump_traceback_later()
        tell(end=True)


if __name__ == "__main__":
    main()
    os._exit(0)  # wait for no thread and no atexit function of the student
