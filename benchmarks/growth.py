"""Time per update against width, depth, batch and workers."""

import os
from typing import NamedTuple

import numpy as np

from benchmarks.lineup import has_compiler
from benchmarks.machine import machine
from benchmarks.ratios import spread
from benchmarks.rounds import Contender, measure
from benchmarks.workloads import Workload
from normlab import arithmetic

OURS, BOUND, PRODUCTS = "normlab", "products and Adam in C", "products alone"
BASE = Workload()


class Axis(NamedTuple):
    """What grows, through which sizes."""

    name: str
    sizes: tuple
    label: str


AXES = (
    Axis("width", (10, 20, 50, 100, 200, 500, 1000), "width of the five hidden layers"),
    Axis("depth", (1, 2, 4, 8, 16, 32), "hidden layers of width 100"),
    Axis("batch", (2, 5, 10, 20, 50, 100, 200, 500), "images in a minibatch"),
    Axis("workers", (1, 2, 3, 4), "worker processes"),
)


def growth(rounds, seconds, progress):
    """Everything that docs/growth.md shows: axis -> size -> contender -> speeds."""
    measured = {
        "machine": machine(),
        "versions": {},
        "rounds": rounds,
        "seconds": seconds,
        "speeds": {},
    }
    for axis in AXES:
        points = measured["speeds"][axis.name] = {}
        for size in axis.sizes:
            contenders, workload = _point(axis.name, size)
            points[str(size)], versions = measure(
                contenders, workload, rounds, seconds, progress.of(f"{axis.name} {size}")
            )
            measured["versions"] |= versions
    return measured


def _point(name, size):
    """Who runs on what, at one size of one axis."""
    workload = {
        "width": BASE._replace(hidden_dims=(size,) * len(BASE.hidden_dims)),
        "depth": BASE._replace(hidden_dims=(100,) * size),
        "batch": BASE._replace(batch_size=size),
    }.get(name, BASE)
    processes = size if name == "workers" else 1
    shared = {"environment": arithmetic.pins(), "processes": processes}
    contenders = [
        Contender(OURS, "ours", **shared),
        Contender(PRODUCTS, "bound", {"update": False}, **shared),
    ]
    if has_compiler():
        contenders.append(Contender(BOUND, "bound", **shared))
    return contenders, workload


def milliseconds(points, name):
    """Time per net-update at each size: sizes and medians."""
    sizes = np.array([int(size) for size in points])
    return sizes, np.array([1e3 / spread(speeds[name]).median for speeds in points.values()])


def fitted_part(axis_name, sizes, cores=None):
    """Where a power law is fitted: the larger half of the sizes; workers up to the cores."""
    if axis_name == "workers":
        return sizes <= max(cores or os.cpu_count(), 2)
    return np.arange(len(sizes)) >= len(sizes) // 2


def exponent(sizes, times):
    """The slope of log time over log size, and the times on the fitted line."""
    slope, intercept = np.polyfit(np.log(sizes), np.log(times), 1)
    return slope, np.exp(intercept) * sizes**slope
