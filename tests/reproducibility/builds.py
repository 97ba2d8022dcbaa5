"""Builds in processes of their own, and the interpreters that this machine has."""

import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from normlab.report.manifest import NAME, manifest_text

ROOT = Path(__file__).parents[2]
QUICK = ("profile=quick", "hidden_dims=[20, 20, 20]")
LONGEST = 600  # seconds that a build may take, on a busy machine
# Where the caller keeps Python from caching what it compiles, hundreds of starts would take long.
_CACHE = (
    {
        "PYTHONDONTWRITEBYTECODE": None,
        "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "pycache"),
    }
    if "PYTHONDONTWRITEBYTECODE" in os.environ
    else {}
)
_LOOK = """
import json, sys
print(json.dumps([sys.implementation.name, sys.version_info[:3], sys.executable]))
"""


def command(output, *names, python=sys.executable, parameters=QUICK, jobs=2):
    """The command line of a build, with those parameters that its notebooks know."""
    known = "".join(_parameters(name) for name in names or ("[0-9]*",))
    options = [
        part
        for assignment in parameters
        if assignment.startswith("profile=") or f"{assignment.partition('=')[0]}: " in known
        for part in ("-p", assignment)
    ]
    return [
        str(python),
        "-m",
        "normlab.cli",
        "build",
        *names,
        *options,
        "--jobs",
        str(jobs),
        "--output",
        str(output),
    ]


def _parameters(name):
    """The source of the parameters cells of the notebooks of this name."""
    return "".join(
        "".join(cell["source"])
        for path in sorted((ROOT / "notebooks").glob(f"{name}.ipynb"))
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if "parameters" in cell["metadata"].get("tags", ())
    )


def environment(runs, **variables):
    """This process's environment with a run store, and ``variables``; None takes one out."""
    changed = os.environ | {"NORMLAB_RUNS": str(runs)} | _CACHE | variables
    return {name: value for name, value in changed.items() if value is not None}


def build(output, *names, runs=None, project=ROOT, variables=None, umask=-1, **options):
    """Build into the folder ``output``, by default with an empty run store; returns the pages."""
    done = subprocess.run(
        command(output, *names, **options),
        cwd=project,
        check=False,
        umask=umask,
        env=environment(runs or f"{output}-runs", **(variables or {})),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stderr
    return pages(output)


def pages(folder):
    """Name -> bytes of every file in ``folder``."""
    paths = sorted(Path(folder).iterdir())
    return {path.name: path.read_bytes() for path in paths if path.is_file()}


def of_studies(all_pages, *names):
    """The part of ``all_pages`` that belongs to some notebooks: page, results, figure, data."""
    starts = tuple(f"{name}." for name in names)
    return {name: content for name, content in all_pages.items() if name.startswith(starts)}


def beside_others(output):
    """A folder of normlab's with empty pages of all names, so that a page links to the others."""
    output.mkdir()
    names = sorted(f"{path.stem}.html" for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    for name in names:
        (output / name).touch()
    listed = dict.fromkeys(names, hashlib.sha256().hexdigest())
    (output / NAME).write_text(manifest_text(listed, {}), "utf-8")
    return output


def once(tmp_path_factory, name, make):
    """A folder that the first of several test processes makes, by ``make(folder)``."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    return _locked(base / name, make)


def _locked(folder, make):
    """``folder``, after ``make(folder)`` has come to its end once, in whichever process."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready = Path(f"{folder}.ready")
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            ready.touch()
    return folder


def installer():
    """The pinned uv, or whichever is there, or None."""
    pinned = ROOT / ".uv/bin/uv"
    return str(pinned) if pinned.exists() else shutil.which("uv")


def venv_of(version, python):
    """A Python with the packages of the lock, made below build/ and kept there."""
    lock = ROOT / "requirements.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:8]
    uv = environment(
        "",
        UV_SYSTEM_CERTS="1",
        UV_PYTHON_PREFERENCE="only-system",
        UV_NO_PROGRESS="1",
        UV_LINK_MODE="copy",
    )

    def make(folder):
        into = ["--python", str(folder)]
        for arguments in (
            ["venv", "--python", python, str(folder)],
            ["pip", "sync", *into, "--require-hashes", str(lock)],
        ):
            done = subprocess.run(
                [installer(), "--quiet", *arguments],
                env=uv,
                cwd=folder.parent,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr

    return _locked(ROOT / "build" / "pythons" / f"{version}-{digest}", make) / "bin" / "python"


def copy_project(folder):
    """A project of its own in ``folder``: the notebooks and the lock."""
    shutil.copytree(
        ROOT / "notebooks", folder / "notebooks", ignore=lambda *_: {".ipynb_checkpoints"}
    )
    shutil.copy(ROOT / "requirements.lock", folder)
    return folder


@functools.cache
def pythons():
    """Each CPython from 3.11 on that is on PATH or one of pyenv's: version -> executable."""
    folders = [Path(entry) for entry in os.get_exec_path() if entry]
    folders += [folder / "bin" for folder in sorted((_pyenv() / "versions").glob("*"))]
    found = {}
    for folder in folders:
        for path in sorted(folder.glob("python3.[1-9][0-9]")):
            if answer := _ask(path):
                name, version, executable = answer
                if name == "cpython" and version >= [3, 11]:
                    found.setdefault(".".join(map(str, version)), executable)
    return dict(sorted(found.items()))


def other_pythons():
    """`pythons` without the one that runs the tests."""
    ours = ".".join(map(str, sys.version_info[:3]))
    return {version: path for version, path in pythons().items() if version != ours}


def _pyenv():
    if root := os.environ.get("PYENV_ROOT"):
        return Path(root)
    if program := shutil.which("pyenv"):
        done = subprocess.run([program, "root"], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return Path(done.stdout.strip())
    return Path.home() / ".pyenv"


def _ask(python):
    try:
        done = subprocess.run(
            [python, "-I", "-c", _LOOK], capture_output=True, text=True, check=True, timeout=30
        )
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
