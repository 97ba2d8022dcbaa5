"""What is broken, and which tests have to notice: the functions are found in the source."""

import ast
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Suite(NamedTuple):
    """A package, and the tests that are to hold its backward passes.

    Beside every function with "backward" in its name, ``also`` names the functions that work on
    gradients under another name, and ``apart`` the modules whose functions do not.
    """

    package: str
    tests: str
    also: frozenset
    apart: frozenset = frozenset()


class Target(NamedTuple):
    """A function to break.

    Attributes
    ----------
    name : str
        "normlab.nn.network.Network.backward".
    path : str
        Its file, from the root of the project on.
    pattern : str
        What its mutants are called by mutmut.
    """

    name: str
    path: str
    pattern: str


SUITES = (
    Suite(
        "normlab.nn",
        "tests/nn",
        frozenset({"softmax_loss", "svm_loss", "Network.loss", "Network.penalized"}),
        frozenset({"door", "layer"}),
    ),
)


def targets(suite, root=ROOT):
    """List the functions of a suite, in the order of their files and lines."""
    folder = root / "src" / suite.package.replace(".", "/")
    found = []
    for path in sorted(p for p in folder.rglob("*.py") if p.stem not in suite.apart):
        for class_name, function in _functions(ast.parse(path.read_text("utf-8"))):
            if _is_target(suite, class_name, function.name):
                found.append(_target(path.relative_to(root), class_name, function))
    return found


def _functions(tree):
    """(name of its class or None, syntax tree) of each function and method of a module.

    Methods with decorators, such as properties, are left out, as mutmut does.
    """
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield None, node
        elif isinstance(node, ast.ClassDef):
            methods = (child for child in node.body if isinstance(child, ast.FunctionDef))
            yield from ((node.name, child) for child in methods if not child.decorator_list)


def _is_target(suite, class_name, name):
    return "backward" in name or _joined(class_name, name) in suite.also


def _target(path, class_name, function):
    module = ".".join(path.with_suffix("").parts[1:])
    mangled = f"xǁ{class_name}ǁ{function.name}" if class_name else f"x_{function.name}"
    return Target(
        name=f"{module}.{_joined(class_name, function.name)}",
        path=path.as_posix(),
        pattern=f"{module}.{mangled}__mutmut_*",
    )


def _joined(class_name, name):
    return f"{class_name}.{name}" if class_name else name
