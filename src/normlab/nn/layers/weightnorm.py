"""An affine layer with weight normalization: length and direction of a unit's weights apart."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward


class WeightNormCache(NamedTuple):
    """What `weightnorm_backward` needs of the forward pass."""

    x: np.ndarray
    w: np.ndarray
    norm: np.ndarray
    gamma: np.ndarray


def some_length(where, x, w, gamma, b):
    """Weights of zero have no direction."""
    if not np.abs(w).sum(axis=0).all():
        raise ValueError(f"{where}: w has a column of zeros, which has no direction; draw it anew")


@forward(
    "x: N D, w: D M, gamma: M = 1, b: M = 0 -> N M",
    title="affine with weight normalization",
    rule=some_length,
)
def weightnorm_forward(x, w, gamma, b):
    """Compute ``x @ (gamma * w / |w|) + b`` with the length of each column of w.

    Parameters
    ----------
    x : array, (N, D)
        One example per row.
    w : array, (D, M)
        Directions, one a column; their lengths do not count.
    gamma : array, (M,)
        Lengths of the weights, in units of the output per unit of x.
    b : array, (M,)
        Biases, in units of the output.

    Returns
    -------
    out : array, (N, M)
    cache : WeightNormCache, for weightnorm_backward

    Source: Salimans & Kingma 2016, equation 2 (arXiv:1602.07868).
    """
    norm = np.sqrt((w**2).sum(axis=0))
    return x @ (gamma / norm * w) + b, WeightNormCache(x, w, norm, gamma)


@backward(weightnorm_forward, WeightNormCache)
def weightnorm_backward(dout, cache):
    """Carry the gradient through `weightnorm_forward`.

    Parameters
    ----------
    dout : array, (N, M)
        Gradient with respect to the output.
    cache : WeightNormCache

    Returns
    -------
    dx : array, (N, D)
    dw : array, (D, M)
    dgamma, db : array, (M,)

    Source: Salimans & Kingma 2016, equation 3 (arXiv:1602.07868).
    """
    x, w, norm, gamma = cache
    dweights = x.T @ dout
    dgamma = (dweights * w).sum(axis=0) / norm
    dw = gamma / norm * (dweights - dgamma / norm * w)
    return dout @ (gamma / norm * w).T, dw, dgamma, dout.sum(axis=0)
