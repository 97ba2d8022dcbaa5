"""To standardize: subtract the mean, divide by the standard deviation."""

import numpy as np

from normlab.nn import checks


def standardize(x, axis, eps, where="standardize"):
    """Compute ``xhat = (x - mean) / sqrt(var + eps)``, with mean and variance along the axis.

    The variance is the mean of the squared deviations (two passes), since ``mean(x**2) -
    mean(x)**2`` cancels when the mean is large. The mean itself is then rounded as well, and the
    mean of the deviations shows by how much.

    Parameters
    ----------
    x : array, (N, D)
    axis : int
        0 for batch normalization, 1 for layer normalization.
    eps : float
        Keeps the divisor above zero; in units of x squared.
    where : str
        The function to name in an error.

    Returns
    -------
    xhat : array, (N, D)
    mean, var, std : array, (1, D) or (N, 1)
        ``std = sqrt(var + eps)``; var is the uncorrected variance.

    Raises
    ------
    NonFiniteError
        NaN or infinity in x, or a variance too large for the dtype.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        mean = x.mean(axis=axis, keepdims=True)
        centered = x - mean
        rounding = centered.mean(axis=axis, keepdims=True)
        mean = mean + rounding
        centered -= rounding
        var = (centered**2).mean(axis=axis, keepdims=True)
    if not np.isfinite(var).all():
        checks.finite(where, "x", x, "look for the step that made it, or lower the learning rate")
        raise checks.NonFiniteError(
            f"{where}: the variance of x is beyond {x.dtype}; scale x down or pass float64"
        )
    std = np.sqrt(var + eps)
    return centered / std, mean, var, std


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
