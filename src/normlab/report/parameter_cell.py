"""The parameters cell of a notebook, read by Python's own grammar: every line of it counts.

A line is ``name: type = default  # help``; whatever else stands in the cell is refused, so that
no parameter is lost without a word.
"""

import ast
import io
import tokenize
import warnings
from pathlib import Path

from normlab.plain import shown
from normlab.report.errors import BuildError, at
from normlab.report.parameters import TYPES, Parameter
from normlab.report.stored import read_notebook

TAG = "parameters"
_FORM = "write `name: type = value  # help`"
_TYPES = f"annotate it as one of {', '.join(TYPES)}"


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """Parameters of a notebook, in their order; BuildError names the cell and the line."""
    cells = enumerate(read_notebook(notebook).cells, start=1)
    tagged = [(number, cell) for number, cell in cells if TAG in cell.metadata.tags]
    if not tagged:
        raise BuildError(f"{notebook.name}: no cell is tagged {TAG!r}; tag one")
    (number, cell), *others = tagged
    if others:
        raise BuildError(
            f"{notebook.name}: cell {others[0][0]} is tagged {TAG!r}, as cell {number} is; "
            "put all parameters into one cell"
        )
    if cell.cell_type != "code":
        raise BuildError(f"{notebook.name}: cell {number} is tagged {TAG!r} but holds no code")
    source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
    parameters = _read(source, f"{notebook.name}: cell {number}, line")
    if not parameters:
        raise BuildError(
            f"{notebook.name}: cell {number} is tagged {TAG!r} and holds none; {_FORM}"
        )
    return parameters


def _read(source, place):
    parameters, last = {}, 0
    for node in _statements(source, place):
        with at(f"{place} {node.lineno}"):
            if node.lineno == last:
                raise BuildError("two parameters in one line; give each a line of its own")
            last = node.end_lineno
            parameter = _parameter(node, source)
            if parameter.name in parameters:
                raise BuildError(f"parameter {parameter.name} is there already")
            parameters[parameter.name] = parameter
    return parameters


def _statements(source, place):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source).body
    except SyntaxError as error:
        line = error.lineno or 1
        raise BuildError(f"{place} {line}: not Python ({error.msg}); {_FORM}") from error
    except (ValueError, MemoryError, RecursionError) as error:
        name = type(error).__name__
        raise BuildError(f"{place} 1: not Python ({name}); {_FORM}") from error


def _parameter(node, source):
    """The parameter of a statement; BuildError if it is none, or one without a good default."""
    text = shown(source.split("\n")[node.lineno - 1].strip())
    match node:
        case ast.AnnAssign(target=ast.Name(name), annotation=annotation, value=value, simple=1):
            kind = ast.get_source_segment(source, annotation)
        case ast.Assign(targets=[ast.Name(name)]):
            raise BuildError(f"parameter {name} has no type; {_TYPES}")
        case _:
            raise BuildError(f"{text} is no parameter; {_FORM}")
    if kind not in TYPES:
        raise BuildError(f"parameter {name} has type {shown(kind)}; {_TYPES}")
    if value is None:
        raise BuildError(f"parameter {name} has no value; {_FORM}")
    try:
        default = ast.literal_eval(value)
    except (ValueError, TypeError, MemoryError, RecursionError):
        default = None
    if type(default) is not TYPES[kind]:
        way = f"{default}.0" if kind == "float" and type(default) is int else "the value itself"
        raise BuildError(f"parameter {name}: {text} gives no plain {kind}; write {way}")
    parameter = Parameter(name, kind, default, _comments(source, node))
    parameter.check_help()
    parameter.check(default)
    return parameter


def _comments(source, node):
    """What the comments in the lines of a statement say."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return " ".join(
        token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT and node.lineno <= token.start[0] <= node.end_lineno
    )
