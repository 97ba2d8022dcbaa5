"""Layer normalization: each example is standardized over its features."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.normalization.standardize import EPS, center, standardize_backward
from normlab.nn.options import Choice, Options

OPTIONS = Options(eps=EPS, mode=Choice(("train", "test"), default=None))


class LayerNormCache(NamedTuple):
    """What `layernorm_backward` needs."""

    xhat: np.ndarray
    std: np.ndarray
    gamma: np.ndarray


@forward(
    "x: N D, gamma: D = 1, beta: D = 0 -> N D",
    title="layer normalization",
    ln_param=OPTIONS,
)
def layernorm_forward(x, gamma, beta, ln_param):
    """Standardize each example over its features, then scale and shift.

    Nothing depends on the other examples, so train and test mode are the same.

    Parameters
    ----------
    x : array, (N, D)
        Pre-activations, one example per row.
    gamma, beta : array, (D,)
        Learned scale and shift, in units of the output.
    ln_param : dict
        Optional "eps" (1e-5, in units of x squared); "mode" is allowed and has no effect.

    Returns
    -------
    out : array, (N, D)
    cache : LayerNormCache, for layernorm_backward

    Source: Ba, Kiros & Hinton 2016, equation 3 (arXiv:1607.06450).
    """
    eps, _ = OPTIONS.read(ln_param, x)
    centered, _, var = center(x, axis=1)
    std = np.sqrt(var + eps)
    xhat = centered / std
    return gamma * xhat + beta, LayerNormCache(xhat, std, gamma)


@backward(layernorm_forward, LayerNormCache)
def layernorm_backward(dout, cache):
    """Carry the gradient through `layernorm_forward`, in closed form.

    Parameters
    ----------
    dout : array, (N, D)
        Gradient with respect to the output.
    cache : LayerNormCache

    Returns
    -------
    dx : array, (N, D)
    dgamma, dbeta : array, (D,)

    Source: Ba, Kiros & Hinton 2016, supplementary material (arXiv:1607.06450).
    """
    xhat, std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    mean_dxhat = dxhat.mean(axis=1, keepdims=True)
    mean_dxhat_xhat = (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = standardize_backward(dxhat, xhat, mean_dxhat, mean_dxhat_xhat, scale=1 / std)
    return dx, dgamma, dbeta
