"""Where a build works: alone in its folder of pages, and in a folder that leaves nothing behind."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from normlab import locks
from normlab.report.errors import BuildError
from normlab.report.files import ASIDE

_LOCK = ".lock"
_FIGURES = "matplotlib"  # the folder of its own files, which builds share


def check_writable(folder: Path) -> None:
    """Make ``folder`` if it is not there; BuildError if nothing can be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BuildError(
            f"cannot write to {folder}: {error.strerror}; choose another folder with --output"
        ) from error


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a folder of pages to one build at a time.

    A build that was killed leaves its lock file but not the lock, which is the system's.

    Raises
    ------
    BuildError
        Another build is at work in it; says which one.
    """
    path = folder / _LOCK
    file = _take(path)
    if file is None:
        raise BuildError(
            f"{folder} is being built by {_holder(path)}; wait for it, or choose another folder "
            "with --output"
        )
    try:
        os.ftruncate(file, 0)
        os.write(file, f"process {os.getpid()} on {socket.gethostname()}".encode())
        _remove_leftovers(folder)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def _take(path):
    """The lock of a file, which is made if it is not there; None if another one has it."""
    for _ in range(3):  # another build may end, and take its file away, at this moment
        if (file := locks.take(path, os.O_RDWR | os.O_CREAT)) is not None:
            return file
        time.sleep(0.02)
    return None


def _holder(path):
    try:
        return path.read_text("utf-8") or "another process"
    except OSError:
        return "another process"


def _remove_leftovers(folder):
    """Remove what a `write` that was killed has left."""
    for aside in folder.glob(f"{ASIDE}*"):
        shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def working_folder(parent: Path) -> Iterator[Path]:
    """A folder for all that a build needs only while it runs; gone when it ends.

    The temporary files of this process and of the kernels go there, and what a person keeps in
    the home folder for IPython, Jupyter and matplotlib is out of sight: it may not be readable,
    and it must not reach a page. What killed builds have left below ``parent`` is removed.

    Effects: sets variables of this process's environment, and takes them back at the end.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with locks.waiting_for(parent):
        for old in parent.iterdir():
            with contextlib.suppress(OSError):  # it is no folder, or goes away at this moment
                if old.name != _FIGURES and (file := _take(old / _LOCK)) is not None:
                    shutil.rmtree(old, ignore_errors=True)
                    os.close(file)
        folder = Path(tempfile.mkdtemp(dir=parent))
        file = _take(folder / _LOCK)
    variables = {
        "TMPDIR": str(folder),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLCONFIGDIR": str(parent / _FIGURES),
    }
    before, tempdir = {name: os.environ.get(name) for name in variables}, tempfile.tempdir
    os.environ.update(variables)
    tempfile.tempdir = None  # it is looked up again
    try:
        _find_fonts(parent / _FIGURES)
        yield folder
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        tempfile.tempdir = tempdir
        with contextlib.suppress(OSError), locks.waiting_for(parent):
            shutil.rmtree(folder, ignore_errors=True)
        os.close(file)


def _find_fonts(folder):
    """Let matplotlib look for fonts once: where that takes long it warns, in a notebook's cell."""
    if not any(folder.glob("fontlist*")):
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, capture_output=True, check=False)
