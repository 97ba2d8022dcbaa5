"""Worker processes that train in the reference arithmetic, on data that they share."""

import contextlib
import multiprocessing
import os
import sys
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from normlab import arithmetic
from normlab.cores import core, num_workers
from normlab.runs.facts import Facts, Worker, facts, worker
from normlab.runs.trials import Outcome, Trial
from normlab.training import engine
from normlab.training.course import train_course
from normlab.training.histories import History

# glibc gives memory of this size back at once, and each forward pass would have it faulted in anew.
KEPT_MEMORY = dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), str(1 << 28))
_shared = {}  # in a worker: the data that it trains on


class Made(NamedTuple):
    """Runs as they come back: with the facts that they were made under, and by whom."""

    histories: list[History | Outcome]
    facts: Facts
    worker: Worker


@contextlib.contextmanager
def worker_processes(most: int, data: dict | None = None):
    """Workers in the reference arithmetic, each with one BLAS thread: one a core, at most ``most``.

    The environment variable NORMLAB_WORKERS may say another number than that of the cores.
    ``data``, a dict of arrays, is written to a temporary file each and mapped into every worker,
    so that the machine holds it once; `make_shared` trains on it.

    Writes the pins into this process's environment, which the workers inherit.
    """
    arithmetic.pin(os.environ)
    os.environ.update(KEPT_MEMORY)
    with tempfile.TemporaryDirectory(prefix="normlab-") as folder:
        for name, array in (data or {}).items():
            np.save(Path(folder) / f"{name}.npy", array, allow_pickle=False)
        pool = ProcessPoolExecutor(
            max_workers=max(1, min(num_workers(), most)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(folder,),
        )
        with pool, _without_the_script():
            try:
                yield pool
            except BaseException:
                _end(pool)
                raise


def _end(pool):
    """End the workers of a pool whose results nobody waits for any more.

    Where a worker is killed while the pool starts another, the pool would wait for that one
    without end.
    """
    for process in list((pool._processes or {}).values()):
        process.terminate()


@contextlib.contextmanager
def _without_the_script():
    """Let new processes not run this process's script, as they else do before anything else.

    Runs need nothing of it, and it may do to NumPy what it likes, or begin a sweep.
    """
    script, names = sys.modules["__main__"], ("__spec__", "__file__")
    before = {name: getattr(script, name) for name in names if hasattr(script, name)}
    for name in before:
        setattr(script, name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(script, name, value)


def make_runs(configs: list, data: dict) -> Made:
    """What configs of one `course`, or trials, give, wherever this process is."""
    if isinstance(configs[0], Trial):
        outcomes = [trial.perform(data) for trial in configs]
        return Made(outcomes, facts(data, configs[0].rooms), worker())
    engine.warm(configs[0].dtype)
    return Made(train_course(configs, data), facts(data), worker())


def make_shared(configs: list) -> Made:
    """`make_runs` on the data that this worker shares, on a core of its own."""
    with core():
        return make_runs(configs, _shared)


def _begin(folder):
    """Map the data, and let this worker end when the process that started it does."""
    for path in Path(folder).glob("*.npy"):
        _shared[path.stem] = np.asarray(np.load(path, mmap_mode="r"))

    def wait():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
