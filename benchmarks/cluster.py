"""What dask costs a group of runs: groups without work through a cluster on this machine."""

import functools
import importlib.metadata
import os
import pickle
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil

from benchmarks.local_cluster import cluster
from benchmarks.machine import describe, machine
from benchmarks.table import table
from benchmarks.workloads import Workload, examples
from normlab.handover import SCHEDULER
from normlab.runs.cluster import _IN_FLIGHT, _kept
from normlab.runs.cluster import cluster as crew_of
from normlab.runs.dispatch import facts_of_workers
from normlab.runs.facts import facts, worker
from normlab.runs.workers import Made
from normlab.training import TrainingConfig, train

WORKERS = (1, 2, 4)
GROUPS = (1_000, 5_000, 20_000)
CONFIG = TrainingConfig(normalization="batchnorm", epochs=2, evaluations=40, signals=True)
HEADING = "## What a group costs"
TEXT = """\
{heading}

Measured by `make bench-cluster`: scheduler, workers and client on one machine, groups of one run
that do no work. A worker looks up its facts and sends a history back, as long as one of page 02;
so this is all that dask and normlab take beside training.

{costs}
With two workers, by the number of groups in a sweep:

{growth}
A group takes {out:.1f} KB out and {back:.1f} KB back; the data, {data:.1f} MB here, travel once to
each worker, which hashes them with every group (in half a millisecond for each MB, included above).
The client and the scheduler take one core each, and the busier of them took {busy:.2f} ms a group.
So they keep up with *T* / {busy:.2f} ms workers, where *T* is how long a group trains: about
{small:,.0f} workers for groups of a second, {large:,.0f} for groups of ten. These two numbers are
extrapolated, not measured: over a network each byte costs more than here. The client holds all
histories of a sweep, so that 16 GB of memory are full at about {most:,.0f} runs; the scheduler
holds {in_flight} groups a worker, however long the sweep is.

{machine}
"""


def overhead(rounds, progress):
    """Everything that the page shows: for each case milliseconds a group."""
    data = _data()
    versions = {name: importlib.metadata.version(name) for name in ("numpy", "distributed")}
    measured = {"machine": machine(), "versions": versions, "workers": {}, "groups": {}}
    for number in WORKERS:
        measured["workers"][str(number)] = _case(data, number, GROUPS[0], rounds, progress)
    for groups in GROUPS:
        measured["groups"][str(groups)] = _case(data, 2, groups, 1, progress)
    measured["out"] = len(pickle.dumps([replace(CONFIG, seed=1)])) / 1e3
    measured["back"] = len(pickle.dumps(Made([_history()], facts(data), worker()))) / 1e3
    measured["data"] = sum(array.nbytes for array in data.values()) / 1e6
    return measured


def _case(data, number, groups, rounds, progress):
    """Milliseconds a group: by the clock, computed by the client, by the scheduler."""
    say = progress.of(f"{number} workers, {groups:,} groups")
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as place:
        os.environ[SCHEDULER] = place.address
        place.add(number)
        place.wait_for(number)
        with crew_of(data, facts_of_workers(data)) as crew:
            list(crew.make(nothing, [[CONFIG]] * number * 10))  # what is done once
            found = []
            for each in range(rounds):
                say(f"round {each + 1} of {rounds}")
                before = _times(place)
                list(crew.make(nothing, [[CONFIG]] * groups))
                after = _times(place)
                found.append([1e3 * (b - a) / groups for a, b in zip(before, after, strict=True)])
    wall, client, scheduler = (statistics.median(each) for each in zip(*found, strict=True))
    return {"wall": wall, "client": client, "scheduler": scheduler}


def _times(place):
    """Seconds on the clock, and those that this process and the scheduler have computed."""
    used = psutil.Process(place.scheduler.pid).cpu_times()
    return time.perf_counter(), time.process_time(), used.user + used.system


def nothing(configs, digest):
    """In a worker: all of a group but the training."""
    return Made([_history()], facts(_kept[digest]), worker())


@functools.cache
def _history():
    return train(CONFIG, _data())


@functools.cache
def _data():
    X, y = examples(Workload(input_dim=784))
    return {"X_train": X, "y_train": y, "X_val": X[:100], "y_val": y[:100]}


def page(measured, text):
    """The page ``text`` with what was measured at its end."""
    return text.partition(HEADING)[0] + _section(measured)


def _section(measured):
    cases = [*measured["workers"].values(), *measured["groups"].values()]
    busy = statistics.median(max(case["client"], case["scheduler"]) for case in cases)
    return TEXT.format(
        heading=HEADING,
        costs=_table("workers", measured["workers"]),
        growth=_table("groups", measured["groups"]),
        busy=busy,
        small=1e3 / busy,
        large=1e4 / busy,
        most=round(16e6 / measured["back"], -5),
        in_flight=_IN_FLIGHT,
        machine=describe(measured["machine"], measured["versions"]),
        **{name: measured[name] for name in ("out", "back", "data")},
    )


def _table(name, cases):
    columns = [f"{name}; milliseconds a group", "by the clock", "client", "scheduler"]
    rows = [
        [f"{int(number):,}", *(f"{case[what]:.2f}" for what in ("wall", "client", "scheduler"))]
        for number, case in cases.items()
    ]
    return table(columns, rows)
