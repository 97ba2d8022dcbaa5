"""Locks on files, which the system takes back when a process ends, however it ends."""

import contextlib
import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None


def take(path: Path, flags: int = os.O_RDWR) -> int | None:
    """Lock a file without waiting.

    Parameters
    ----------
    path : Path
    flags : int
        How to open it; with ``os.O_CREAT`` it is made if it is not there.

    Returns
    -------
    An open file descriptor that holds the lock until it is closed; None if another one has it,
    or if the file was taken away meanwhile.
    """
    file = os.open(path, flags, 0o666)
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file), os.stat(path)):
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    return None


@contextlib.contextmanager
def waiting_for(folder: Path):
    """Hold the lock of a folder; wait until it is free."""
    if fcntl is None:
        yield
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
