"""How many cores there are, and one training a core over all notebooks that run at once.

Each notebook trains in worker processes of its own, as many as there are cores. The
pipeline names a folder with one file a core, and a worker trains while it holds the
lock of one of them. The system takes a lock back when its process ends, however it ends.
It stands on the ground, because what imports `normlab.study` brings figures along.
"""

import contextlib
import os
import tempfile
import time
from pathlib import Path

from normlab import locks
from normlab.handover import CORES_FOLDER, WORKERS

JOBS = 2  # notebooks at a time, unless somebody says otherwise
_PAUSE = 0.01  # seconds between two looks


def num_cores() -> int:
    """How many processes may compute at once: the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def num_workers() -> int:
    """How many processes do compute at once: one a core, unless somebody says otherwise."""
    return int(os.environ.get(WORKERS) or num_cores())


@contextlib.contextmanager
def sharing_cores():
    """Hand out the cores, or as many places as there are workers, to all processes started inside.

    Effects: sets NORMLAB_CORES in this process's environment.
    """
    with tempfile.TemporaryDirectory(prefix="normlab-") as folder:
        for number in range(num_workers()):
            (Path(folder) / str(number)).touch()
        os.environ[CORES_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[CORES_FOLDER]


@contextlib.contextmanager
def core():
    """Hold one of the cores that the pipeline hands out; wait until one is free.

    Does nothing where the environment variable NORMLAB_CORES names no folder with files,
    or where the system has no such locks.
    """
    file = _take()
    try:
        yield
    finally:
        if file is not None:
            os.close(file)


def _take():
    """An open file whose lock is ours, or None if there is nothing to lock."""
    folder = os.environ.get(CORES_FOLDER)
    if not folder or locks.fcntl is None:
        return None
    while paths := _files(folder):
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                if (file := locks.take(path)) is not None:
                    return file
        time.sleep(_PAUSE)
    return None


def _files(folder):
    with contextlib.suppress(OSError):
        return sorted(Path(folder).iterdir())
    return []
