"""Group normalization of rows: each example is standardized over each group of its features."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.normalization.standardize import EPS, center, standardize_backward
from normlab.nn.options import Options

OPTIONS = Options(eps=EPS)


class GroupNormCache(NamedTuple):
    """What `groupnorm_backward` needs; xhat is (N G, D / G)."""

    x: np.ndarray
    xhat: np.ndarray
    std: np.ndarray
    gamma: np.ndarray


def groups_divide(where, x, gamma, beta, G, gn_param):
    """The features are parted evenly."""
    if not isinstance(G, int | np.integer) or G < 1 or x.shape[1] % G:
        raise ValueError(
            f"{where}: G is {G!r}; expected a number of groups that divides D, {x.shape[1]}"
        )


@forward(
    "x: N D, gamma: D = 1, beta: D = 0 -> N D",
    title="group normalization",
    rule=groups_divide,
    numbers={"G": 2},
    gn_param=OPTIONS,
)
def groupnorm_forward(x, gamma, beta, G, gn_param):
    """Standardize each of G groups of features of each example, then scale and shift.

    Parameters
    ----------
    x : array, (N, D)
        Pre-activations, one example per row.
    gamma, beta : array, (D,)
        Learned scale and shift, in units of the output.
    G : int
        Groups of neighbouring features; divides D. One group is layer normalization.
    gn_param : dict
        Optional "eps" (1e-5, in units of x squared).

    Returns
    -------
    out : array, (N, D)
    cache : GroupNormCache, for groupnorm_backward

    Source: Wu & He 2018, section 3.1, for rows (arXiv:1803.08494).
    """
    (eps,) = OPTIONS.read(gn_param, x)
    centered, _, var = center(x.reshape(len(x) * G, -1), axis=1)
    std = np.sqrt(var + eps)
    xhat = centered / std
    return gamma * xhat.reshape(x.shape) + beta, GroupNormCache(x, xhat, std, gamma)


@backward(groupnorm_forward, GroupNormCache)
def groupnorm_backward(dout, cache):
    """Carry the gradient through `groupnorm_forward`, in closed form.

    Parameters
    ----------
    dout : array, (N, D)
        Gradient with respect to the output.
    cache : GroupNormCache

    Returns
    -------
    dx : array, (N, D)
    dgamma, dbeta : array, (D,)
    """
    x, xhat, std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat.reshape(x.shape)).sum(axis=0)
    dxhat = (dout * gamma).reshape(xhat.shape)
    mean_dxhat = dxhat.mean(axis=1, keepdims=True)
    mean_dxhat_xhat = (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = standardize_backward(dxhat, xhat, mean_dxhat, mean_dxhat_xhat, scale=1 / std)
    return dx.reshape(x.shape), dgamma, dbeta
