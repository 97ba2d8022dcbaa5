"""The interleaving: all contenders alive at once, asked in turn for one short slice each.

Speeds of a machine drift by tens of per cent within minutes. Slices of one round lie within
seconds, so ratios within a round hold; their median and quartiles over the rounds are reported.
"""

import json
import os
import random
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PINNED = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "NPY_DISABLE_CPU_FEATURES",
)


class Contender(NamedTuple):
    """One row: a module of benchmarks.contenders, and how it is run.

    ``processes`` run at the same time, and their speeds are added.
    """

    name: str
    module: str
    options: dict = {}  # noqa: RUF012
    environment: dict = {}  # noqa: RUF012
    python: str = sys.executable
    processes: int = 1


def measure(contenders, workload, rounds, seconds, progress=lambda text: None):
    """Speeds of every contender, round by round.

    Parameters
    ----------
    contenders : list of Contender
    workload : Workload
    rounds : int
    seconds : float
        Length of one slice.
    progress : function
        Told how far things are.

    Returns
    -------
    speeds : dict, name -> list of float, net-updates a second in each round
    versions : dict, package -> version
    """
    order = random.Random(0)
    speeds = {contender.name: [] for contender in contenders}
    versions = {}
    with ExitStack() as stack:
        groups = {c.name: _started(c, workload, stack) for c in contenders}
        for group in groups.values():
            for child in group:
                versions |= child.answer()["versions"]
        for number in range(1, rounds + 1):
            progress(f"round {number} of {rounds}")
            for name in order.sample(list(groups), len(groups)):
                for child in groups[name]:
                    child.ask(seconds)
                answers = [child.answer() for child in groups[name]]
                speeds[name].append(sum(a["updates"] / a["seconds"] for a in answers))
    return speeds, versions


def _started(contender, workload, stack):
    return [stack.enter_context(_Child(contender, workload)) for _ in range(contender.processes)]


class _Child:
    """A live process that runs one contender when asked to."""

    def __init__(self, contender, workload):
        self.name = contender.name
        request = json.dumps({"workload": workload._asdict(), **contender.options})
        inherited = {name: value for name, value in os.environ.items() if name not in PINNED}
        self.process = subprocess.Popen(
            [contender.python, "-m", "benchmarks.child", contender.module, request],
            cwd=ROOT,
            env=inherited | contender.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """End the process by ending its input; it may be in the middle of a slice."""
        with self.process:
            self.process.stdin.close()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def ask(self, seconds):
        print(seconds, file=self.process.stdin, flush=True)

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name}: its process ended; what it said is above")
        return json.loads(line)
