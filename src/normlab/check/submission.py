"""Check a whole submission: the files of a folder that define something of the assignment."""

import ast
import math
import os
import re
from pathlib import Path

from normlab.check.assignment import CHECKS
from normlab.check.findings import EMPTY, RIGHT, UNCLEAR, VARIANT, WRONG, Finding
from normlab.check.runner import Checked, check_file
from normlab.check.solution import CheckError
from normlab.messages import unknown_name
from normlab.plain import printable

_PASSED_BY = {"__pycache__", "site-packages", "node_modules", "build", "dist"}
_MOST = 2000  # files of one folder


def submitted(path) -> list[Path]:
    """The files to check at a path: itself, or those of a folder; a CheckError if there are none.

    Of a folder all Python files are taken that define a name of the assignment, in the order of
    their paths, but for those in hidden folders and in folders of packages.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise CheckError(f"no file {path}; pass a Python file, or a folder, with your own layers")
    if not path.is_dir():
        return [path]
    found = []
    for folder, inner, names in os.walk(path):
        inner[:] = sorted(n for n in inner if n[0] not in "._" and n not in _PASSED_BY)
        found += [Path(folder, name) for name in sorted(names) if name.endswith(".py")]
        if len(found) > _MOST:
            raise CheckError(f"{path} holds more than {_MOST} Python files; pass a smaller folder")
    found = [file for file in found if _defined(file) & set(CHECKS)]
    if not found:
        raise CheckError(
            f"no file in {path} defines a name of the assignment, such as affine_forward or "
            "FullyConnectedNet"
        )
    return found


def check_submission(files, only=(), **limits) -> dict[Path, Checked | CheckError]:
    """What `check_file` finds of each file, or why it cannot be checked.

    With ``only``, files that define none of the names are left out.
    """
    for name in only:
        if name not in CHECKS:
            raise CheckError(unknown_name("function", name, CHECKS))
    checked = {}
    for file in files:
        if only and not _defined(file) & set(only):
            continue
        try:
            checked[file] = check_file(file, only, **limits)
        except CheckError as error:
            checked[file] = error
    if not checked:
        raise CheckError(f"no file defines {', '.join(only)}")
    return checked


def as_json(checked) -> list[dict]:
    """One object a function or class: file, name, state, errors, notes, cause, place.

    A file that cannot be checked is one object with the state "unclear" and no name. An error is
    null where nothing was compared, or where one side is no finite number.
    """
    told = []
    for file, found in checked.items():
        failed = isinstance(found, CheckError)
        findings = [Finding("", UNCLEAR, notes=[str(found)])] if failed else found.findings
        told += [
            {
                "file": str(file),
                "name": finding.name or None,
                "state": finding.state.lower(),
                "errors": {k: _finite(getattr(finding, k)) for k in ("library", "numerical")},
                "notes": finding.notes,
                "cause": finding.cause,
                "line": finding.line,
            }
            for finding in findings
        ]
    return told


def as_table(checked) -> str:
    """A line a file: how many functions are in each state, and the names of those not right."""
    states = (RIGHT, VARIANT, WRONG, EMPTY, UNCLEAR)
    width = max(len(printable(str(file))) for file in checked)
    lines = [f"{'':{width}}" + "".join(f"  {state:>7}" for state in states)]
    for file, found in checked.items():
        name = f"{printable(str(file)):{width}}"
        if isinstance(found, CheckError):
            lines.append(f"{name}  {found}")
            continue
        counts = [sum(f.state == state for f in found.findings) for state in states]
        odd = ", ".join(f.name for f in found.findings if not f.is_right)
        lines.append(f"{name}{''.join(f'  {n or chr(45):>7}' for n in counts)}  {odd}".rstrip())
    return "\n".join(lines)


def _finite(error):
    return error if error is not None and math.isfinite(error) else None


def _defined(file):
    """Names of functions and classes at the top of a file, also of one with errors of syntax."""
    try:
        source = file.read_bytes()
        tree = ast.parse(source)
    except (OSError, MemoryError, RecursionError):
        return set()
    except (SyntaxError, ValueError):
        text = source.decode("utf-8", "replace")
        return set(re.findall(r"^(?:def|class)\s+(\w+)", text, re.MULTILINE))
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name for node in tree.body if isinstance(node, kinds)}
