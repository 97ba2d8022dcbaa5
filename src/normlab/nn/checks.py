"""Values made of what a user passes: numbers, counts, generators; and numbers that went wrong.

What is refused without a value in return stands in `normlab.nn.door`. In all the functions here,
``where`` is the name of the function that the user called.
"""

import numbers
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

import numpy as np

from normlab.messages import entry, shown

FLOATS = frozenset({np.dtype(np.float32), np.dtype(np.float64)})
COMPLEX = np.dtype(np.complex128)
REAL = (float, numbers.Real)  # the first is no more, but told at once

_measuring = ContextVar("measuring_gradients", default=False)


class NonFiniteError(ValueError):
    """NaN or infinity turned up at run time, as when training diverges."""


@contextmanager
def measuring_gradients():
    """Let functions be called for the sake of their derivatives only.

    Inside this context, batch normalization in train mode leaves its running statistics
    alone, and complex and mixed dtypes are admitted, as the complex step needs them.
    """
    token = _measuring.set(True)
    try:
        yield
    finally:
        _measuring.reset(token)


def is_measuring():
    """Tell whether a `measuring_gradients` context is active."""
    return _measuring.get()


def finite(where, name, array, remedy):
    """Raise NonFiniteError that names the first entry of the array that is NaN or infinite."""
    good = np.isfinite(array)
    if not good.all():
        index = tuple(np.argwhere(~good)[0])
        raise NonFiniteError(f"{where}: {entry(name, index)} is {array[index]}; {remedy}")


def finite_variance(x, var):
    """Raise NonFiniteError where a variance of x is NaN or infinite; the caller adds its name."""
    if not np.isfinite(var).all():
        if not np.isfinite(x).all():
            index = tuple(np.argwhere(~np.isfinite(x))[0])
            raise NonFiniteError(
                f"{entry('x', index)} is {x[index]}; "
                "look for the step that made it, or lower the learning rate"
            )
        raise NonFiniteError(f"the variance of x is beyond {x.dtype}; scale x down or pass float64")


def number(where, name, value, *, above=-inf, at_least=-inf, below=inf, at_most=inf, dtype=None):
    """Return the value as a Python float, which keeps float32 arrays float32; refuse others.

    With a ``dtype``, refuse also what becomes zero (or hardly more) or infinite in it.
    """
    if isinstance(value, bool) or not isinstance(value, REAL):
        raise TypeError(f"{where}: {name} is {shown(value)}; expected a number")
    try:
        number = float(value)
    except OverflowError:  # of a long int
        number = inf
    if not (above < number < below and at_least <= number <= at_most):  # false for NaN
        bounds = {">": above, ">=": at_least, "<": below, "<=": at_most}
        wanted = " and ".join(f"{sign} {b}" for sign, b in bounds.items() if abs(b) < inf)
        raise ValueError(f"{where}: {name} is {shown(value)}; expected a finite number {wanted}")
    if dtype is not None and number != 0:
        limits = np.finfo(dtype)
        if not float(limits.tiny) <= abs(number) <= float(limits.max):
            size, other = ("small", "larger") if abs(number) < 1 else ("large", "smaller")
            raise ValueError(
                f"{where}: {name} is {value}, too {size} for {dtype}; pass a {other} number"
            )
    return number


def count(where, name, value, at_least=1, at_most=2**63 - 1):
    """Return the value as a Python int; refuse what is no whole number or too small."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{where}: {name} is {shown(value)}; expected a whole number")
    if value < at_least:
        raise ValueError(f"{where}: {name} is {value}; expected at least {at_least}")
    if value > at_most:
        raise ValueError(f"{where}: {name} is {shown(value)}; expected at most {at_most}")
    return int(value)


def seed(where, value):
    """Return the value as a Python int; refuse what np.random.RandomState does not take."""
    if count(where, "seed", value, at_least=0, at_most=inf) >= 2**32:
        raise ValueError(f"{where}: seed is {value}; expected at most 2**32 - 1")
    return int(value)


def widths(where, name, values):
    """Return a list of Python ints, one at least, each at least 1; refuse what is none."""
    try:
        values = list(values)
    except TypeError:
        raise TypeError(
            f"{where}: {name} is {shown(values)}; expected a list of widths such as [100, 100]"
        ) from None
    if not values:
        raise ValueError(f"{where}: {name} is empty; pass at least one width")
    return [count(where, f"{name}[{i}]", value) for i, value in enumerate(values)]


def float_dtype(where, dtype):
    """Return the dtype as np.dtype; refuse all but float32 and float64."""
    try:
        if dtype is not None and np.dtype(dtype) in FLOATS:
            return np.dtype(dtype)
    except TypeError:
        pass
    raise TypeError(f"{where}: dtype is {shown(dtype)}; expected np.float32 or np.float64")


def generator(where, rng):
    """Return a source of random numbers: one handed in, one from a seed, or a fresh one (None)."""
    if isinstance(rng, np.random.Generator | np.random.RandomState):
        return rng
    if rng is None:
        return np.random.default_rng()
    if not isinstance(rng, numbers.Integral):
        raise TypeError(
            f"{where}: rng is {shown(rng)}; pass a seed, np.random.default_rng(seed) "
            "or np.random.RandomState(seed)"
        )
    return np.random.default_rng(count(where, "rng", rng, at_least=0, at_most=inf))
