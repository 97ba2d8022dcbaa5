"""Batch normalization: each feature is standardized over the examples of a minibatch."""

from typing import NamedTuple

import numpy as np

from normlab.nn import checks
from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.normalization.standardize import EPS, center, standardize_backward
from normlab.nn.options import MODE, Memory, Number, Options

OPTIONS = Options(
    mode=MODE,
    eps=EPS,
    momentum=Number(0.9, at_least=0, at_most=1),
    running_mean=Memory(axis=-1, finite=True),
    running_var=Memory(axis=-1, finite=True, at_least=0),
)


class BatchNormCache(NamedTuple):
    """What the backward passes of batch normalization need."""

    mode: str
    xhat: np.ndarray
    std: np.ndarray
    gamma: np.ndarray


def two_examples(where, x, gamma, beta, bn_param):
    """One example has no variance."""
    if bn_param["mode"] == "train" and len(x) < 2:
        raise ValueError(
            f"{where}: x has shape {x.shape}; one example has no variance, "
            "pass N >= 2 or mode 'test'"
        )


@forward(
    "x: N D, gamma: D = 1, beta: D = 0 -> N D",
    title="batch normalization",
    rule=two_examples,
    example={"mode": "train"},
    bn_param=OPTIONS,
)
def batchnorm_forward(x, gamma, beta, bn_param):
    """Standardize each feature over the batch, then scale and shift.

    Parameters
    ----------
    x : array, (N, D)
        Pre-activations, one example per row; N >= 2 in train mode.
    gamma, beta : array, (D,)
        Learned scale and shift, in units of the output.
    bn_param : dict
        "mode" ("train" | "test"). Optional: "eps" (1e-5, in units of x squared); "momentum"
        (0.9, the share of the past that the running statistics keep; PyTorch's is 1 minus it);
        "running_mean" and "running_var" (arrays of shape (D,), zeros if missing). Training puts
        new arrays ``momentum * running + (1 - momentum) * sample`` into it; testing reads them
        instead of the statistics of the batch. An error leaves it as it was.

    Returns
    -------
    out : array, (N, D)
    cache : BatchNormCache, for batchnorm_backward and batchnorm_backward_alt

    Source: Ioffe & Szegedy 2015, Algorithms 1 and 2 (arXiv:1502.03167), but for the running
    variance, which is that of the batch, uncorrected, as in CS231n.
    """
    mode, eps, momentum, running_mean, running_var = OPTIONS.read(bn_param, x)
    if mode == "train":
        centered, mean, var = center(x, axis=0)
        if not checks.is_measuring():
            bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean[0]
            bn_param["running_var"] = momentum * running_var + (1 - momentum) * var[0]
    else:
        centered, var = x - running_mean, running_var
    std = np.sqrt(var + eps)
    xhat = centered / std
    return gamma * xhat + beta, BatchNormCache(mode, xhat, std, gamma)


@backward(batchnorm_forward, BatchNormCache)
def batchnorm_backward(dout, cache):
    """Walk the graph of `batchnorm_forward` backwards, node by node.

    Parameters
    ----------
    dout : array, (N, D)
        Gradient with respect to the output.
    cache : BatchNormCache

    Returns
    -------
    dx : array, (N, D)
    dgamma, dbeta : array, (D,)

    Source: Ioffe & Szegedy 2015, section 3 (arXiv:1502.03167).
    """
    mode, xhat, std, gamma = cache
    n = dout.shape[0]

    # out = scaled + beta
    dbeta = dout.sum(axis=0)
    dscaled = dout
    # scaled = gamma * xhat
    dgamma = (dscaled * xhat).sum(axis=0)
    dxhat = dscaled * gamma
    # xhat = centered / std
    dcentered = dxhat / std
    if mode == "test":  # mean and std are constants, the walk ends here
        return dcentered, dgamma, dbeta
    dstd = -(dxhat * xhat).sum(axis=0) / std
    # std = sqrt(var + eps)
    dvar = dstd / (2 * std)
    # var = mean(squared); each square has the same share in it
    dsquared = dvar / n
    # squared = centered**2, where centered = xhat * std; the second way to centered
    dcentered = dcentered + 2 * dsquared * (xhat * std)
    # centered = x - mean
    dx = dcentered
    dmean = -dcentered.sum(axis=0)
    # mean = mean(x); the second way to x
    dx = dx + dmean / n
    return dx, dgamma, dbeta


@backward(batchnorm_forward, BatchNormCache)
def batchnorm_backward_alt(dout, cache):
    """Carry the gradient through `batchnorm_forward` in closed form, in fewer passes.

    dbeta and dgamma are N times the two means that `standardize_backward` asks for.

    Parameters
    ----------
    dout : array, (N, D)
        Gradient with respect to the output.
    cache : BatchNormCache

    Returns
    -------
    dx : array, (N, D)
    dgamma, dbeta : array, (D,)

    Source: Ioffe & Szegedy 2015, section 3, the six derivatives summed up (arXiv:1502.03167).
    """
    mode, xhat, std, gamma = cache
    n = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    if mode == "test":
        dx = dout * (gamma / std)
    else:
        dx = standardize_backward(dout, xhat, dbeta / n, dgamma / n, scale=gamma / std)
    return dx, dgamma, dbeta
