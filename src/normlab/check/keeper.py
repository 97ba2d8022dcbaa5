"""The process between the judge and a student's: it ends with all that the student's started.

It starts the student's process, tells how that ended, and then ends what is left: its group, and
what left the group, since orphans come here. The same when the judge goes, which holds the other
end of standard input. A file that stops or kills its parent hits this process and not the judge.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36  # of prctl(2), Linux
_PATIENCE = 0.8  # seconds in which everything must have ended


def main(memory: str, files: str, *command: str) -> int:
    """Run a command that inherits some files; its number and its exit code are printed.

    ``memory`` is in bytes, ``files`` are numbers with commas. Returns 1 if something is left that
    could not be ended, else 0.
    """
    with contextlib.suppress(AttributeError):  # elsewhere than on Linux orphans are out of reach
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever ignores it waits for no child
    worker = os.fork()
    if worker == 0:
        _become(command, int(memory))
    for file in files.split(","):
        os.close(int(file))
    _tell(worker)
    threading.Thread(target=_end_with_the_judge, args=(worker,), daemon=True).start()
    ended = status = 0
    while ended != worker:
        ended, status = os.wait()
    _tell(os.waitstatus_to_exitcode(status))
    return 0 if _end_the_rest(worker) else 1


def _become(command, memory):
    try:
        os.setsid()
        for number in range(3):
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(ValueError, OSError):  # a lower limit holds already
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        os.execv(command[0], command)
    finally:
        os._exit(127)


def _tell(number):
    with contextlib.suppress(OSError):  # the judge is gone
        os.write(1, b"%d\n" % number)


def _end_with_the_judge(worker):
    os.read(0, 1)  # nothing is ever written: it returns when the other end is closed
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)


def _end_the_rest(worker):
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            os.killpg(worker, signal.SIGKILL)
        for child in _children():
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        time.sleep(0.002)
    return False


def _children():
    """Numbers of the processes whose parent is this one; none where there is no /proc."""
    with contextlib.suppress(FileNotFoundError):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:
                if int(stat.read().rpartition(b")")[2].split()[1]) == os.getpid():
                    yield int(name)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
