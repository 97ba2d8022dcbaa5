"""The parameters of notebooks: what a person sets, checked before a kernel starts.

The help of a parameter may end with what values are allowed: ``(2 or more)``, ``(more than 0)``,
``(0 to 1)``, or ``(one of sgd, adam)``. For a list that holds for each item, and there must be
one. The items of a list are of the types that its default's are.
"""

import ast
import math
import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from normlab.messages import unknown_name
from normlab.plain import printable, short, shown
from normlab.report.errors import BuildError
from normlab.report.parameter_file import read_values

TYPES = {"int": int, "float": float, "str": str, "bool": bool, "list": list}
"""What a parameter may be annotated with."""

_LARGEST = 2**63 - 1  # of whole numbers
_LONGEST = 1000  # letters of a text, items of a list
_NUMBER = r"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
_RULES = {
    rf"\({_NUMBER} or more\)$": lambda value, least: value >= float(least),
    rf"\(more than {_NUMBER}\)$": lambda value, least: value > float(least),
    rf"\({_NUMBER} to {_NUMBER}\)$": lambda value, a, b: float(a) <= value <= float(b),
    r"\(one of ([^()]+)\)$": lambda value, names: value in names.split(", "),
}
# What a person may mean as a rule; if it is none of these at the end of the help, it rules nothing.
_MEANT = re.compile(
    r"\([^()]*(?:\bone of\b|\bor (?:more|less|fewer)\b|\b(?:more|less|fewer|greater) than\b|"
    r"\bat (?:least|most)\b|\bbetween\b|\d to -?\.?\d|[<>≤≥])[^()]*\)"
)


class Parameter(NamedTuple):
    """One typed line of a parameters cell; its comment is the help."""

    name: str
    type: str
    default: object
    help: str

    def parse(self, text: str):
        """The value that a person typed after ``name=``; refuses what is not of the type."""
        value = text
        if self.type == "bool" and text.strip() in ("true", "false"):
            value = text.strip() == "true"
        elif self.type != "str":
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    value = ast.literal_eval(text.strip())
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                value = text
        return self.check(value, text)

    def check(self, value, text=None):
        """A value of the right type and within its bounds; as ``text`` somebody typed it."""
        given = shown(value if text is None else text)
        default = self.default if self.type == "str" else shown(self.default)
        example = f"for example {self.name}={short(default)}"
        if text is None and value == self.default:
            example = "write another default"
        kinds = {type(item) for item in self.default} if self.type == "list" else set()
        if self.type == "float":
            value = _as_float(value)
        if float in kinds and type(value) is list:
            value = [_as_float(item) for item in value]
        if type(value) is not TYPES[self.type] or not _is_plain(value):
            raise self._refusal(f"{given} is not of type {self.type}; {example}")
        items = value if self.type == "list" else [value]
        if kinds and not {type(item) for item in items} <= kinds:
            names = " or ".join(sorted(kind.__name__ for kind in kinds))
            raise self._refusal(f"{given} is not a list of {names}; {example}")
        if self.type in ("list", "str") and len(value) > _LONGEST:
            raise self._refusal(f"{given} is longer than {_LONGEST}; {example}")
        if not items and any(re.search(rule, self.help) for rule in _RULES):
            raise self._refusal(f"the list is empty; {example}")
        for item in items:
            if type(item) is int and abs(item) > _LARGEST:
                raise self._refusal(f"{given} is too large; {example}")
            if type(item) is str and printable(item) != item:
                raise self._refusal(f"{given} holds a sign that no page can show; {example}")
            self._check_bounds(item, given)
        return value

    def check_help(self) -> None:
        """Refuse a help with bounds that would not bind."""
        rest = self.help
        for rule in _RULES:
            rest = re.sub(rule, "", rest)
        if found := _MEANT.search(rest):
            raise self._refusal(
                f"{shown(found[0])} bounds nothing; end the help with one of (2 or more), "
                "(more than 0), (0 to 1), (one of sgd, adam)"
            )

    def _check_bounds(self, value, given):
        for pattern, holds in _RULES.items():
            if not (found := re.search(pattern, self.help)):
                continue
            number = type(value) in (int, float)
            if number == pattern.startswith(r"\(one of") or not holds(value, *found.groups()):
                raise self._refusal(f"{given} is not allowed; expected {found[0].strip('()')}")

    def _refusal(self, why):
        return BuildError(f"parameter {self.name}: {why}")


def assign(
    assignments: Iterable[str | tuple[str, str]], notebooks: Mapping[str, Mapping[str, Parameter]]
) -> dict[str, dict]:
    """Name of a notebook -> the values that differ from its defaults.

    ``assignments`` are ``name=value`` texts as a person types them, and (name, text) pairs as a
    file holds them; of two for one parameter the later counts. A name that some of the
    ``notebooks`` know goes to these; one that none knows is refused.
    """
    values = {name: {} for name in notebooks}
    known = {parameter for parameters in notebooks.values() for parameter in parameters}
    for assignment in assignments:
        name, given = _split(assignment)
        if name not in known:
            raise BuildError(unknown_name("parameter", short(name), known))
        for notebook, parameters in notebooks.items():
            if name in parameters:
                value = parameters[name].parse(given)
                values[notebook].pop(name, None)
                if value != parameters[name].default:
                    values[notebook][name] = value
    return values


def _split(assignment):
    if not isinstance(assignment, str):
        name, text = assignment
    else:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise BuildError(f"-p {short(name)}: expected name=value, for example -p seeds=3")
    return unicodedata.normalize("NFKC", name), text  # as Python reads names


def all_values(parameters: Mapping[str, Parameter], values: Mapping) -> dict:
    """The value of each parameter of a notebook, out of ``values`` or else its default."""
    return {name: values.get(name, known.default) for name, known in parameters.items()}


def expand_profiles(
    assignments: Iterable[str | tuple[str, str]],
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
        if given not in profiles:
            raise BuildError(unknown_name("profile", short(given), profiles))
        pairs += [pair for pair in read_values(profiles[given]) if pair[0] in known]
    return pairs + rest


def _as_float(value):
    """A whole number as the float that it means; anything else as it is."""
    return float(value) if type(value) is int and abs(value) < 1e300 else value


def _is_plain(value):
    """Whether a value is finite, and a list one of finite numbers, texts and truth values."""
    if isinstance(value, list):
        return all(type(item) in (int, float, str, bool) and _is_plain(item) for item in value)
    return not isinstance(value, float) or math.isfinite(value)
