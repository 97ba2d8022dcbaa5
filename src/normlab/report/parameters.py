"""The parameters of notebooks: read from their parameters cell, checked before a kernel starts.

A line of that cell is ``name: type = default  # help``, and the help may end with what values
are allowed: ``(2 or more)``, ``(more than 0)``, ``(0 to 1)``, or ``(one of sgd, adam)``. For a
list that holds for each item, and there must be one.
"""

import ast
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from normlab.messages import unknown_name
from normlab.report.errors import BuildError

_TYPES = {"int": int, "float": float, "str": str, "bool": bool, "list": list}
_NUMBER = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_RULES = {
    rf"\({_NUMBER} or more\)$": lambda value, least: value >= float(least),
    rf"\(more than {_NUMBER}\)$": lambda value, least: value > float(least),
    rf"\({_NUMBER} to {_NUMBER}\)$": lambda value, a, b: float(a) <= value <= float(b),
    r"\(one of ([^()]+)\)$": lambda value, names: value in names.split(", "),
}


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
        return self.check(value, text)

    def check(self, value, text=None):
        """A value of the right type and within its bounds; as ``text`` somebody typed it."""
        shown = repr(value if text is None else text)
        shown = shown if len(shown) <= 100 else f"{shown[:100]}..."
        if self.type == "float" and type(value) is int and abs(value) < 1e300:
            value = float(value)
        if type(value) is not _TYPES[self.type] or not _is_plain(value):
            raise BuildError(
                f"parameter {self.name}: {shown} is not of type {self.type}; "
                f"for example {self.name}={self.default}"
            )
        if value == [] and any(re.search(rule, self.help) for rule in _RULES):
            raise BuildError(
                f"parameter {self.name}: the list is empty; for example {self.name}={self.default}"
            )
        for item in value if self.type == "list" else [value]:
            self._check_bounds(item, shown)
        return value

    def _check_bounds(self, value, shown):
        for pattern, holds in _RULES.items():
            if not (found := re.search(pattern, self.help)):
                continue
            number = type(value) in (int, float)
            if number == pattern.startswith(r"\(one of") or not holds(value, *found.groups()):
                raise BuildError(
                    f"parameter {self.name}: {shown} is not allowed; expected "
                    f"{found[0].strip('()')}"
                )


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
    assignments: Iterable[str | tuple], notebooks: Mapping[str, Mapping[str, Parameter]]
) -> dict[str, dict]:
    """Values for each notebook; of two for one parameter the later counts.

    Parameters
    ----------
    assignments : iterable of str or (name, value)
        ``name=value`` texts as a person types them, and pairs as a file holds them. A name that
        some notebooks know goes to these; one that none knows is refused.
    notebooks : mapping
        Name of a notebook -> its parameters.

    Returns
    -------
    dict : name of a notebook -> the values that differ from its defaults
    """
    values = {name: {} for name in notebooks}
    known = {parameter for parameters in notebooks.values() for parameter in parameters}
    for assignment in assignments:
        name, given = _split(assignment)
        if name not in known:
            raise BuildError(unknown_name("parameter", name, known))
        for notebook, parameters in notebooks.items():
            if name in parameters:
                parameter = parameters[name]
                value = parameter.parse(given) if isinstance(given, str) else parameter.check(given)
                values[notebook].pop(name, None)
                if value != parameter.default:
                    values[notebook][name] = value
    return values


def _split(assignment):
    if not isinstance(assignment, str):
        return assignment
    name, equals, text = assignment.partition("=")
    if not equals:
        raise BuildError(f"-p {assignment}: expected name=value, for example -p seeds=3")
    return name, text


def all_values(parameters: Mapping[str, Parameter], values: Mapping) -> dict:
    """The value of each parameter of a notebook, out of ``values`` or else its default."""
    return {name: values.get(name, known.default) for name, known in parameters.items()}


def expand_profiles(
    assignments: Iterable[str | tuple],
    folder: Path,
    notebooks: Mapping[str, Mapping[str, Parameter]],
) -> list:
    """Put what ``profile=NAME`` stands for in front of all other assignments.

    A profile is a YAML file in ``folder``, with values for all notebooks; each takes those that
    it knows.
    """
    known = {parameter for parameters in notebooks.values() for parameter in parameters}
    pairs, rest = [], []
    for assignment in assignments:
        name, given = _split(assignment)
        if name != "profile" or name in known:
            rest.append(assignment)
            continue
        profiles = {path.stem: path for path in folder.glob("*.yaml")}
        if not isinstance(given, str) or given not in profiles:
            raise BuildError(unknown_name("profile", given, profiles))
        pairs += [pair for pair in read_values(profiles[given]) if pair[0] in known]
    return pairs + rest


def read_values(path: Path) -> list[tuple]:
    """(name, value) pairs of a YAML file, such as ``seeds: 3``, for `assign`."""
    import yaml

    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror}; name a YAML file of parameters") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise BuildError(f"{path}: not YAML{line}; write a line `name: value` each") from error
    if not isinstance(found, dict):
        raise BuildError(f"{path}: holds no parameters; write a line `name: value` each")
    return list(found.items())


def _is_plain(value):
    """Whether a value is finite, and a list one of finite numbers, texts and truth values."""
    if isinstance(value, list):
        return all(type(item) in (int, float, str, bool) and _is_plain(item) for item in value)
    return not isinstance(value, float) or math.isfinite(value)
