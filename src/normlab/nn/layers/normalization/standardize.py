"""To standardize: subtract the mean, divide by the standard deviation.

All normalizations standardize ``xhat = (x - mean) / sqrt(var + eps)``. They differ in the axis
along which mean and variance are taken: batch normalization standardizes each feature over the
examples (axis 0), layer normalization each example over its features (axis 1).
"""

import numpy as np

from normlab.nn import checks
from normlab.nn.options import Number

EPS = Number(1e-5, above=0, in_dtype=True)


def center(x, axis):
    """Subtract the mean along an axis, and take the mean square of what is left.

    The variance is the mean of the squared deviations (two passes), since ``mean(x**2) -
    mean(x)**2`` cancels when the mean is large. The mean itself is then rounded as well, and the
    mean of the deviations shows by how much.

    Parameters
    ----------
    x : array, (N, D)
    axis : int

    Returns
    -------
    centered : array, (N, D)
        ``x - mean``.
    mean, var : array, (1, D) or (N, 1)
        var is the uncorrected variance.

    A NonFiniteError tells of NaN or infinity in x, or of a variance too large for the dtype.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # the variance tells
        mean = x.mean(axis=axis, keepdims=True)
        centered = x - mean
        rounding = centered.mean(axis=axis, keepdims=True)
        mean = mean + rounding
        centered -= rounding
        var = (centered**2).mean(axis=axis, keepdims=True)
    checks.finite_variance(x, var)
    return centered, mean, var


def standardize_backward(dxhat, xhat, mean_dxhat, mean_dxhat_xhat, scale):
    """Carry the gradient through `standardize`, in closed form.

    Mean and deviation are taken from x, so a gradient that would only shift or scale x does
    nothing: its projections onto 1 and onto xhat, which are the two means, drop out.

    Parameters
    ----------
    dxhat : array, (N, D)
        Gradient with respect to xhat.
    xhat : array, (N, D)
    mean_dxhat, mean_dxhat_xhat : array
        Means of dxhat and of dxhat * xhat along the axis, in a shape that broadcasts.
    scale : array
        1 / std, times a factor of dxhat that is constant along the axis if there is one.

    Returns
    -------
    dx : array, (N, D)

    Source: Ioffe & Szegedy 2015, section 3, the six derivatives summed up (arXiv:1502.03167).
    """
    return scale * (dxhat - mean_dxhat - xhat * mean_dxhat_xhat)
