"""RMS normalization: each example is divided by its root mean square; no mean is subtracted."""

from typing import NamedTuple

import numpy as np

from normlab.nn import checks
from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.normalization.standardize import EPS, standardize_backward
from normlab.nn.options import Choice, Options

OPTIONS = Options(eps=EPS, mode=Choice(("train", "test"), default=None))


class RmsNormCache(NamedTuple):
    """What `rmsnorm_backward` needs."""

    xhat: np.ndarray
    rms: np.ndarray
    gamma: np.ndarray


@forward("x: N D, gamma: D = 1 -> N D", title="RMS normalization", rms_param=OPTIONS)
def rmsnorm_forward(x, gamma, rms_param):
    """Divide each example by the root mean square of its features, then scale.

    Parameters
    ----------
    x : array, (N, D)
        Pre-activations, one example per row.
    gamma : array, (D,)
        Learned scale, in units of the output.
    rms_param : dict
        Optional "eps" (1e-5, in units of x squared); "mode" is allowed and has no effect.

    Returns
    -------
    out : array, (N, D)
    cache : RmsNormCache, for rmsnorm_backward

    Source: Zhang & Sennrich 2019, equation 4 (arXiv:1910.07467).
    """
    eps, _ = OPTIONS.read(rms_param, x)
    with np.errstate(over="ignore", invalid="ignore"):  # the mean square tells
        square = (x**2).mean(axis=1, keepdims=True)
    checks.finite_variance(x, square)
    rms = np.sqrt(square + eps)
    xhat = x / rms
    return gamma * xhat, RmsNormCache(xhat, rms, gamma)


@backward(rmsnorm_forward, RmsNormCache)
def rmsnorm_backward(dout, cache):
    """Carry the gradient through `rmsnorm_forward`, in closed form.

    Parameters
    ----------
    dout : array, (N, D)
        Gradient with respect to the output.
    cache : RmsNormCache

    Returns
    -------
    dx : array, (N, D)
    dgamma : array, (D,)

    Source: the derivative of the equation above; only the projection onto x drops out.
    """
    xhat, rms, gamma = cache
    dxhat = dout * gamma
    mean_dxhat_xhat = (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = standardize_backward(dxhat, xhat, 0, mean_dxhat_xhat, scale=1 / rms)
    return dx, (dout * xhat).sum(axis=0)
