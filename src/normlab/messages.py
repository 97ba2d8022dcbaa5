"""How normlab words an error: the value that is wrong, then the way out."""

import difflib
from collections.abc import Iterable


def unknown_name(what: str, name: object, choices: Iterable[str]) -> str:
    """One line that refuses ``name`` and offers the nearest of ``choices``.

    >>> unknown_name("update_rule", "adams", ["sgd", "adam"])
    "unknown update_rule 'adams'; did you mean 'adam'? (choose from adam, sgd)"
    """
    choices = sorted(choices)
    return f"unknown {what} {name!r}{nearest(name, choices)} (choose from {', '.join(choices)})"


def nearest(name: object, choices: Iterable[str]) -> str:
    """The end of a line that offers the nearest of ``choices``; empty if none is near."""
    near = difflib.get_close_matches(str(name), sorted(choices), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def shown(value: object) -> str:
    """Show a value of a wrong type on one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"of type {type(value).__name__}"


def entry(name: str, index: Iterable[int]) -> str:
    """Name an entry of an array: "x[0, 1]", or "x" where it has no axis."""
    place = ", ".join(map(str, index))
    return f"{name}[{place}]" if place else name
