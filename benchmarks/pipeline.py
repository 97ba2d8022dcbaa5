"""What the pipeline costs when nothing is trained: a build beside one run of papermill.

A build of all notebooks whose runs are all stored starts their kernels, draws their figures
and makes their pages. Beside it: papermill on a notebook with the one cell ``1 + 1``, a command
of its own. Both are timed from the outside, in turn.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from benchmarks.rounds import ROOT
from normlab.handover import FORCE, STORE_FOLDER

BUILD, PAPERMILL = "normlab build, all runs stored", "papermill, one cell 1 + 1"


def measure(rounds, progress=lambda text: None):
    """Seconds of the two commands in each round; a first build, not timed, stores the runs."""
    commands = Path(sys.executable).parent
    environment = {k: v for k, v in os.environ.items() if k not in (FORCE, STORE_FOLDER)}
    seconds = {BUILD: [], PAPERMILL: []}
    with tempfile.TemporaryDirectory(prefix="normlab-bench-") as folder:
        trivial = Path(folder, "trivial.ipynb")
        nbformat.write(_trivial(), trivial)
        arguments = {
            BUILD: [commands / "normlab", "build", "--output", Path(folder, "pages")],
            PAPERMILL: [commands / "papermill", trivial, Path(folder, "executed.ipynb")],
        }
        progress("a build that stores all runs")
        _time(arguments[BUILD], environment)
        _time(arguments[PAPERMILL], environment)
        for number in range(1, rounds + 1):
            progress(f"round {number} of {rounds}")
            for name, command in arguments.items():
                seconds[name].append(_time(command, environment))
    return seconds


def _time(command, environment):
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0].name} failed: {done.stderr}")
    return time.perf_counter() - began


def _trivial():
    cell = nbformat.v4.new_code_cell("1 + 1")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
