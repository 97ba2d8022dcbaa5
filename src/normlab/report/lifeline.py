"""A kernel's line to its build: when the build ends, however it ends, the kernel does.

The build holds one end of a pipe, the kernel the other. The system closes the build's end with
the build's process, after a SIGKILL too, and whether or not the kernel is up by then. (ipykernel
looks at the number of its parent. A build that died before the kernel was up escapes it where
orphans do not go to process 1, as in a desktop session of systemd.)
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
    threading.Thread(target=_end_with_the_build, args=(file,), daemon=True).start()


def _end_with_the_build(file):
    os.read(file, 1)  # nothing is ever written: it returns when the other end is closed
    os.killpg(0, signal.SIGKILL)
