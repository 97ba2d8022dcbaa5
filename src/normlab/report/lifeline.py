"""A kernel's line to its build: when the build ends, however it ends, the kernel does.

The build holds one end of a pipe, the kernel the other. The system closes the build's end with
the build's process, after a SIGKILL too, and whether or not the kernel is up by then. (ipykernel
looks at the number of its parent. A build that died before the kernel was up escapes it where
orphans do not go to process 1, as in a desktop session of systemd.)

Linux sends the signal itself. A thread must do it elsewhere, and where the build's end was closed
before anybody asked for the signal; it does not run once the kernel takes its interpreter down,
which may take any time.
"""

import os
import signal
import threading

FILE = "NORMLAB_LIFELINE"
"""Environment variable: the number of the kernel's end, a file that it inherits."""


def load_ipython_extension(shell) -> None:
    """In the kernel, before its first cell: end it and its group when the build's end closes."""
    file = int(os.environ.pop(FILE))
    os.set_inheritable(file, False)  # what a cell starts has no part in it
    import fcntl  # no part of Python for Windows, where nothing calls this

    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(file, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_ASYNC)
    threading.Thread(target=_end_with_the_build, args=(file,), daemon=True).start()


def _end_with_the_build(file):
    os.read(file, 1)  # nothing is ever written: it returns when the other end is closed
    os.killpg(0, signal.SIGKILL)
