"""Dynamic tanh, in place of a normalization: each entry is squashed, and no statistic is taken."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward


class DytCache(NamedTuple):
    """What `dyt_backward` needs of the forward pass."""

    x: np.ndarray
    tanh: np.ndarray
    alpha: np.ndarray
    gamma: np.ndarray


@forward(
    "x: N D, alpha: 1 = 0.5, gamma: D = 1, beta: D = 0 -> N D",
    title="dynamic tanh",
)
def dyt_forward(x, alpha, gamma, beta):
    """Compute ``gamma * tanh(alpha * x) + beta``.

    Parameters
    ----------
    x : array, (N, D)
        Pre-activations, one example per row.
    alpha : array, (1,)
        Learned, in units of 1 / x; one for all features.
    gamma, beta : array, (D,)
        Learned scale and shift, in units of the output.

    Returns
    -------
    out : array, (N, D)
    cache : DytCache, for dyt_backward

    Source: Zhu et al. 2025, equation 1 (arXiv:2503.10622).
    """
    tanh = np.tanh(alpha * x)
    return gamma * tanh + beta, DytCache(x, tanh, alpha, gamma)


@backward(dyt_forward, DytCache)
def dyt_backward(dout, cache):
    """Carry the gradient through `dyt_forward`.

    Parameters
    ----------
    dout : array, (N, D)
        Gradient with respect to the output.
    cache : DytCache

    Returns
    -------
    dx : array, (N, D)
    dalpha : array, (1,)
    dgamma, dbeta : array, (D,)
    """
    x, tanh, alpha, gamma = cache
    inner = dout * gamma * (1 - tanh**2)
    dalpha = (inner * x).sum().reshape(1)
    return inner * alpha, dalpha, (dout * tanh).sum(axis=0), dout.sum(axis=0)
