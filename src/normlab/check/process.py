"""A student's process seen from outside: messages with a time limit, and its end."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time

from normlab.check import keeper, worker

GB = 10**9
FORGED = "writes into the wire of its check"
_START = 30.0  # seconds for Python and NumPy, which are no fault of a file
_TRACE = 0.3  # seconds in which a process says where it was when the time was over
_END = 1.0  # seconds for an end in order
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Ended(Exception):  # noqa: N818 - no error of ours
    """The process has ended, or cannot be talked to; says why, as in "ends Python by signal 9"."""


class Full(Ended):
    """It has no memory left."""


_GARBLED = (ValueError, TypeError, LookupError, AttributeError, RecursionError)  # of what is read
FAILED = (Ended, TimeoutError, *_GARBLED)


class Process:
    """A process that answers messages, with a keeper between.

    Whatever goes wrong, `ask` returns or raises within its time; then `end` it. It may take
    ``memory`` GB of addresses; Ended if it does not start.
    """

    def __init__(self, memory: float):
        self._wire, theirs = socket.socketpair()
        self._trace, trace = os.pipe()
        files = (theirs.fileno(), trace)
        self._keeper = subprocess.Popen(
            [
                *(sys.executable, "-ISB", keeper.__file__),
                *(str(round(memory * GB)), ",".join(map(str, files))),
                *(sys.executable, "-PB", worker.__file__, *map(str, files)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=files,
            start_new_session=True,
            env=os.environ | _ONE_THREAD | {"MPLBACKEND": "Agg"},
        )
        theirs.close()
        os.close(trace)
        self._wire.setblocking(False)
        self._watched = True  # by a keeper
        self._worker, self._number, self._received = None, 0, bytearray()
        until = time.monotonic() + _START
        try:
            self._worker = self._report(until)
            self._receive(until)
        except BaseException as error:
            self.end()
            if isinstance(error, TimeoutError | EOFError):
                raise Ended("does not start") from None
            raise

    def alive(self) -> bool:
        """Whether it is there, and its keeper, and it has not spoken without being asked."""
        return not _ready(0, self._keeper.stdout, self._wire)

    def tell(self, until: float, header: dict, arrays=()) -> None:
        """Send a message that has no answer; see `ask`."""
        self._number += 1
        message = memoryview(worker.pack(header | {"number": self._number}, arrays))
        while message:
            self._wait(until, select.POLLOUT)
            try:
                message = message[self._wire.send(message) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Ended(self._why()) from None

    def ask(self, until: float, header: dict, arrays=()) -> tuple[dict, list]:
        """Send a message and return the header and the arrays of the answer.

        A TimeoutError if it is not there at ``until``, by `time.monotonic`; Ended if the process
        has ended, has closed the wire, or has sent what is no answer.
        """
        self.tell(until, header, arrays)
        return self._receive(until)

    def trace(self) -> str:
        """What the process wrote about where it was when its time was over; empty if nothing."""
        text, until = b"", time.monotonic() + _TRACE
        with contextlib.suppress(TimeoutError):
            while _ready(min(_left(until), _TRACE / 10 if text else _TRACE), self._trace):
                more = os.read(self._trace, 2**16)
                if not more:
                    break
                text += more
        return text.decode("utf-8", "replace")

    def end(self) -> None:
        """End the process, its group, and what left the group where the system can tell."""
        parent = self._keeper
        parent.stdin.close()
        with contextlib.suppress(OSError):
            parent.send_signal(signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            parent.wait(_END)
        if parent.returncode != 0:  # the file ended its parent, or starts more than can be ended
            with contextlib.suppress(OSError):
                os.killpg(self._worker or parent.pid, signal.SIGKILL)
            parent.kill()
            parent.wait()
        parent.stdout.close()
        self._wire.close()
        with contextlib.suppress(OSError):
            os.close(self._trace)

    def _receive(self, until):
        try:
            header, arrays = worker.unpack(lambda size: self._read(size, until))
            if header["number"] == self._number:
                return header, arrays
        except _GARBLED:
            pass
        raise Ended(FORGED)

    def _read(self, size, until):
        while len(self._received) < size:
            self._wait(until)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                more = self._wire.recv(2**18)
                if not more:
                    raise Ended(self._why())
                self._received += more
        data = bytes(self._received[:size])
        del self._received[:size]
        return data

    def _wait(self, until, event=select.POLLIN):
        """Wait until the wire can be used; a stranger may hold it open when the process is gone."""
        while True:
            report = [self._keeper.stdout] if self._watched else []
            ready = _ready(_left(until), self._wire, *report, event=event)
            if self._wire.fileno() in ready:
                return
            why = self._why() if ready else ""
            if why and self._watched:
                raise Ended(why)

    def _why(self):
        """How the process ended, if it did."""
        try:
            code = self._report(time.monotonic() + _TRACE)
        except TimeoutError:
            code = worker.CUT
        except EOFError:  # it killed its keeper, and may go on
            self._watched = False
            return "ends the process that started it"
        if code == worker.CUT:
            return "closes the wire of its check"
        if code == worker.FULL:
            raise Full
        return (
            f"ends Python by signal {-code}" if code < 0 else f"ends Python with exit code {code}"
        )

    def _report(self, until):
        """The next number that the keeper tells; EOFError if it is gone."""
        line = b""
        while not line.endswith(b"\n"):
            if _ready(_left(until), self._keeper.stdout):
                more = self._keeper.stdout.read(1)
                if not more:
                    raise EOFError
                line += more
        return int(line) if line.strip(b"-\n").isdigit() else worker.CUT


def _ready(seconds, first, *more, event=select.POLLIN):
    """Numbers of the files that can be used: the ``first`` for ``event``, the others to read."""
    poll = select.poll()
    poll.register(first, event)
    for file in more:
        poll.register(file, select.POLLIN)
    return [number for number, _ in poll.poll(1000 * seconds)]


def _left(until):
    """Seconds; a TimeoutError if there are none, even where something drips in all the time."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
