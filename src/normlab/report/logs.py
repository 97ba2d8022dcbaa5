"""What papermill logs of one notebook, in a file of its own, while others run beside it."""

import logging
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

LOGGERS = ("papermill", "nbclient", "traitlets", "asyncio")
_lock = threading.Lock()
_before = []  # how the loggers were, while any notebook runs
_hooks = []  # who hears of what fails in other threads, likewise
_open = set()


@contextmanager
def logging_to(path: Path):
    """Send what these loggers get from this thread to ``path``, and nowhere else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    # Appending, as the kernel does; paths need not be UTF-8.
    handler = logging.FileHandler(path, mode="a", encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    thread = threading.get_ident()
    handler.addFilter(lambda record: record.thread == thread)
    _begin(handler)
    try:
        yield
    finally:
        _end(handler)
        handler.close()


def _note(failed):
    """Write what failed out of reach, as in a thread of jupyter_client's, to every open log."""
    record = logging.LogRecord(
        "normlab",
        logging.ERROR,
        __file__,
        0,
        "failed out of reach",
        (),
        (failed.exc_type, failed.exc_value, failed.exc_traceback),
    )
    for handler in list(_open):
        with handler.lock:
            handler.emit(record)


def _begin(handler):
    with _lock:
        loggers = [logging.getLogger(name) for name in LOGGERS]
        if not _open:
            _before[:] = [(logger.level, logger.propagate) for logger in loggers]
            _hooks[:] = threading.excepthook, sys.unraisablehook
            threading.excepthook = sys.unraisablehook = _note
        _open.add(handler)
        for logger in loggers:
            logger.setLevel(logging.INFO)
            logger.propagate = False
            logger.addHandler(handler)


def _end(handler):
    with _lock:
        _open.discard(handler)
        if not _open:
            threading.excepthook, sys.unraisablehook = _hooks
        for name, (level, propagate) in zip(LOGGERS, _before, strict=True):
            logger = logging.getLogger(name)
            logger.removeHandler(handler)
            if not _open:
                logger.setLevel(level)
                logger.propagate = propagate
