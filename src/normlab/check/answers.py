"""What crosses the wire, as the judge sees it: arguments of a call, and what came back."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from normlab.check.text import one_line


@dataclass(frozen=True)
class Foreign:
    """What came back and is no array of plain numbers: its type, and what an array or dict has."""

    kind: str
    shape: tuple | None = None
    dtype: str = ""
    entries: dict | None = None


@dataclass(frozen=True)
class Kept:
    """A value that stays in the student's process, and the arrays in it as they were."""

    number: int
    index: int
    arrays: list


class Answer(NamedTuple):
    """What a function returned, its arguments afterwards, and the numbers of those it changed.

    Each value is an array, None or `Foreign`. ``kept`` are the values returned, to hand back.
    """

    result: object
    arguments: list
    changed: list
    kept: list


def stand_in(value, arrays):
    """What stands for an argument in a header; ``arrays`` gets (place, array) by identity."""
    if isinstance(value, np.ndarray):
        return {"array": arrays.setdefault(id(value), (len(arrays), value))[0]}
    if isinstance(value, Kept):
        return {"kept": [value.number, value.index]}
    if isinstance(value, type):
        return {"dtype": np.dtype(value).name}
    if isinstance(value, dict):
        return {"entries": {key: stand_in(entry, arrays) for key, entry in value.items()}}
    return value


def read_answer(told, arrays, sent, number):
    """The answer to a call; ValueError, TypeError or LookupError if it is none."""

    def value(shown):
        if shown is None:
            return None
        if "array" in shown:
            return arrays[shown["array"]]
        shape, entries = shown.get("shape"), shown.get("entries")
        return Foreign(
            one_line(shown["type"]),
            None if shape is None else tuple(shape),
            one_line(shown.get("dtype", "")),
            None if entries is None else {key: value(entry) for key, entry in entries.items()},
        )

    results = [value(shown) for shown in told["results"]]
    result = tuple(results) if told["many"] else results[0]
    if not number:
        return Answer(result, [], [], [])
    kept = [
        Kept(number, index, [value(shown) for shown in cache])
        for index, (_, cache) in enumerate(zip(results, told["kept"], strict=True))
    ]
    arguments, changed = [], []
    for index, (before, shown) in enumerate(zip(sent, told["arguments"], strict=True)):
        after = [value(part) for part in shown]
        if isinstance(before, dict) and after[0].entries is None:
            raise ValueError("a dict that is none")
        arguments.append(after[0] if after else None)
        parts = before.arrays if isinstance(before, Kept) else [before]
        looked_at = zip(parts, after, strict=True)
        if not all(same(*pair) for pair in looked_at if isinstance(pair[0], np.ndarray)):
            changed.append(index)
    return Answer(result, arguments, changed, kept)


def same(before, after) -> bool:
    """Whether two values are arrays of one dtype and shape with equal entries."""
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        return before.dtype == after.dtype and np.array_equal(before, after, equal_nan=True)
    return before is after is None
