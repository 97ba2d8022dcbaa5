"""All contenders on all workloads, then sweeps, then the pipeline."""

from benchmarks import lineup, parts, pipeline
from benchmarks.machine import machine
from benchmarks.rounds import measure
from benchmarks.workloads import EXAMPLES, WORKLOADS

SWEPT = ("W1", "W2", "W3")


def speed(pythons, rounds, seconds, progress):
    """Everything that docs/speed.md shows, as it goes into JSON."""
    found = {
        "PyTorch": pythons.torch,
        "JAX": pythons.jax,
        "a C compiler for the bound": lineup.has_compiler(),
    }
    measured = {
        "machine": machine(),
        "versions": {},
        "missing": [name for name, python in found.items() if not python],
        "rounds": rounds,
        "seconds": seconds,
        "examples": EXAMPLES,
        "single": {},
        "sweeps": {},
    }
    lineups = [
        *(("single", name, lineup.single(pythons)) for name in WORKLOADS),
        *(("sweeps", name, lineup.sweeps(pythons)) for name in SWEPT),
    ]
    for part, name, contenders in lineups:
        measured[part][name], versions = measure(
            contenders, WORKLOADS[name], rounds, seconds, progress.of(f"{part}, {name}")
        )
        measured["versions"] |= versions
    measured["parts"] = parts.parts()
    measured["pipeline"] = pipeline.measure(max(rounds // 3, 1), progress.of("pipeline"))
    return measured
