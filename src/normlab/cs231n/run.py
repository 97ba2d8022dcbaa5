"""Run notebooks of the assignment on normlab, and say which cells raised."""

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from normlab.cs231n import SITE, YEAR

# What belongs to Colab or to a compiler, and is left out.
_SKIPPED = re.compile(r"google\.colab|setup\.py|^\s*[%!]\s*(?:cd|cp|mkdir|bash|sh|pip)\b", re.M)
# What raises whatever the library is: part of the source -> part of the error.
_EXPECTED = {
    r"\bbest_model\b": r"NoneType",
    r"\bsolvers?\b": r"NoneType",
    r"scipy\.misc": r"ImportError|ModuleNotFoundError",
    r"\bimread\b|kitten|puppy": r"NameError|FileNotFoundError|ImportError|ModuleNotFoundError",
}


class Raised(NamedTuple):
    """A cell that raised: its number, the error, and whether it was to be expected."""

    cell: int
    error: str
    expected: bool


class Ran(NamedTuple):
    """A notebook that was run: how many cells were run and left out, and those that raised."""

    name: str
    run: int
    skipped: int
    raised: list

    @property
    def unexpected(self):
        """What should not have raised."""
        return [each for each in self.raised if not each.expected]


def run_notebook(path: Path, year: int, out: Path | None = None, timeout: float = 1800) -> Ran:
    """Run one notebook in a kernel in which ``cs231n`` is the adapter.

    Parameters
    ----------
    path : Path
        It is read and never written.
    year : int
        Of the notebook: until 2017, p was the probability to drop a unit.
    out : Path, optional
        A folder for the notebook with its outputs.
    timeout : float
        Seconds for a cell.

    A ValueError if the file is no notebook.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError, KeyError) as error:
        reason = getattr(error, "strerror", None) or "not a notebook"
        raise ValueError(f"{path}: {reason}; name an .ipynb of the assignment") from error
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    skipped = [cell for cell in code if _SKIPPED.search(cell.source)]
    sources = {id(cell): cell.source for cell in skipped}
    for cell in skipped:
        cell.source = "# left out\npass"
    client = NotebookClient(
        notebook,
        timeout=timeout,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.resolve().parent)}},
    )
    died = []
    try:
        client.execute(env=_environment(year))
    except (CellTimeoutError, DeadKernelError) as error:
        died = [Raised(0, str(error).splitlines()[0], False)]
    for cell in skipped:
        cell.source = sources[id(cell)]
    if out:
        out.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, out / path.name)
    return Ran(path.name, len(code) - len(skipped), len(skipped), [*_raised(notebook), *died])


def _environment(year):
    path = os.pathsep.join(filter(None, [str(SITE), os.environ.get("PYTHONPATH")]))
    python = os.path.dirname(sys.executable)
    search = os.pathsep.join([python, os.environ.get("PATH", "")])
    return os.environ | {"PYTHONPATH": path, "PATH": search, YEAR: str(year)}


def _raised(notebook):
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                error = f"{output.ename}: {output.evalue}".splitlines()[0]
                yield Raised(number, error, _is_expected(cell.source, error))


def _is_expected(source, error):
    return any(
        re.search(source_part, source) and re.search(error_part, error)
        for source_part, error_part in _EXPECTED.items()
    )


def table(ran: list[Ran]) -> str:
    """All notebooks as a table for a terminal, and a line for each cell that raised."""
    width = max(len(each.name) for each in ran)
    lines = [f"{'notebook':{width}}  cells run  left out  raised  expected"]
    for each in ran:
        expected = len(each.raised) - len(each.unexpected)
        lines.append(
            f"{each.name:{width}}  {each.run:9}  {each.skipped:8}  {len(each.raised):6}  "
            f"{expected:8}"
        )
    for each in ran:
        for raised in each.raised:
            word = "expected" if raised.expected else "RAISED"
            lines.append(f"{each.name}: cell {raised.cell}: {word}: {raised.error}")
    return "\n".join(lines)
