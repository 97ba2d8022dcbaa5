"""Find the usual mistake that gives the numbers which a student's function gave.

Each known mistake is a wrong formula, computed here on the same inputs. If its result is that of
the student within the tolerance, it is named.
"""

from types import SimpleNamespace

import numpy as np

from normlab.check.findings import LIBRARY_TOLERANCE, distance
from normlab.check.layer_mistakes import LAYER_MISTAKES
from normlab.check.normalization_mistakes import NORMALIZATION_MISTAKES
from normlab.check.rule_mistakes import RULE_MISTAKES

# (function, output) -> pairs of a sentence and a function of what was given to the wrong output.
MISTAKES = LAYER_MISTAKES | NORMALIZATION_MISTAKES | RULE_MISTAKES


def likely_mistake(name: str, output: str, value, expected, given) -> str | None:
    """Words for the mistake behind a wrong output; None if the numbers betray none.

    Parameters
    ----------
    name, output : str
        The function, and which of its outputs.
    value, expected : array, of one shape
    given : SimpleNamespace
        What the function read, as `Case.given` or `Steps.given` makes it.
    """
    given = SimpleNamespace(**vars(given), value=value, right=expected)
    with np.errstate(all="ignore"):
        for words, compute in MISTAKES.get((name, output), ()):
            wrong = np.asarray(compute(given))
            if wrong.shape == value.shape and _same(value, wrong):
                return words
        return _plain_mistake(output, value, expected, getattr(given, "N", None))


def _same(value, wrong):
    odd = ~np.isfinite(value)
    return (
        np.array_equal(value[odd], wrong[odd], equal_nan=True)
        and distance(value, wrong) < LIBRARY_TOLERANCE
    )


def _plain_mistake(output, value, expected, number):
    """Mistakes that any output can have: nothing, a factor, a transpose."""
    if not np.isfinite(value).all():
        return "an overflow or a division by zero"
    if not value.any():
        return "nothing but zeros; is it computed at all?"
    if value.ndim == 2 and value.shape[0] == value.shape[1] and _same(value, expected.T):
        return "the transpose of what is right"
    factor = float((value * expected).sum() / (expected**2).sum())
    large = np.abs(expected) > 1e-2  # where a factor would show
    told_by = value.size == 1 or len(np.unique(expected[large])) >= 3
    if told_by and np.isfinite(factor) and np.allclose(value, factor * expected, 1e-7, 1e-12):
        told = _factor(factor, number, value.size)
        if told:
            return told
    if value.size > 1 and distance(value, expected) < 1e-5:
        return "float32 somewhere on the way, or a small number added: the first digits agree"
    return None


def _factor(factor, number, size):
    """Words for a factor; any wrong number is some factor of the right one, so one says nothing."""
    if number and abs(factor - number) < 1e-6:
        return f"a missing division by N: it is N = {number} times what is right"
    if number and abs(factor - 1 / number) < 1e-6:
        return (
            f"a mean over the batch where a sum belongs: it is 1/N of what is right, N = {number}"
        )
    if abs(factor + 1) < 1e-6:
        return "the wrong sign: it is minus what is right"
    if size == 1 or abs(factor - 1) < 1e-3:
        return None
    return f"a wrong factor: it is {factor:.4g} times what is right"
