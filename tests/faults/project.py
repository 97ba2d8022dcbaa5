"""A project of two tiny notebooks with published pages, and builds of it, a process each."""

import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import processes
from report.conftest import PUBLISH, new_notebook

LONGEST = 120  # seconds that any of these builds may take, on a busy machine
SOURCE = Path(__file__).parents[2] / "src"
MARK = "NORMLAB_FAULTS"  # names the build in the environment of each of its processes
PARAMETERS = "seeds: int = 2  # how many runs (2 or more)"
FIRST, SECOND = "01-first", "02-second"
OTHER = 65534  # nobody; may read what root may, so that Python and normlab can lie anywhere
OTHER_USER = (
    "setpriv",
    f"--reuid={OTHER}",
    f"--regid={OTHER}",
    "--clear-groups",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
)
# Everything that a build may leave in a project, beside reports/.
ALLOWED = ("notebooks", "build/logs", "build/failures", "build/runs", "build/work/matplotlib")


def write_notebook(path, *sources, title="First", parameters=PARAMETERS):
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(*sources, title=title, parameters=parameters)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    nbformat.write(notebook, path)


def make_project(folder):
    """Two good notebooks; the first one's page shows a line of text."""
    write_notebook(folder / "notebooks" / f"{FIRST}.ipynb", "print('the first')", PUBLISH)
    write_notebook(folder / "notebooks" / f"{SECOND}.ipynb", PUBLISH, title="Sécond")
    (folder / "requirements.lock").touch()
    return folder


@dataclass
class Place:
    """Where one build happens: the project, and an empty home and temporary folder."""

    project: Path
    home: Path
    temporary: Path
    environment: dict = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    keep: list = field(default_factory=list)  # processes that live as long as the test
    user: tuple = ()  # before a command: runs it as another user, who owns the place

    @property
    def reports(self):
        return self.project / "reports"

    @property
    def first(self):
        return self.project / "notebooks" / f"{FIRST}.ipynb"

    def start(self, arguments, prefix=(), cwd=None):
        variables = {
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            MARK: self.mark,
            "PYTHONPATH": str(SOURCE),
        }
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("NORMLAB_", "MPL", "JUPYTER", "IPYTHON", "XDG_", "PYTEST"))
        }
        before = (*processes.HEARING, *self.user, *prefix)
        return subprocess.Popen(
            [*before, sys.executable, "-m", "normlab.cli", *arguments],
            cwd=cwd or self.project,
            env=environment | variables | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )

    def hand_over(self):
        """Let all of the place belong to the other user."""
        os.chown(self.project.parent, OTHER, OTHER)
        for folder in (self.project, self.home, self.temporary):
            for path in (folder, *folder.rglob("*")):
                os.chown(path, OTHER, OTHER, follow_symlinks=False)

    def build(self):
        """Build to the end; the exit code."""
        process = self.start(["build"])
        process.communicate(timeout=LONGEST)
        return process.returncode

    def end_all(self, patience):
        """Wait until no process is left; end those that stay, and return them."""
        return processes.end_all(f"{MARK}={self.mark}", patience)

    def strays(self):
        """Files that should not be there."""
        found = [*self.home.rglob("*"), *self.temporary.rglob("*")]
        # Another user cannot write beside the packages, so compiled code is among his caches.
        compiled = self.home / ".cache" / "normlab"
        found = [path for path in found if not path.is_relative_to(compiled)]
        for path in self.project.rglob("*"):
            name = path.relative_to(self.project).as_posix()
            known = name.startswith(("reports/", *(f"{folder}/" for folder in ALLOWED)))
            if not known and name != "requirements.lock":
                found.append(path)
        return [path for path in found if path.is_file()]


def contents(folder):
    """Name -> bytes of every file in a folder that is not hidden."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".")
    }


def copy(published, folder):
    """A place with its own copy of a published project."""
    project = folder / "project"
    shutil.copytree(published, project)
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    return Place(project, folder / "home", folder / "tmp")
