"""Load a student's file; what stands in for neighbours of it that cannot be imported.

Loaded by its path in the student's process, so it needs NumPy and the standard library alone.
"""

import builtins
import importlib.util
import sys
import types
from pathlib import Path

import numpy as np

MODULE = "own_layers"  # under which a file is loaded
LONGEST = 200  # characters of a reason


class StandInError(ImportError):
    """Something was called that a module would have brought which cannot be imported."""


class Absent:
    """A name of such a module: it can be decorated with, inherited from, but not called later."""

    loading = True

    def __init__(self, name, why):
        self.__dict__.update(name=name, why=why)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.name}.{name}", self.why)

    def __call__(self, *_, **__):
        """While files load, itself, as a decorator; later a StandInError."""
        if Absent.loading:
            return self
        raise StandInError(f"needs {self.name}, and {self.why}")

    def __mro_entries__(self, _):
        return ()


class AbsentModule(types.ModuleType):
    """A module that cannot be imported; it has whatever it is asked for."""

    def __init__(self, name, why):
        super().__init__(name)
        self.__path__, self.__all__ = [], []
        self.why = why

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return range if name == "xrange" else Absent(f"{self.__name__}.{name}", self.why)


def load(code, path, levels, package):
    """The module of a file, and why others that it imports were stood in for, by name.

    It is run as it is. If that fails, once more with what stands in; if that fails as well, with
    the first error. ``levels`` is how many packages its relative imports go up, whose names begin
    with ``package``.
    """
    before, module = set(sys.modules), _module(path, levels, package)
    try:
        exec(code, vars(module))
        return module, {}
    except Exception as error:
        first = error
    for name in set(sys.modules) - before:
        del sys.modules[name]
    module = _module(path, levels, package)
    try:
        return module, _run(code, vars(module))
    except Exception:
        raise first from None


def _module(path, levels, package):
    """A new module for the file, in as many empty packages as its relative imports go up.

    What Python does not find elsewhere it finds in the file's folder, in the three above and in
    the current one.
    """
    folders = [path.parent, *path.parent.parents][:4]
    sys.path += [name for name in map(str, (*folders, Path.cwd())) if name not in sys.path]
    names = []
    for folder in reversed(folders[:levels]):
        names.append(f"{package}{len(names)}")
        package = types.ModuleType(".".join(names))
        package.__path__ = [str(folder)]
        sys.modules[package.__name__] = package
    module = types.ModuleType(".".join([*names, MODULE]))
    module.__file__, module.__package__ = str(path), ".".join(names)
    sys.modules[module.__name__] = module
    return module


def _run(code, space):
    """Run a module's code; what it cannot import is stood in for."""
    real, missing = builtins.__import__, {}

    def importing(name, space=None, local=None, wanted=(), level=0):
        package = (space or {}).get("__package__") or ""
        full = importlib.util.resolve_name("." * level + name, package) if level else name
        try:
            module = real(name, space, local, wanted, level)
        except Exception as error:
            missing[full] = why = f"{full} does not load: {_told(error)}"
            _put(full, why)
            module = real(name, space, local, wanted, level)
        for each in wanted or ():
            if each != "*" and not hasattr(module, each):
                missing[f"{full}.{each}"] = why = f"{full} has no {each}"
                setattr(module, each, Absent(each, why))
        return module

    builtins.__import__, Absent.loading = importing, True
    try:
        exec(code, space)
    finally:
        builtins.__import__, Absent.loading = real, False
    return missing


def _put(full, why):
    """Put a stand-in into sys.modules, and for packages around it that are missing too."""
    parts = full.split(".")
    for end in range(1, len(parts) + 1):
        name = ".".join(parts[:end])
        if end == len(parts) and parts[-1].startswith("im2col_cython"):
            sys.modules[name] = module = types.ModuleType(name)
            vars(module).update(COMPILED)
        elif end == len(parts) or name not in sys.modules:
            sys.modules[name] = AbsentModule(name, why)
        if end > 1:
            setattr(sys.modules[".".join(parts[: end - 1])], parts[end - 1], sys.modules[name])


def _told(error):
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        text = f"{text.partition('(')[0].strip()} (line {error.lineno})"
        if "Missing parentheses in call to" in text:
            text = f"it is Python 2 code; {text}"
    return text[:LONGEST]


# The functions of the course's im2col_cython, which has to be compiled.


def im2col(x, height, width, padding, stride):
    """Windows of images as columns, (C height width, H' W' N)."""
    border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    view = np.lib.stride_tricks.sliding_window_view(np.pad(x, border), (height, width), (2, 3))
    windows = view[:, :, ::stride, ::stride].transpose(1, 4, 5, 2, 3, 0)
    return windows.reshape(x.shape[1] * height * width, -1)


def col2im(cols, n, c, h, w, height, width, padding, stride):
    """The way back of `im2col`: columns added up."""
    down, across = (
        1 + (size + 2 * padding - own) // stride for size, own in ((h, height), (w, width))
    )
    six = cols.reshape(c, height, width, down, across, n).transpose(0, 1, 2, 5, 3, 4)
    return col2im_6d(six, n, c, h, w, height, width, padding, stride)


def col2im_6d(cols, n, c, h, w, height, width, padding, stride):
    """The same of columns of shape (C, height, width, N, H', W')."""
    down, across = cols.shape[4:]
    x = np.zeros((n, c, h + 2 * padding, w + 2 * padding), cols.dtype)
    for i in range(height):
        for j in range(width):
            rows, columns = (slice(k, k + stride * m, stride) for k, m in ((i, down), (j, across)))
            x[:, :, rows, columns] += cols[:, i, j].transpose(1, 0, 2, 3)
    return x[:, :, padding : padding + h, padding : padding + w]


COMPILED = {"im2col_cython": im2col, "col2im_cython": col2im, "col2im_6d_cython": col2im_6d}
