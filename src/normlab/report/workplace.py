"""Where a build works: alone in its folder of pages, and in a folder that leaves nothing behind."""

import contextlib
import hashlib
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
from normlab.plain import printable
from normlab.report.errors import BuildError
from normlab.report.files import ASIDE, MARK, read_bytes, remove_marked
from normlab.report.manifest import NAME, own_manifest
from normlab.report.project import Project

_HOLDER = "process "  # how the file begins that says who builds in a folder
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
def folder_for_pages(folder: Path, project: Project) -> Iterator[None]:
    """Have a folder alone that is new, empty or made by builds of this project.

    BuildError if it is none of these, cannot be written, or if another build is at work in it;
    what is there stays as it is.

    Effects: makes it if it is not there, and takes it away again if nothing came into it.
    """
    _check_place(folder, project)
    new = not os.path.lexists(folder)
    check_writable(folder)
    try:
        _check_own(folder, project)
        with locked(folder):
            yield
    finally:
        if new:
            with contextlib.suppress(OSError):  # it holds something
                folder.rmdir()


def _check_place(folder, project):
    """Refuse a place in which builds remove what they do not know, or that holds other pages."""
    real, reports, builds = map(
        Path, map(os.path.realpath, (folder, project.reports, project.builds))
    )
    if real == reports or real.parent == builds:
        return
    if real == builds:
        raise BuildError(
            f"{folder} holds a folder a build; choose one in it, or another one, with --output"
        )
    for place in map(Path, map(os.path.realpath, (project.work, project.failures, reports))):
        if place in (real, *real.parents):
            raise BuildError(
                f"{folder} is in {place}, which builds use otherwise; choose another folder "
                "with --output"
            )


def _check_own(folder, project):
    pages = own_manifest(folder)["pages"]
    if not (folder / NAME).exists():
        if others := [path.name for path in folder.iterdir() if not _is_left_over(path)]:
            raise BuildError(
                f"{folder} holds what normlab did not make, such as {printable(min(others))}; "
                "choose a new or an empty folder with --output"
            )
    elif folder != project.reports and folder.parent != project.builds:
        foreign = pages.keys() - {path.stem for path in project.paths()}
        if foreign or _is_of_another(folder, project.root):
            name = f", such as {printable(min(foreign))}" if foreign else ""
            raise BuildError(
                f"{folder} holds pages of another project{name}; choose another folder "
                "with --output"
            )


def _is_of_another(folder, root):
    """Whether this is where builds of a project that is not at ``root`` go by default."""
    folder, root = (Path(os.path.realpath(path)) for path in (folder, root))
    others = (Project(above) for above in folder.parents if above != root)
    return any(
        other.notebooks.is_dir() and (folder == other.reports or folder.parent == other.builds)
        for other in others
    )


def with_room(project: Project) -> Project:
    """The project, with room for what builds keep elsewhere if its build/ cannot be written."""
    if _can_write(project.build):
        return project
    cache = Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")).absolute()
    digest = hashlib.sha256(os.fsencode(project.root)).hexdigest()[:12]
    room = cache / "normlab" / f"{project.root.name}-{digest}"
    return project._replace(
        room=room if _can_write(room) else Path(tempfile.mkdtemp(prefix="normlab-"))
    )


def _can_write(folder):
    """Whether a folder, or the one in which it would have to be made, can be written."""
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    return os.access(there, os.W_OK | os.X_OK)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a folder of pages to one build at a time.

    A build that was killed leaves its lock file but not the lock, which is the system's.
    If another build is at work in it, a BuildError says which one.
    """
    path = folder / MARK
    if os.path.lexists(path) and not _is_left_over(path):
        raise BuildError(f"{path} is not normlab's; move it out of the way")
    file = _take(path)
    if file is None:
        raise BuildError(
            f"{folder} is being built by {_holder(path)}; wait for it, or choose another folder "
            "with --output"
        )
    try:
        os.ftruncate(file, 0)
        os.write(file, f"{_HOLDER}{os.getpid()} on {socket.gethostname()}".encode())
        for old in folder.glob(f"{ASIDE}*"):
            if _is_left_over(old):
                remove_marked(old)
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
        return printable(read_bytes(path).decode()) or "another process"
    except (OSError, ValueError):
        return "another process"


def _is_left_over(path):
    """Whether it is what a build that was killed may leave among pages."""
    if path.name != MARK:
        return path.name.startswith(ASIDE) and _is_marked(path)
    try:
        said = read_bytes(path)
    except OSError:
        return False
    return not path.is_symlink() and (not said or said.startswith(_HOLDER.encode()))


def _is_marked(folder):
    """Whether a folder bears normlab's mark; it is empty if a build was killed before that."""
    with contextlib.suppress(OSError):  # it is no folder, or goes away at this moment
        names = os.listdir(folder)
        return not folder.is_symlink() and (not names or MARK in names)
    return False


def _remove_work(folder):
    """Remove the folder of a build, its mark last."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
    remove_marked(folder)


@contextlib.contextmanager
def working_folder(parent: Path) -> Iterator[Path]:
    """A folder for all that a build needs only while it runs; gone when it ends.

    The temporary files of this process and of the kernels go there, and what a person keeps in
    the home folder for IPython, Jupyter and matplotlib is out of sight: it may not be readable,
    and it must not reach a page. What killed builds have left below ``parent`` is removed; it
    bears their mark.

    Effects: sets variables of this process's environment, and takes them back at the end.
    """
    check_writable(parent)
    with locks.waiting_for(parent):
        for old in parent.iterdir():
            with contextlib.suppress(OSError):  # it is no folder, or goes away at this moment
                if old.name == _FIGURES or not _is_marked(old):
                    continue
                if (file := _take(old / MARK)) is not None:
                    _remove_work(old)
                    os.close(file)
        folder = Path(tempfile.mkdtemp(dir=parent))
        file = _take(folder / MARK)
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
            _remove_work(folder)
        os.close(file)


def _find_fonts(folder):
    """Let matplotlib look for fonts once: where that takes long it warns, in a notebook's cell."""
    if not any(folder.glob("fontlist*")):
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, capture_output=True, check=False)
