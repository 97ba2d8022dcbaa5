"""Check a file in processes of its own, so that no loop, exit or print of it does harm here."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from normlab.check.assignment import CHECKS
from normlab.check.findings import WRONG, Finding
from normlab.check.worker import LOADING
from normlab.messages import unknown_name

TIMEOUT = 60.0  # seconds for one function, and for loading the file


class CheckError(ValueError):
    """A file that cannot be checked; one line says why and the way out."""


class Checked(NamedTuple):
    """What was found: a Finding a function, in the order of the assignment, and further lines."""

    findings: list[Finding]
    hints: list[str]


class _Lines(NamedTuple):
    """What one process wrote: its lines, the trace of a time limit, and its exit code."""

    lines: list[dict]
    trace: str
    code: int


def check_file(path, only=(), timeout: float = TIMEOUT) -> Checked:
    """Check the functions that a file defines under the assignment's names.

    Parameters
    ----------
    path : str or Path
        A Python file. It is run, in a process of its own; what it prints is thrown away.
    only : sequence of str
        Names to check; all if empty.
    timeout : float
        Seconds for each function. A function that takes longer is wrong, and so is one that
        ends Python; the rest is then checked in a new process.

    Returns
    -------
    Checked

    Raises
    ------
    CheckError
        No such file, one that cannot be loaded, or one without a function to check.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise CheckError(f"no file {path}; pass the path of a Python file with your own layers")
    if not 0 < timeout < 1e6:
        raise CheckError(f"timeout is {timeout:g}; expected seconds above 0")
    for name in only:
        if name not in CHECKS:
            raise CheckError(unknown_name("function", name, CHECKS))
    found, broken, about = {}, [], {}
    while True:
        process = _run(path, only, timeout, list(found), broken)
        current = LOADING
        for line in process.lines:
            current = line.get("begin", current)
            if "refused" in line:
                raise CheckError(line["refused"])
            if "own" in line:
                about = line
            if "finding" in line:
                found[line["finding"]["name"]] = Finding(**line["finding"])
        if process.lines and "end" in process.lines[-1]:
            break
        why = _why_it_ended(process, path, timeout)
        if current == LOADING or current in found:
            raise CheckError(f"{path.name} {why} while it was loaded; mend that first")
        found[current] = Finding(current, WRONG, notes=[why])
        broken.append(current)
    _refuse_nothing(path, found, only, about)
    return Checked([found[name] for name in CHECKS if name in found], about["hints"])


def _run(path, only, timeout, done, broken):
    """One process, ended with all that it started."""
    with tempfile.TemporaryDirectory(prefix="normlab-") as folder:
        results, trace = Path(folder) / "results", Path(folder) / "trace"
        request = {
            "path": str(path.absolute()), "results": str(results), "trace": str(trace),
            "timeout": timeout, "only": list(only), "done": done, "broken": broken,
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-PB", "-m", "normlab.check.worker", json.dumps(request)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env=os.environ | {"MPLBACKEND": "Agg"},
        )  # fmt: skip
        try:
            code = process.wait()
        finally:
            process.kill()
            if hasattr(os, "killpg"):  # and what the file has started
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if not results.exists():
            raise CheckError(f"the process for {path.name} ended with exit code {code} at once")
        lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
        return _Lines(lines, trace.read_text("utf-8", "replace"), code)


def _why_it_ended(process, path, timeout):
    if process.trace:
        name = re.escape(path.name.encode("ascii", "backslashreplace").decode())
        line = re.search(rf'{name}", line (\d+)', process.trace)
        at = f" (it was at line {line[1]})" if line else ""
        return f"does not come to an end within {timeout:g} s{at}"
    if process.code < 0:
        return f"ends Python by signal {-process.code}"
    return f"ends Python with exit code {process.code}"


def _refuse_nothing(path, found, only, about):
    """A CheckError if there was nothing to check."""
    if found:
        return
    own = about["own"]
    defined = [name for name in CHECKS if name in own]
    if only and defined:
        raise CheckError(f"{path.name} defines no {', '.join(only)}; choose {', '.join(defined)}")
    near = "; ".join(about["hints"])
    known = ", ".join(CHECKS)
    raise CheckError(
        f"{path.name} defines no function under a name of the assignment"
        + (f"; {near}" if near else f" (names: {known})")
    )
