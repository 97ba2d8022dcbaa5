"""What a check finds of one function, and how far two results are apart.

Errors are relative errors as in the assignment, the largest of ``|x - y| / (|x| + |y|)``, but with
a sum below 1e-3 counted as 1e-3, so that rounding noise where the true value is zero is not taken
for an error. Everything is computed in float64. A result counts as right below 1e-8 against the
library, and below 1e-5 against central differences with a step of 1e-5, which have half the digits.
"""

from dataclasses import dataclass, field

import numpy as np

from normlab import nn
from normlab.messages import entry

LIBRARY_TOLERANCE = 1e-8
NUMERICAL_TOLERANCE = 1e-5
FLOOR = 1e-3

RIGHT, VARIANT, WRONG, EMPTY, UNCLEAR = "right", "variant", "WRONG", "empty", "unclear"


@dataclass
class Finding:
    """One function or class: its state, its largest errors (None where none was compared), and why.

    A "variant" does what it should, by a formula that is not the assignment's. ``cause`` is the
    likely mistake, in words, and ``line`` where the definition begins.
    """

    name: str
    state: str = RIGHT
    library: float | None = None
    numerical: float | None = None
    notes: list[str] = field(default_factory=list)
    cause: str | None = None
    line: int | None = None

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong or open."""
        return self.state in (RIGHT, VARIANT)

    def note(self, line: str) -> None:
        """Add a line that leaves the state as it is."""
        if line not in self.notes:
            self.notes.append(line)

    def against_library(self, error: float) -> None:
        """Keep the largest error against the library."""
        self.library = max(error, self.library or 0.0)

    def against_numbers(self, error: float) -> None:
        """Keep the largest error against central differences."""
        self.numerical = max(error, self.numerical or 0.0)


class Flaw(Exception):  # noqa: N818 - no error of ours
    """What is wrong in the first case that shows it; its arguments are the lines that say so.

    ``calls`` is how the names of layers begin that may be to blame.
    """

    state = WRONG
    calls = ()


class NotWritten(Flaw):
    """The function returns None, as in the assignment before you begin."""

    state = EMPTY


class CannotTell(Flaw):
    """The function was not judged, because of another one."""

    state = UNCLEAR


class Variant(str):
    """Words for a formula that does what it should, though it is not the assignment's."""

    __slots__ = ()


def distance(x, y) -> float:
    """Largest relative error of two arrays of one shape; infinite where only one is a number."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    finite = np.isfinite(x)
    if not np.array_equal(finite, np.isfinite(y)):
        return float("inf")
    return nn.rel_error(x[finite], y[finite], FLOOR) if finite.any() else 0.0


def unpack(value, names, where: str) -> dict:
    """What a function returned, by name; a Flaw if it is not as many values as there are names."""
    wanted = ", ".join(names)
    if value is None:
        raise NotWritten(f"returns None ({where}): is it written yet?")
    values = value if isinstance(value, tuple | list) else (value,)
    if len(values) != len(names):
        number = "one value" if len(values) == 1 else f"{len(values)} values"
        raise Flaw(f"returns {number}; expected {len(names)}: {wanted}")
    if values[0] is None:
        raise NotWritten(f"returns None for {names[0]} ({where}): is it written yet?")
    return dict(zip(names, values, strict=True))


def settled(finding, output: str, value, expected):
    """The value, an array of shape (1, D) as one of shape (D,), of which a note tells."""
    shape = np.shape(expected)
    if getattr(value, "shape", None) == (1, *shape) and isinstance(value, np.ndarray):
        finding.note(f"{output} has shape {value.shape}; {shape} is what the course has")
        return value.reshape(shape)
    return value


def unlike(name: str, value, expected, where: str) -> str:
    """How a value differs from an array of the shape of ``expected`` and of its dtype, float64.

    Empty if it does not.
    """
    if value is None:
        return f"{name} is None; expected an array of shape {np.shape(expected)}"
    if value.shape is None:
        wanted = f"an array of shape {np.shape(expected)}" if np.ndim(expected) else "a number"
        return f"{name} is of type {value.kind}; expected {wanted}"
    if value.shape != np.shape(expected):
        return f"{name} has shape {value.shape}, expected {np.shape(expected)} ({where})"
    if value.dtype != np.float64:
        return f"{name} has dtype {value.dtype}, expected float64 ({where})"
    return ""


def refuse_unlike(got: dict, expected: dict, where: str) -> None:
    """A Flaw if some of the values by name are not like what is expected."""
    odd = [unlike(name, value, expected[name], where) for name, value in got.items()]
    if any(odd):
        raise Flaw(*filter(None, odd))


def first_difference(name: str, value, expected, where: str) -> str:
    """The first entry that differs by more than the tolerance."""
    value, expected = np.asarray(value), np.asarray(expected)
    for index in np.ndindex(expected.shape):
        if distance(value[index], expected[index]) > LIBRARY_TOLERANCE:
            got, wanted = _two_numbers(value[index], expected[index])
            return f"{entry(name, index)} is {got}, expected {wanted} ({where})"
    raise ValueError(f"first_difference: {name} is as expected")


def _two_numbers(x, y):
    """Both with the fewest digits, four at least, that tell them apart."""
    for digits in range(4, 17):
        texts = f"{x:.{digits}g}", f"{y:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts
