"""The parameters of notebooks: read from their parameters cell, checked before a kernel starts."""

import ast
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from normlab.messages import unknown_name
from normlab.report.errors import BuildError

_TYPES = {"int": int, "float": float, "str": str, "bool": bool, "list": list}


class Parameter(NamedTuple):
    """One typed line of a parameters cell; its comment is the help."""

    name: str
    type: str
    default: object
    help: str

    def parse(self, text: str):
        """The value that a person typed after ``name=``; refuses what is not of the type."""
        value = text
        if self.type != "str":
            try:
                value = ast.literal_eval(text.strip())
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                value = text
        if self.type == "float" and type(value) is int and abs(value) < 1e300:
            value = float(value)
        if type(value) is not _TYPES[self.type] or not _is_finite(value):
            raise BuildError(
                f"parameter {self.name}: {text!r} is not of type {self.type}; "
                f"for example {self.name}={self.default}"
            )
        return value


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """Parameters of a notebook, in their order."""
    import papermill

    found = papermill.inspect_notebook(str(notebook))
    if not found:
        raise BuildError(f"{notebook.name}: no cell is tagged 'parameters'; tag one")
    parameters = {}
    for name, entry in found.items():
        kind = entry["inferred_type_name"]
        if kind not in _TYPES:
            raise BuildError(
                f"{notebook.name}: parameter {name} has type {kind!r}; "
                f"annotate it as one of {', '.join(_TYPES)}"
            )
        try:
            default = ast.literal_eval(entry["default"])
        except (ValueError, SyntaxError):
            default = None
        if type(default) is not _TYPES[kind]:
            raise BuildError(
                f"{notebook.name}: parameter {name}: {entry['default']} is not a plain {kind}; "
                "write the value itself, and no # inside a string"
            )
        parameters[name] = Parameter(name, kind, default, entry["help"].strip())
    return parameters


def assign(
    assignments: Iterable[str], notebooks: Mapping[str, Mapping[str, Parameter]]
) -> dict[str, dict]:
    """Values for each notebook out of ``name=value`` texts.

    Parameters
    ----------
    assignments : iterable of str
        A name that some notebooks know goes to these; one that none knows is refused.
    notebooks : mapping
        Name of a notebook -> its parameters.

    Returns
    -------
    dict : name of a notebook -> the values that differ from its defaults
    """
    values = {name: {} for name in notebooks}
    known = {parameter for parameters in notebooks.values() for parameter in parameters}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise BuildError(f"-p {assignment}: expected name=value, for example -p seeds=3")
        if name not in known:
            raise BuildError("-p " + unknown_name("parameter", name, known))
        for notebook, parameters in notebooks.items():
            if name in parameters:
                value = parameters[name].parse(text)
                values[notebook].pop(name, None)
                if value != parameters[name].default:
                    values[notebook][name] = value
    return values


def all_values(parameters: Mapping[str, Parameter], values: Mapping) -> dict:
    """The value of each parameter of a notebook, out of ``values`` or else its default."""
    return {name: values.get(name, known.default) for name, known in parameters.items()}


def _is_finite(value):
    if isinstance(value, list):
        return all(_is_finite(item) for item in value)
    return not isinstance(value, float) or math.isfinite(value)
