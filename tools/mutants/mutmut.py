"""Runs mutmut on one suite, in a folder of its own."""

import ast
import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.mutants.targets import ROOT, targets

MUTMUT = Path(sys.executable).with_name("mutmut")
CONFIG = """\
[mutmut]
source_paths = src
only_mutate =
  {files}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args =
  -p
  no:cacheprovider
use_git_change_detection = false
"""


def version():
    """The version of mutmut, such as "3.8.1"."""
    return _output(ROOT, "--version").split()[-1]


def run(suite, folder):
    """Break every function of the suite, one small change at a time.

    Parameters
    ----------
    suite : Suite
    folder : Path
        Made anew; holds a copy of the source and the tests, and mutmut.log.

    Returns
    -------
    dict, name of function -> {"mutants": count, "survivors": list of changes};
    a change is a dict of the line "before" and "after". What ends in any other way than with a
    failing test, as by a time limit, counts as survivor.

    Raises
    ------
    RuntimeError
        mutmut fails, as it does if the tests fail on the code as it is, or breaks nothing.
    """
    chosen = targets(suite)
    _lay_out(suite, chosen, folder)
    with (folder / "mutmut.log").open("w") as log:
        command = [MUTMUT, "run", *(target.pattern for target in chosen)]
        ended = subprocess.run(command, cwd=folder, env=_environment(), stdout=log, stderr=log)
    if ended.returncode:
        raise RuntimeError(f"mutmut ended with {ended.returncode}; see {folder}/mutmut.log")
    statuses = dict(re.findall(r"(?m)^ +(\S+): (.+)$", _output(folder, "results", "--all", "1")))
    results = {target.name: _results(target, statuses, folder) for target in chosen}
    for name, result in results.items():
        if not result["mutants"]:
            raise RuntimeError(f"mutmut breaks nothing in {name}; see {folder}/mutmut.log")
    return results


def _lay_out(suite, chosen, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("src", "tests/conftest.py", suite.tests, "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, folder / name)
    paths = sorted({target.path for target in chosen})
    for path in paths:
        text = (folder / path).read_text("utf-8")
        (folder / path).write_text(undecorated(text), "utf-8")
    files = "\n  ".join(paths)
    (folder / "setup.cfg").write_text(CONFIG.format(files=files, tests=suite.tests), "utf-8")


def undecorated(text):
    """A module whose functions are declared after they are defined: mutmut skips decorated ones."""
    lines = text.splitlines()
    functions = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    for node in reversed([node for node in functions if node.decorator_list]):
        calls = [ast.get_source_segment(text, decorator) for decorator in node.decorator_list]
        declared = [f"{node.name} = {call}({node.name})" for call in reversed(calls)]
        lines[node.end_lineno : node.end_lineno] = ["", *declared]
        del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines) + "\n"


def _results(target, statuses, folder):
    mutants = [name for name in statuses if fnmatch.fnmatchcase(name, target.pattern)]
    return {
        "mutants": len(mutants),
        "survivors": [_change(name, folder) for name in mutants if statuses[name] != "killed"],
    }


def _change(mutant, folder):
    """The line that a mutant changes, before and after."""
    lines = _output(folder, "show", mutant).splitlines()
    before, after = (
        " ".join(line[1:].strip() for line in lines if re.match(rf"[{sign}](?![{sign}])", line))
        for sign in "-+"
    )
    return {"before": before, "after": after}


def _output(folder, *arguments):
    ended = subprocess.run(
        [MUTMUT, *arguments], cwd=folder, env=_environment(), capture_output=True, check=True
    )
    return ended.stdout.decode()


def _environment():
    """One BLAS thread a process: the mutants share the cores."""
    return os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
