"""How a command ends when the system, or a person, asks it to."""

import contextlib
import os
import signal
import threading
import time

PATIENCE = 10  # seconds that a command may take to end in order


class Stopped(KeyboardInterrupt):
    """The system asked this process to end, as a person does by Ctrl-C."""


@contextlib.contextmanager
def stopping_on_signals():
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: in order, and at once if that hangs."""
    if threading.current_thread() is not threading.main_thread():  # only that one hears signals
        yield
        return
    signals = [signal.SIGINT, signal.SIGTERM, *filter(None, [getattr(signal, "SIGHUP", None)])]
    before = {number: signal.getsignal(number) for number in signals}
    heard = [number for number in signals if before[number] is not signal.SIG_IGN]  # nohup

    first = None

    def stop(number, _):
        nonlocal first
        if first is None:
            first = time.monotonic()
            raise Stopped(number)
        if time.monotonic() > first + PATIENCE:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    try:
        for number in heard:
            signal.signal(number, stop)
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
