"""A twin belongs to one version of its layer: whether that is the version which is loaded.

Else somebody would change eps in a layer, and nothing would move.
"""

import ast
import functools
import hashlib
import importlib
import inspect
from types import CodeType, FunctionType

from normlab import codehash

# What each twin was written for: the modules of normlab.nn, and the hash of their code, without
# comments, docstrings and words of errors. When a twin has followed its layer, a test prints these.
TWINS = {
    "affine": ("layers.affine", "32a0c489c679ab0d"),
    "relu": ("layers.relu", "5d6fde1fff1db8b9"),
    "dropout": ("layers.dropout", "3419bbab988699fd"),
    "batchnorm": (
        "layers.normalization.batchnorm",
        "layers.normalization.standardize",
        "ac46df6ca24bd4aa",
    ),
    "layernorm": (
        "layers.normalization.layernorm",
        "layers.normalization.standardize",
        "f562debc3892a5cc",
    ),
    "update rules": ("optimizers", "31d255dac3b541f4"),
    "net": ("network", "solver", "layers.layer", "options", "47d78657ca7dea62"),
}


def edited() -> list[str]:
    """The twins that stand aside, because a file or a function in memory is another one."""
    return [name for name in TWINS if version(name) != TWINS[name][-1] or _is_replaced(name)]


@functools.cache
def version(name: str) -> str:
    """The hash of the code that a twin goes with, as it was when normlab was imported."""
    texts = []
    for module in _modules(name):
        tree = codehash.without_docstrings(ast.parse(codehash.AT_IMPORT[module]))
        texts.append(codehash.canonical(tree))
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _modules(name):
    return [f"normlab.nn.{module}" for module in TWINS[name][:-1]]


def _is_replaced(twin):
    """Whether a function of the modules is not the one that their source defines."""
    for module in _modules(twin):
        live = vars(importlib.import_module(module))
        for name, home, attribute in _imports(module):
            if live.get(name) is not getattr(importlib.import_module(home), attribute):
                return True
        for qualname, code in _functions(module).items():
            owner, _, attribute = qualname.rpartition(".")
            found = vars(live[owner]).get(attribute) if owner else live.get(attribute)
            if getattr(_body(found), "__code__", None) != code:
                return True
            layer = getattr(found, "layer", None)
            if layer and layer.forward is not found:
                return True
            if layer and live.get(layer.backward.__name__) is not layer.backward:
                return True
    return False


def is_written_for(layer) -> bool:
    """Whether a twin of this name goes with this very record, and not with one made elsewhere."""
    if layer.name not in TWINS:
        return False
    home = importlib.import_module(_modules(layer.name)[0])
    return getattr(home, layer.forward.__name__, None) is layer.forward


def _body(found):
    """The function as it was written, below what a declaration has put around it."""
    if isinstance(found, property):
        return found.fget
    found = getattr(found, "formula", found)
    return inspect.unwrap(found) if isinstance(found, FunctionType) else found


@functools.cache
def _imports(module):
    """(name, module, name there) of what a module imports from others of normlab."""
    tree = ast.parse(codehash.AT_IMPORT[module])
    return [
        (alias.asname or alias.name, node.module, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module.startswith("normlab")
        for alias in node.names
    ]


@functools.cache
def _functions(module):
    """Qualified name -> code of each function and method of a module, from its source."""
    whole = compile(codehash.AT_IMPORT[module], "", "exec", dont_inherit=True)
    classes = [c for c in whole.co_consts if isinstance(c, CodeType)]
    inner = [c for code in classes for c in code.co_consts if isinstance(c, CodeType)]
    return {
        code.co_qualname: code
        for code in (*classes, *inner)
        if code.co_flags & inspect.CO_NEWLOCALS and "<" not in code.co_qualname
    }
