"""What the library accepts, and how it words a refusal.

Every refusal is one line that names the function, the value that is wrong and the way out::

    affine_forward: x flattens to (50, 3072) but w is (3000, 100); expected w.shape[0] == 3072

A wrong type or dtype is a TypeError, anything else a ValueError. In all the functions here,
``where`` is the name of the function that the user called.
"""

import numbers
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

import numpy as np

from normlab.messages import unknown_name

FLOATS = frozenset({np.dtype(np.float32), np.dtype(np.float64)})
COMPLEX = np.dtype(np.complex128)
UNLIKE_ARRAYS = (np.matrix, np.ma.MaskedArray)  # their * and mean mean something else
MODES = ("train", "test")
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


def plain(where, name, array, remedy="np.asarray({})"):
    """Refuse what is no array, or is one with rules of its own."""
    if not isinstance(array, np.ndarray) or isinstance(array, UNLIKE_ARRAYS):
        kind = type(array).__name__
        raise TypeError(f"{where}: {name} is of type {kind}; pass {remedy.format(name)}")


def float_arrays(where, **arrays):
    """Refuse what is no array, not float32 or float64, empty, or of another dtype than the rest.

    A single number, an array of shape (), is refused too: NumPy would return no array for it.
    """
    first = None
    for name, array in arrays.items():
        plain(where, name, array, "np.asarray({}, dtype=np.float64)")
        if array.dtype not in FLOATS and not (is_measuring() and array.dtype == COMPLEX):
            raise TypeError(
                f"{where}: {name} has dtype {array.dtype}; pass {name}.astype(np.float32) "
                "or .astype(np.float64)"
            )
        if array.ndim == 0:
            raise ValueError(f"{where}: {name} is a number, its shape is (); pass {name}[None]")
        if array.size == 0:
            raise ValueError(
                f"{where}: {name} is empty, its shape is {array.shape}; pass at least one example"
            )
        if first is None:
            first = name
        elif array.dtype != arrays[first].dtype and not is_measuring():
            raise TypeError(
                f"{where}: {first} is {arrays[first].dtype} but {name} is {array.dtype}; "
                f"pass {name}.astype({arrays[first].dtype})"
            )


def shape(where, name, array, expected, reason):
    """Refuse an array that has another shape than expected."""
    if array.shape != expected:
        raise ValueError(f"{where}: {name} has shape {array.shape}; expected {expected}, {reason}")


def gradient(where, dout, cached, expected=None):
    """Refuse a dout that does not fit the forward pass: same dtype, shape of the output.

    ``cached`` is a float array of the cache; the output has its shape unless ``expected`` is given.
    """
    float_arrays(where, dout=dout)
    shape(where, "dout", dout, expected or cached.shape, "the shape of the output")
    if dout.dtype != cached.dtype and not is_measuring():
        raise TypeError(
            f"{where}: dout is {dout.dtype} but the forward pass was {cached.dtype}; "
            f"pass dout.astype({cached.dtype})"
        )


def cache(where, value, kind):
    """Refuse a cache that another function made."""
    if not isinstance(value, kind):
        forward = where.removesuffix("_alt").replace("backward", "forward")
        raise TypeError(
            f"{where}: cache is of type {type(value).__name__}; expected the {kind.__name__} "
            f"that {forward} returns"
        )


def labels(where, y, num_examples, num_classes=None, name="y", of="x"):
    """Refuse labels that are not integers of shape (N,), each in [0, C); C may be unknown."""
    plain(where, name, y)
    if y.dtype.kind not in "iu":
        raise TypeError(
            f"{where}: {name} has dtype {y.dtype}; labels are integers, pass {name}.astype(int)"
        )
    shape(where, name, y, (num_examples,), f"one label per example of {of}")
    bad = np.flatnonzero((y < 0) | (y >= (num_classes or inf)))
    if bad.size:
        raise ValueError(
            f"{where}: {name}[{bad[0]}] is {y[bad[0]]}; expected labels from 0 to "
            f"{num_classes - 1 if num_classes else 'C - 1'}"
        )


def finite(where, name, array, remedy):
    """Raise NonFiniteError that names the first entry of the array that is NaN or infinite."""
    good = np.isfinite(array)
    if not good.all():
        index = tuple(np.argwhere(~good)[0])
        raise NonFiniteError(f"{where}: {entry(name, index)} is {array[index]}; {remedy}")


def entry(name, index):
    """Name an entry of an array: "x[0, 1]", or "x" where it has no axis."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


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


def choice(where, what, value, choices):
    """Refuse a name that is not among the choices, and offer the nearest."""
    if not (isinstance(value, str) and value in choices):
        raise ValueError(f"{where}: {unknown_name(what, value, choices)}")


def param_dict(where, name, value, known, required=()):
    """Refuse what is no dict, has a key that is not known, or lacks one that is required."""
    if not isinstance(value, dict):
        raise TypeError(f"{where}: {name} is of type {type(value).__name__}; expected a dict")
    for key in value:
        choice(where, f"key of {name}", key, known)
    for key in required:
        if key not in value:
            raise ValueError(f"{where}: {name} has no {key!r}; add it (keys: {', '.join(known)})")


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


def shown(value):
    """Show a value of a wrong type on one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"of type {type(value).__name__}"
