"""Check a file: what it defines under the assignment's names, one function after the other."""

import ast
import os
from pathlib import Path
from typing import NamedTuple

from normlab.check import worker
from normlab.check.assignment import CHECKS, check, hints
from normlab.check.findings import Finding
from normlab.check.solution import MEMORY, TIMEOUT, CheckError, Solution
from normlab.messages import unknown_name

_MOST = 3  # lines on modules that cannot be imported


class Checked(NamedTuple):
    """What was found: a Finding a function, in the order of the assignment, and further lines."""

    findings: list[Finding]
    hints: list[str]


def check_file(path, only=(), timeout: float = TIMEOUT, memory: float = MEMORY) -> Checked:
    """Check the functions that a file defines under the assignment's names.

    Parameters
    ----------
    path : str or Path
        A Python file. It is run, in a process of its own, which only hands back arrays; what it
        prints is thrown away.
    only : sequence of str
        Names to check; all if empty.
    timeout : float
        Seconds for each function. A function that takes longer is wrong, and so is one that
        ends Python; the rest is then checked in a new process.
    memory : float
        GB that the process may take.

    Returns
    -------
    Checked

    Raises
    ------
    CheckError
        No such file, one that cannot be loaded, or one without a function to check.
    """
    path = Path(path).expanduser()
    if os.name != "posix":
        raise CheckError("check runs on Linux and macOS; on Windows use WSL")
    if not path.is_file():
        raise CheckError(f"no file {path}; pass a Python file, or a folder, with your own layers")
    if path.suffix == ".ipynb":
        raise CheckError(f"{path.name} is a notebook; put its functions into a Python file")
    if path.stat().st_size > worker.LIMIT:
        raise CheckError(f"{path.name} has more than {worker.LIMIT >> 20} MB; is it a Python file?")
    for name, value, unit in (("timeout", timeout, "seconds"), ("memory", memory, "GB")):
        if not 0 < value < 1e6:
            raise CheckError(f"{name} is {value:g}; expected {unit} above 0")
    for name in only:
        if name not in CHECKS:
            raise CheckError(unknown_name("function", name, CHECKS))
    with Solution(path, path.read_bytes(), timeout, memory) as solution:
        names = [name for name in CHECKS if name in solution.own and name in (only or CHECKS)]
        if not names:
            raise CheckError(_nothing(solution, only))
        findings = [check(solution, name) for name in names]
        lines = {k: f"not imported: {v}" for k, v in solution.missing.items() if not _is_old(k)}
        found = Checked(findings, [*lines.values()][:_MOST] + hints(solution.own))
    for finding in findings:
        finding.line = _line(solution.source, finding.name)
    return found


def _is_old(module):
    """Whether a module helps Python 2 alone, which nobody misses."""
    return module.partition(".")[0] in ("past", "future", "six", "builtins")


def _line(source, name):
    """Where a definition begins; the last one of a name counts."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    lines = [n.lineno for n in ast.walk(ast.parse(source)) if getattr(n, "name", "") == name
             and isinstance(n, kinds)]  # fmt: skip
    return lines[-1] if lines else None


def _nothing(solution, only):
    """Why there is nothing to check."""
    defined = [name for name in CHECKS if name in solution.own]
    if only and defined:
        return f"{solution.name} defines no {', '.join(only)}; choose {', '.join(defined)}"
    near = "; ".join(hints(solution.own))
    known = ", ".join(CHECKS)
    return f"{solution.name} defines no function under a name of the assignment" + (
        f"; {near}" if near else f" (names: {known})"
    )
