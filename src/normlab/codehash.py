"""A hash of code that changes when what it computes may change, and not before.

It is taken from the syntax trees of modules, without docstrings, comments and
layout, and it is the same under every version of Python.
"""

import ast
import hashlib
from pathlib import Path

_IGNORED_FIELDS = ("ctx", "kind", "type_comment", "type_params")


def hash_modules(*names: str) -> str:
    """SHA-256 of modules of normlab and of every module of normlab that they import.

    Parameters
    ----------
    *names : str
        Full names, such as "normlab.training.runs". They are read, not imported.

    Returns
    -------
    str, hexadecimal
    """
    digest = hashlib.sha256()
    for name, tree in sorted(_reachable(names).items()):
        digest.update(f"{name} {_canonical(_without_docstrings(tree))}\n".encode())
    return digest.hexdigest()


def _reachable(names):
    """Name -> syntax tree, for the modules and all that they import of normlab."""
    trees, waiting = {}, list(names)
    while waiting:
        name = waiting.pop()
        if name not in trees:
            trees[name] = ast.parse(_source(name).read_text("utf-8"))
            waiting += [other for other in _imports(trees[name]) if _source(other)]
    return trees


def _imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _source(name):
    """The file of a module of normlab, or None."""
    package, *parts = name.split(".")
    if package != __package__:
        return None
    path = Path(__file__).parent.joinpath(*parts)
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in candidates if file.is_file()), None)


def _without_docstrings(tree):
    for node in ast.walk(tree):
        documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            del node.body[0]
    return tree


def _canonical(node):
    """A syntax tree as text, without the fields that differ between versions of Python."""
    if isinstance(node, ast.JoinedStr):  # some versions put an empty text into an f-string
        node.values = [
            v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")
        ]
    if isinstance(node, ast.AST):
        fields = (
            f"{name}={_canonical(value)}"
            for name, value in ast.iter_fields(node)
            if name not in _IGNORED_FIELDS and value not in (None, [])
        )
        return f"{type(node).__name__}({','.join(fields)})"
    if isinstance(node, list):
        return f"[{','.join(map(_canonical, node))}]"
    return ascii(node)
