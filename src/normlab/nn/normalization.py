"""Batch and layer normalization, both on one formula.

To standardize is to subtract the mean and divide by the standard deviation. The normalizations
differ only in the axis along which the two are taken: batch normalization standardizes each
feature over the examples (axis 0), layer normalization each example over its features (axis 1).
"""

from typing import NamedTuple

import numpy as np

from normlab.nn import checks
from normlab.nn.standardize import standardize, standardize_backward

EPS = 1e-5
MOMENTUM = 0.9


class BatchNormCache(NamedTuple):
    """What the backward passes of batch normalization need."""

    mode: str
    xhat: np.ndarray
    std: np.ndarray
    gamma: np.ndarray


class LayerNormCache(NamedTuple):
    """What `layernorm_backward` needs."""

    xhat: np.ndarray
    std: np.ndarray
    gamma: np.ndarray


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
    where = "batchnorm_forward"
    _check_arrays(where, x, gamma, beta)
    mode, eps, momentum, running_mean, running_var = _read(where, x, bn_param)
    if mode == "test":
        std = np.sqrt(running_var + eps)
        xhat = (x - running_mean) / std
    else:
        xhat, mean, var, std = standardize(x, axis=0, eps=eps, where=where)
        if not checks.is_measuring():
            bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean[0]
            bn_param["running_var"] = momentum * running_var + (1 - momentum) * var[0]
    return gamma * xhat + beta, BatchNormCache(mode, xhat, std, gamma)


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
    checks.cache("batchnorm_backward", cache, BatchNormCache)
    checks.gradient("batchnorm_backward", dout, cache.xhat)
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
    # var = mean(squared)
    dsquared = np.ones_like(dout) * dvar / n
    # squared = centered**2, where centered = xhat * std; the second way to centered
    dcentered = dcentered + dsquared * 2 * (xhat * std)
    # centered = x - mean
    dx = dcentered
    dmean = -dcentered.sum(axis=0)
    # mean = mean(x); the second way to x
    dx = dx + dmean / n
    return dx, dgamma, dbeta


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
    checks.cache("batchnorm_backward_alt", cache, BatchNormCache)
    checks.gradient("batchnorm_backward_alt", dout, cache.xhat)
    mode, xhat, std, gamma = cache
    n = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    if mode == "test":
        dx = dout * (gamma / std)
    else:
        dx = standardize_backward(dout, xhat, dbeta / n, dgamma / n, scale=gamma / std)
    return dx, dgamma, dbeta


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
    where = "layernorm_forward"
    _check_arrays(where, x, gamma, beta)
    checks.param_dict(where, "ln_param", ln_param, ("eps", "mode"))
    _, eps = _mode_and_eps(where, x, {"mode": "train", **ln_param})
    xhat, _, _, std = standardize(x, axis=1, eps=eps, where=where)
    return gamma * xhat + beta, LayerNormCache(xhat, std, gamma)


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
    checks.cache("layernorm_backward", cache, LayerNormCache)
    checks.gradient("layernorm_backward", dout, cache.xhat)
    xhat, std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).sum(axis=0)
    dxhat = dout * gamma
    mean_dxhat = dxhat.mean(axis=1, keepdims=True)
    mean_dxhat_xhat = (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = standardize_backward(dxhat, xhat, mean_dxhat, mean_dxhat_xhat, scale=1 / std)
    return dx, dgamma, dbeta


NORMALIZATIONS = {
    "batchnorm": (batchnorm_forward, batchnorm_backward_alt),
    "layernorm": (layernorm_forward, layernorm_backward),
}


def _check_arrays(where, x, gamma, beta):
    """Refuse what is not x (N, D), gamma (D,), beta (D,)."""
    checks.float_arrays(where, x=x, gamma=gamma, beta=beta)
    if x.ndim != 2:
        raise ValueError(f"{where}: x has shape {x.shape}; expected (N, D), one example per row")
    for name, array in (("gamma", gamma), ("beta", beta)):
        checks.shape(where, name, array, x.shape[1:], f"one entry per feature of x {x.shape}")


def _mode_and_eps(where, x, param):
    checks.choice(where, "mode", param["mode"], checks.MODES)
    eps = checks.number(where, "eps", param.get("eps", EPS), above=0, dtype=x.real.dtype)
    return param["mode"], eps


def _read(where, x, bn_param):
    """Return mode, eps, momentum, running_mean and running_var, from bn_param or the defaults."""
    known = ("mode", "eps", "momentum", "running_mean", "running_var")
    checks.param_dict(where, "bn_param", bn_param, known, required=("mode",))
    mode, eps = _mode_and_eps(where, x, bn_param)
    momentum = bn_param.get("momentum", MOMENTUM)
    momentum = checks.number(where, "momentum", momentum, at_least=0, at_most=1)
    statistics = []
    for name in ("running_mean", "running_var"):
        running = bn_param.get(name)
        if running is None:
            running = np.zeros(x.shape[1], x.real.dtype)
        checks.float_arrays(where, x=x, **{name: running})
        checks.shape(where, name, running, x.shape[1:], f"one entry per feature of x {x.shape}")
        if running.dtype.kind == "c":
            raise TypeError(f"{where}: {name} is complex, but nothing moves it; pass {name}.real")
        checks.finite(where, name, running, "look for the step that made it, or start with zeros")
        statistics.append(running)
    if statistics[1].min() < 0:
        raise ValueError(
            f"{where}: running_var has an entry {statistics[1].min()}; expected numbers >= 0"
        )
    if mode == "train" and x.shape[0] < 2:
        raise ValueError(
            f"{where}: x has shape {x.shape}; one example has no variance, "
            "pass N >= 2 or mode 'test'"
        )
    return mode, eps, momentum, *statistics
