"""How far two results are apart."""

import numpy as np

from normlab.nn import checks, door


def rel_error(x, y, floor=1e-8):
    """Compute the largest relative error, ``max(|x - y| / max(floor, |x| + |y|))``.

    Parameters
    ----------
    x, y : array or scalar, of one shape; nothing is broadcast
    floor : float
        Below this, entries count as small and the error becomes absolute, in units of the floor.
        Raise it where the true value is zero and both x and y are rounding noise.

    Returns
    -------
    error : float, 0 to 1; NaN if an entry is NaN or infinite
    """
    where = "rel_error"
    floor = checks.number(where, "floor", floor, above=0, dtype=np.dtype(np.float64))
    x, y = _halved(where, "x", x), _halved(where, "y", y)
    door.shape(where, "y", y, x.shape, "the shape of x")
    if x.size == 0:
        raise ValueError(f"{where}: x is empty, its shape is {x.shape}; pass at least one number")
    with np.errstate(invalid="ignore"):  # of infinities: NaN
        return float(np.max(np.abs(x - y) / np.maximum(floor / 2, np.abs(x) + np.abs(y))))


def norm_error(ours, theirs, floor=1e-3):
    """Compute the norm of the difference over that of ``theirs``, or over a floor above it.

    Parameters
    ----------
    ours, theirs : array, of one shape
    floor : float
        Where the norm of ``theirs`` is below it the error is absolute, in units of the floor.

    Returns
    -------
    error : float
    """
    return float(np.linalg.norm(ours - theirs) / max(np.linalg.norm(theirs), floor))


def _halved(where, name, value):
    """Return half of each number, in float64 or complex128: integers wrap, and sums overflow."""
    try:
        array = np.asanyarray(value)
    except ValueError:
        raise ValueError(
            f"{where}: {name} has rows of several lengths; pass an array of numbers"
        ) from None
    door.plain(where, name, array)
    if array.dtype.kind not in "iufc":
        raise TypeError(f"{where}: {name} has dtype {array.dtype}; pass numbers")
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64) / 2
