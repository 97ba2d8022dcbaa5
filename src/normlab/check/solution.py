"""A student's file, loaded: the functions that it defines, called with care."""

import ast
import importlib.util
import re
import sys
import traceback
import types
import warnings
from pathlib import Path

import numpy as np

from normlab.check.findings import CannotTell, Flaw

_MODULE, _PACKAGE = "own_layers", "own_package"  # names under which the file is loaded
_REPLACED = {"past": "use range for xrange", "future": "Python 3 needs none of it"}


class LoadError(ValueError):
    """The file could not be loaded; one line says why and the way out."""


class Solution:
    """The functions of one file.

    ``broken`` names functions that must not be called, since they ended the process before.
    """

    def __init__(self, path: Path, namespace: dict, broken=()):
        self.path, self.broken = path, frozenset(broken)
        functions = {name: value for name, value in namespace.items() if callable(value)}
        self.functions = functions
        self.own = [
            name
            for name, function in functions.items()
            if getattr(function, "__module__", None) == namespace["__name__"]
        ]

    def __contains__(self, name):
        return name in self.functions

    def call(self, name: str, *arguments):
        """Return (what the function returned, the numbers of the arrays that it changed in place).

        Raises a Flaw that names the line if it raises anything, or a CannotTell if it is broken.
        """
        if name in self.broken:
            raise CannotTell(f"mend {name} first, which does not return")
        before = [a.copy() if isinstance(a, np.ndarray) else None for a in arguments]
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                result = self.functions[name](*arguments)
        except (Exception, SystemExit) as error:
            raise Flaw(f"raises {described(error, self.path)}") from None
        changed = [
            number
            for number, (old, new) in enumerate(zip(before, arguments, strict=True))
            if old is not None and not (old.shape == new.shape and np.array_equal(old, new))
        ]
        return result, changed


def load(path: Path, broken=()) -> Solution:
    """Run a student's file as a module.

    Relative imports are looked up in the folders around it, as if each were a package, and what
    Python does not find elsewhere in its folder, in the three above and in the current one.

    Effects: appends these folders to sys.path, adds modules to sys.modules.

    Raises
    ------
    LoadError
    """
    path = path.absolute()
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError) as error:  # ValueError: null bytes
        line = f", line {error.lineno}" if getattr(error, "lineno", None) else ""
        message = getattr(error, "msg", error)
        raise LoadError(f"{path.name}{line}: {message}; mend the syntax") from None
    folders = [path.parent, *path.parent.parents][:4]
    sys.path += [str(folder) for folder in (*folders, Path.cwd())]
    levels = max((n.level for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)), default=0)
    name = ".".join([*_packages(folders[:levels]), _MODULE])
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise LoadError(f"{path.name} is no Python file; pass a file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise LoadError(_no_import(error, path)) from None
    except (Exception, SystemExit) as error:
        hint = "put what is no function under if __name__ == '__main__':"
        raise LoadError(f"{path.name} raises {described(error, path)}; {hint}") from None
    return Solution(path, vars(module), broken)


def described(error: BaseException, path: Path) -> str:
    """Type, message and line in the student's file, on one line."""
    message = " ".join(str(error).split())
    message = f": {message[:200]}" if message else ""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename == str(path):
            return f"{type(error).__name__}{message} (line {frame.lineno}: {frame.line})"
    return f"{type(error).__name__}{message}"


def _packages(folders):
    """Names of empty packages, outermost first, that stand for the folders, innermost first."""
    names = []
    for folder in reversed(folders):
        names.append(f"{_PACKAGE}{len(names)}")
        package = types.ModuleType(".".join(names))
        package.__path__ = [str(folder)]
        sys.modules[package.__name__] = package
    return names


def _no_import(error, path):
    told = re.sub(rf"({_PACKAGE}\d\.)+", "", described(error, path))
    top = (error.name or "").partition(".")[0]
    if top in _REPLACED:
        return f"{path.name} raises {told}; delete that line, {_REPLACED[top]}"
    return (
        f"{path.name} raises {told}; put that module beside the file, or copy the functions to "
        "check into a file that needs NumPy alone"
    )
