"""A hash of code that changes when what it computes may change, and not before.

It is taken from the syntax trees of modules, without docstrings, comments and
layout, and it is the same under every version of Python.

A process computes with the code that it loaded, whatever has become of the files since. So
the sources are read once more when normlab is imported, before any module that computes is:
`AT_IMPORT` holds them, and what trains is compiled from there, not from a file that was edited
meanwhile, nor from bytecode of an edit that kept size and time.
"""

import ast
import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.util import resolve_name
from pathlib import Path

RUNS = ("normlab", "normlab.arithmetic", "normlab.nn", "normlab.training")
"""What trains: packages count with all that lies in them, whoever imports it."""

PAGES = (
    *RUNS,
    *(
        "normlab.data",
        "normlab.experiments",
        "normlab.runs",
        "normlab.stats",
        "normlab.ledger",
        "normlab.show",
        "normlab.study",
    ),
    *("normlab.report.execute", "normlab.report.pages"),
)
"""What makes a page out of a notebook."""

# What may refuse, wait or tell, but changes no number, sentence or picture.
_SILENT = {
    f"normlab.{name}"
    for name in (
        *("check", "codehash", "cores", "handover", "locks", "messages", "nn.door", "whole"),
        *("report.errors", "report.files", "report.kernels", "report.lifeline", "report.limits"),
        *("report.lint", "report.logs", "report.manifest"),
        *("runs.progress", "runs.store", "show.playground"),
    )
}
_MODULE = r"(normlab|\.)[\w.]*"
_IGNORED_FIELDS = ("ctx", "kind", "type_comment", "type_params")


def sources() -> dict[str, bytes]:
    """The source of every module of normlab as it lies on disk now, by the module's full name."""
    root = Path(__file__).parent
    found = {}
    for path in files_of_package():
        parts = path.relative_to(root.parent).with_suffix("").parts
        if path.suffix == ".py" and path.stem.isidentifier():  # an editor's links are no modules
            with suppress(FileNotFoundError):  # it may be written anew at this moment
                found[".".join(parts).removesuffix(".__init__")] = path.read_bytes()
    return found


def files_of_package() -> Iterator[Path]:
    """Every file of normlab, bytecode left out, also in folders that are links."""
    seen = set()
    for folder, folders, names in os.walk(Path(__file__).parent, followlinks=True):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        if (real := os.path.realpath(folder)) in seen:  # links in a circle
            folders.clear()
        elif not seen.add(real):
            yield from (Path(folder) / name for name in sorted(names))


AT_IMPORT = sources()


_BELOW_RUNS = RUNS[1:]  # names that begin so


class _Loader(SourceFileLoader):
    """Makes a module of `AT_IMPORT`."""

    def get_code(self, fullname):
        return self.source_to_code(AT_IMPORT[fullname], self.path)


class _Finder:
    """Finds modules that train as Python does; those that are loaded again, from their file."""

    @staticmethod
    def find_spec(name, path, target=None):
        if not (name in AT_IMPORT and name.startswith(_BELOW_RUNS)) or target is not None:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(name, spec.origin)
        return spec


sys.meta_path.insert(0, _Finder)


def hash_code(rooms: tuple[str, ...], files: Mapping[str, bytes] | None = None) -> str:
    """SHA-256 of what `rooms` compute.

    Parameters
    ----------
    rooms : tuple of str
        Full names of modules and packages, such as `RUNS`. Everything below a package counts,
        and every module of normlab that one of them names, but for those that compute nothing.
    files : mapping, optional
        Name of a module -> source, as `sources` gives them; by default `AT_IMPORT`.

    Returns
    -------
    str, hexadecimal
    """
    files = AT_IMPORT if files is None else files
    packages = {name.rpartition(".")[0] for name in files}
    below = tuple(f"{room}." for room in rooms if room != "normlab")
    waiting = [name for name in files if name in rooms or name.startswith(below)]
    texts = {}
    while waiting:
        name = waiting.pop()
        if name in texts or name not in files or _is_silent(name):
            continue
        package = name if name in packages else name.rpartition(".")[0]
        texts[name], named = _read(files[name], package)
        waiting += named
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        digest.update(f"{name} {text}\n".encode())
    return digest.hexdigest()


def _is_silent(name):
    return any(name == silent or name.startswith(f"{silent}.") for silent in _SILENT)


@cache
def _read(source, package):
    """(canonical text of a module of ``package``, names of the modules that it names)."""
    tree = without_docstrings(ast.parse(source))
    named = set()
    for text in _named(tree):
        with suppress(ImportError):  # more dots than there are packages
            parts = resolve_name(text, package).split(".")
            named.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return canonical(tree), named


def _named(tree):
    """What a module imports, however it does, and what it holds as a text, for importlib."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (f"{node.module}." if node.module else "")
            yield from (f"{base}{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and re.fullmatch(_MODULE, str(node.value)):
            yield node.value


def without_docstrings(tree):
    """The same tree; its docstrings are taken out in place."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return tree


def canonical(node) -> str:
    """A syntax tree as text, without the fields that differ between versions of Python.

    Of an error that is raised, its kind counts and not its words.
    """
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        node = ast.Raise(node.exc.func, None)
    if isinstance(node, ast.JoinedStr):  # some versions put an empty text into an f-string
        node.values = [
            v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")
        ]
    if isinstance(node, ast.AST):
        fields = (
            f"{name}={canonical(value)}"
            for name, value in ast.iter_fields(node)
            if name not in _IGNORED_FIELDS and value not in (None, [])
        )
        return f"{type(node).__name__}({','.join(fields)})"
    if isinstance(node, list):
        return f"[{','.join(map(canonical, node))}]"
    return ascii(node)
