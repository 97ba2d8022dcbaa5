"""Where things lie in a checkout, and what its notebooks say of themselves."""

import re
from pathlib import Path
from typing import NamedTuple

from normlab.messages import unknown_name
from normlab.report.errors import BuildError
from normlab.report.stored import read_notebook


class Study(NamedTuple):
    """A notebook with the title and the question of its first cell."""

    name: str
    path: Path
    title: str
    question: str


class Project(NamedTuple):
    """The folders of a checkout; all but ``reports`` and ``notebooks`` are ignored by git.

    ``room`` is in the place of build/ where that cannot be written.
    """

    root: Path
    room: Path | None = None

    @property
    def notebooks(self) -> Path:
        """The studies."""
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        """The published pages."""
        return self.root / "reports"

    @property
    def builds(self) -> Path:
        """Pages made with other parameters, a folder each."""
        return self.root / "build" / "reports"

    @property
    def build(self) -> Path:
        """What builds keep beside the pages."""
        return self.room or self.root / "build"

    @property
    def runs(self) -> Path:
        """The store of finished training runs."""
        return self.build / "runs"

    @property
    def work(self) -> Path:
        """What builds need only while they run, a folder each."""
        return self.build / "work"

    @property
    def logs(self) -> Path:
        """A log file a notebook; those of a build with its own pages in a folder of its name."""
        return self.build / "logs"

    @property
    def failures(self) -> Path:
        """Pages of notebooks that failed, in folders as the logs."""
        return self.build / "failures"

    def paths(self) -> list[Path]:
        """All notebooks whose name begins with a number, as 02-deep-networks; others are drafts."""
        return sorted(self.notebooks.glob("[0-9]*.ipynb"))

    def find(self, names) -> list[Path]:
        """The notebooks of these names, or all of them if there are no names; reads none.

        A name may also be the path of a notebook, as a shell completes it, or its number.
        """
        paths = {path.stem: path for path in self.paths()}
        names = [_full_name(name, paths) for name in names]
        if not paths:
            raise BuildError(
                f"{self.notebooks.name}/ holds no study such as 01-name.ipynb; is this a checkout?"
            )
        for name in names:
            if name not in paths:
                raise BuildError(self._why_no_study(name, paths))
        return [path for name, path in paths.items() if not names or name in names]

    def _why_no_study(self, name, studies):
        if name.startswith("=") or name.endswith("="):
            return f"{name}: to set a parameter, write -p NAME=VALUE without blanks"
        if "=" in name:
            return f"{name}: to set a parameter, write -p {name}"
        if name.isdigit():
            unknown = unknown_name("notebook", name, studies)
            return f"{unknown}; to set a parameter, write -p NAME=VALUE without blanks"
        if not (self.notebooks / f"{name}.ipynb").is_file():
            return unknown_name("notebook", name, studies)
        number = max(int(re.match(r"\d+", study)[0]) for study in studies) + 1
        return f"{name} is a draft; to publish it, name it notebooks/{number:02}-{name}.ipynb"

    def show(self, path: Path) -> str:
        """A path as a person would type it from the current folder."""
        try:
            return str(path.relative_to(Path.cwd()))
        except ValueError:
            return str(path)


def _full_name(name, studies):
    if name.endswith(".ipynb"):
        return Path(name).stem
    numbers = {study: re.match(r"\d+", study)[0].lstrip("0") for study in studies}
    found = [s for s, number in numbers.items() if number and number == name.lstrip("0")]
    return found[0] if len(found) == 1 else name


def find_project(start: Path | None = None) -> Project:
    """The project around ``start`` (by default the current folder)."""
    start = start or Path.cwd()
    for folder in (start, *start.parents):
        if (folder / "notebooks").is_dir():
            return Project(folder)
    raise BuildError("no notebooks/ folder here or above; change to a checkout of normlab first")


def read_study(path: Path) -> Study:
    """What a notebook says of itself; BuildError if it is not a study."""
    cells = read_notebook(path).cells
    first = cells[0].source if cells else ""
    title = re.search(r"^# (.+)$", first, re.M)
    question = re.search(r"^\*\*Question\.\*\* (.+?)(?:\n\n|\Z)", first, re.M | re.S)
    if not title or not question:
        missing = "question" if title else "title"
        raise BuildError(
            f"{path.name}: not a study (no {missing}); its first cell needs '# Title' and "
            "'**Question.** ...'"
        )
    return Study(path.stem, path, title[1], " ".join(question[1].split()))
