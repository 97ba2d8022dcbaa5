"""The processes of a build, found by a variable that it hands to all it starts."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # of prctl(2)
# Before a command: let it hear signals as in a terminal; under nohup or behind & it would not.
HEARING = ("env", "--default-signal=INT,TERM,HUP") if sys.platform == "linux" else ()


@contextlib.contextmanager
def orphans_come_here():
    """Be the parent of orphans, as `systemd --user` is, so that theirs is not process 1."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    assert prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def with_variable(text):
    """Ids of the processes whose environment holds ``NAME=value``; needs /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{text}\0".encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def end_all(text, patience):
    """Wait until none is left; after ``patience`` seconds kill those that stay, and return them."""
    until = time.monotonic() + patience
    while (left := with_variable(text)) and time.monotonic() < until:
        time.sleep(0.05)
    for process in left:
        os.kill(process, signal.SIGKILL)
    return left
