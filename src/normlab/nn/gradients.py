"""Gradients measured instead of derived, to check the derived ones against.

The central difference works for any function, but loses half of the digits to cancellation; the
complex step loses none, but needs a function that computes with complex numbers. Both need float64,
since in float32 a difference is mostly rounding error, and run the function inside
`measuring_gradients`, so no running statistic moves.

Source: Squire & Trapp 1998, "Using complex variables to estimate derivatives of real functions".
"""

import numpy as np

from normlab.messages import entry
from normlab.nn import checks, door

DISTORTION = 1e-2  # of the step of a central difference, by the rounding of x
STEPS = 1e-200, 1e100  # beyond, products underflow or overflow


def eval_numerical_gradient(f, x, verbose=False, h=1e-5):
    """Measure the gradient of a scalar function by central differences.

    Parameters
    ----------
    f : function of x to a scalar
        May ignore its argument and read x where it lives, as in ``model.params``.
    x : float64 array, any shape
        Where to take the gradient. Each entry is moved by h and put back, also on an error.
    verbose : bool
        Whether each entry is printed.
    h : float
        The step, in units of x.

    Returns
    -------
    grad : array, the shape of x
    """
    return _measure("eval_numerical_gradient", _nudged, f, x, h, verbose=verbose)


def eval_numerical_gradient_array(f, x, df, h=1e-5):
    """Measure the gradient of ``sum(f(x) * df)`` by central differences.

    Parameters
    ----------
    f : function of x to an array
        May ignore its argument and read x where it lives.
    x : float64 array, any shape
        Where to take the gradient. Each entry is moved by h and put back, also on an error.
    df : float64 array, the shape of f(x)
        Gradient with respect to the output.
    h : float
        The step, in units of x.

    Returns
    -------
    grad : array, the shape of x
    """
    return _measure("eval_numerical_gradient_array", _nudged, f, x, h, df)


def complex_step_gradient(f, x, h=1e-20):
    """Measure the gradient of a scalar function by the complex step ``imag(f(x + ih)) / h``.

    Nothing is subtracted, so h can be as small as 1e-200 and the result has all digits.

    Parameters
    ----------
    f : function of x to a scalar
        Must use its argument, which is a complex copy of x.
    x : float64 array, any shape
    h : float
        The step, in units of x.

    Returns
    -------
    grad : array, the shape of x
    """
    return _measure("complex_step_gradient", _stepped, f, x, h)


def complex_step_gradient_array(f, x, df, h=1e-20):
    """Measure the gradient of ``sum(f(x) * df)`` by the complex step.

    Parameters
    ----------
    f : function of x to an array
        Must use its argument, which is a complex copy of x.
    x : float64 array, any shape
    df : float64 array, the shape of f(x)
        Gradient with respect to the output.
    h : float
        The step, in units of x.

    Returns
    -------
    grad : array, the shape of x
    """
    return _measure("complex_step_gradient_array", _stepped, f, x, h, df)


_SCALAR = object()  # in the place of df


def _measure(where, way, f, x, h, df=_SCALAR, verbose=False):
    """The gradient of f, or of ``sum(f(x) * df)``, by one of the two ways below."""
    h = _check(where, f, x, h)
    grad = np.zeros_like(x)
    for index, change, step in way(where, f, x, h):
        if df is _SCALAR and np.ndim(change) != 0:
            raise ValueError(
                f"{where}: f returned an array of shape {np.shape(change)}; expected a scalar, "
                f"or use {where}_array"
            )
        if df is not _SCALAR:
            door.float_arrays(where, df=_with_an_axis(df))
            door.shape(where, "df", df, np.shape(change), "the shape of f(x)")
            change = np.sum(change * df)
        grad[index] = change / step
        if verbose:
            print(index, grad[index])
    return grad


def _nudged(where, f, x, h):
    """For each entry of x: its index, how f differs when it is raised and lowered, and by what."""
    if not x.flags.writeable:
        raise ValueError(f"{where}: x is read-only, but its entries are moved; pass x.copy()")
    for index in np.ndindex(x.shape):
        old = x[index]
        up, down = old + h, old - h
        if not abs((up - down) / (2 * h) - 1) < DISTORTION:
            raise ValueError(
                f"{where}: {entry('x', index)} is {old}, whose rounding hides h = {h}; "
                "pass a larger h, or scale x down"
            )
        try:
            with checks.measuring_gradients():
                x[index] = up
                plus = _measured(where, f(x))
                x[index] = down
                minus = _measured(where, f(x))
        finally:
            x[index] = old
        yield index, plus - minus, 2 * h


def _measured(where, out):
    """Return a copy of what f returned, as f may return the same array twice; refuse no float64."""
    out = np.array(out)
    if out.dtype.kind in "iu":  # an unsigned difference would wrap
        return out.astype(np.float64)
    if out.dtype.kind != "f":
        raise TypeError(f"{where}: f returned {out.dtype}; expected float64")
    if out.dtype.itemsize < 8:
        raise TypeError(f"{where}: f returned {out.dtype}, whose rounding hides h; use float64")
    return out


def _stepped(where, f, x, h):
    """For each entry of x: its index, the imaginary part of f with ih added to it, and h."""
    z = x.astype(np.complex128)
    for index in np.ndindex(x.shape):
        z[index] += 1j * h
        with checks.measuring_gradients():
            value = np.asanyarray(f(z))
        z[index] = x[index]
        if value.dtype.kind != "c":
            raise ValueError(
                f"{where}: f returned {value.dtype}, not complex; f must compute with its argument"
            )
        yield index, value.imag, h


def _check(where, f, x, h):
    """Refuse bad arguments; return h as a Python float."""
    if not callable(f):
        raise TypeError(f"{where}: f is of type {type(f).__name__}; pass a function of x")
    if isinstance(x, np.ndarray) and x.dtype == np.float32:
        raise TypeError(f"{where}: x is float32, where rounding hides h; use float64")
    door.float_arrays(where, x=_with_an_axis(x))
    checks.finite(where, "x", x, "measure where x is finite")
    h = checks.number(where, "h", h, above=0)
    if not STEPS[0] <= h <= STEPS[1]:
        raise ValueError(f"{where}: h is {h}; expected a step from {STEPS[0]} to {STEPS[1]}")
    return h


def _with_an_axis(array):
    """Return a single number as an array of one: here, other than in a layer, it is as good."""
    return array[None] if isinstance(array, np.ndarray) and array.ndim == 0 else array
