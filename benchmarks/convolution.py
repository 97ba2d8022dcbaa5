"""A training step of a conv net beside PyTorch: forward and backward, and the page on it."""

from benchmarks.lineup import threads
from benchmarks.machine import describe, machine
from benchmarks.ratios import spread
from benchmarks.rounds import Contender, measure
from benchmarks.table import ratio_table, table
from benchmarks.workloads import Workload
from normlab import arithmetic
from normlab.runs.workers import KEPT_MEMORY

OURS, NATIVE, ONE, TWO = (
    "normlab",
    "normlab, native arithmetic",
    "PyTorch, 1 thread",
    "PyTorch, 2 threads",
)
NORMS = ("none", "batchnorm", "groupnorm")
PAGE = """\
# Convolution

How fast a step of `ThreeLayerConvNet` is beside PyTorch: forward and backward through 32 filters of
7 × 7, [a normalization], relu, 2 × 2 max pooling and two affine layers, on 50 images of 3 × 32 × 32
in float32; group norm has 4 groups. normlab runs its readable layers, in one thread. PyTorch has
the better of its two layouts. Made by `make bench-conv TORCH_PYTHON=/path/to/python`.

Speed of normlab to that of PyTorch; above 1 normlab is faster. Median (quartiles) of the ratios
within a round.

{ratios}
{times}
Live processes are asked in turn, {rounds} rounds of slices of {seconds:g} s, as on
[the page on speed](speed.md).

{machine}
"""


def convolution(python, rounds, seconds, progress):
    """Everything that docs/convolution.md shows: normalization -> contender -> speeds."""
    measured = {
        "machine": machine(),
        "versions": {},
        "rounds": rounds,
        "seconds": seconds,
        "speeds": {},
    }
    for norm in NORMS:
        measured["speeds"][norm], versions = measure(
            _contenders(python), Workload(normalization=norm), rounds, seconds, progress.of(norm)
        )
        measured["versions"] |= versions
    return measured


def _contenders(python):
    ours = [
        Contender(OURS, "conv_ours", environment=arithmetic.pins() | KEPT_MEMORY),
        Contender(NATIVE, "conv_ours", environment=threads(1) | KEPT_MEMORY),
    ]
    theirs = [
        Contender(
            f"{name}, {'channels last' if last else 'channels first'}",
            "conv_pytorch",
            {"threads": number, "channels_last": last},
            threads(number),
            python,
        )
        for number, name in ((1, ONE), (2, TWO))
        for last in (True, False)
    ]
    return ours + (theirs if python else [])


def page(measured):
    """The page, from what was measured."""
    comparisons = [(ours, theirs) for ours in (OURS, NATIVE) for theirs in (ONE, TWO)]
    names = list(next(iter(measured["speeds"].values())))
    rows = [
        [name, *(f"{1e3 / spread(each[name]).median:.1f}" for each in measured["speeds"].values())]
        for name in names
    ]
    return PAGE.format(
        ratios=ratio_table(measured["speeds"], comparisons),
        times=table(["milliseconds a step", *measured["speeds"]], rows),
        rounds=measured["rounds"],
        seconds=measured["seconds"],
        machine=describe(measured["machine"], measured["versions"]),
    )
