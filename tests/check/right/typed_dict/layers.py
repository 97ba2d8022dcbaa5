from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, NamedTuple, Optional, Tuple

import numpy as np

Array = np.ndarray


@dataclass
class AffineCache:
    x: Array
    w: Array
    b: Array


@dataclass(frozen=True)
class NormCache:
    x_hat: Array
    std: Array
    gamma: Array
    axis: int = 0


class PoolCache(NamedTuple):
    x: Array
    out: Array
    param: Dict[str, int]


def affine_forward(x: Array, w: Array, b: Array) -> Tuple[Array, AffineCache]:
    return x.reshape(x.shape[0], -1) @ w + b, AffineCache(x=x, w=w, b=b)


def affine_backward(dout: Array, cache: AffineCache) -> Tuple[Array, Array, Array]:
    flat = cache.x.reshape(dout.shape[0], -1)
    return (dout @ cache.w.T).reshape(cache.x.shape), flat.T @ dout, dout.sum(0)


def relu_forward(x: Array) -> Tuple[Array, Dict[str, Array]]:
    positive = x > 0
    return np.where(positive, x, x.dtype.type(0)), {"positive": positive}


def relu_backward(dout: Array, cache: Dict[str, Array]) -> Array:
    return dout * cache["positive"]


def softmax_loss(x, y):
    """Returns the mean cross-entropy loss and its gradient on the scores x."""
    N = x.shape[0]
    shifted = x - x.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probs[np.arange(N), y].mean()
    dx = np.exp(log_probs)
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


def batchnorm_forward(x: Array, gamma: Array, beta: Array, bn_param: Dict[str, Any]) -> Tuple[Array, Optional[NormCache]]:
    mode: str = bn_param["mode"]
    eps: float = bn_param.get("eps", 1e-5)
    momentum: float = bn_param.get("momentum", 0.9)
    stats = {
        "running_mean": bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype)),
        "running_var": bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype)),
    }
    cache: Optional[NormCache] = None
    if mode == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        std = np.sqrt(var + eps)
        x_hat = (x - mean) / std
        cache = NormCache(x_hat, std, gamma)
        stats = {
            "running_mean": momentum * stats["running_mean"] + (1 - momentum) * mean,
            "running_var": momentum * stats["running_var"] + (1 - momentum) * var,
        }
    elif mode == "test":
        x_hat = (x - stats["running_mean"]) / np.sqrt(stats["running_var"] + eps)
    else:
        raise ValueError(f'Invalid forward batchnorm mode "{mode}"')
    bn_param.update(stats)
    return gamma * x_hat + beta, cache


def _norm_backward(dout: Array, cache: NormCache) -> Tuple[Array, Array, Array]:
    g = dout * cache.gamma
    kw = dict(axis=cache.axis, keepdims=True)
    dx = (g - g.mean(**kw) - cache.x_hat * (g * cache.x_hat).mean(**kw)) / cache.std
    return dx, (dout * cache.x_hat).sum(axis=0), dout.sum(axis=0)


def batchnorm_backward(dout: Array, cache: NormCache) -> Tuple[Array, Array, Array]:
    return _norm_backward(dout, cache)


def batchnorm_backward_alt(dout: Array, cache: NormCache) -> Tuple[Array, Array, Array]:
    n = dout.shape[0]
    dgamma, dbeta = (dout * cache.x_hat).sum(axis=0), dout.sum(axis=0)
    dx = cache.gamma / cache.std / n * (n * dout - dbeta - cache.x_hat * dgamma)
    return dx, dgamma, dbeta


def layernorm_forward(x: Array, gamma: Array, beta: Array, ln_param: Dict[str, float]) -> Tuple[Array, NormCache]:
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    x_hat = (x - x.mean(axis=1, keepdims=True)) / std
    return gamma * x_hat + beta, NormCache(x_hat, std, gamma, axis=1)


def layernorm_backward(dout: Array, cache: NormCache) -> Tuple[Array, Array, Array]:
    return _norm_backward(dout, cache)


def dropout_forward(x, dropout_param):
    """Inverted dropout; p is the probability of keeping a neuron."""
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])

    mask = None
    out = None
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p) / p
        out = x * mask
    elif mode == "test":
        out = x

    cache = (dropout_param, mask)
    out = out.astype(x.dtype, copy=False)
    return out, cache


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    mode = dropout_param["mode"]

    dx = None
    if mode == "train":
        dx = dout * mask
    elif mode == "test":
        dx = dout
    return dx


def conv_forward_naive(x: Array, w: Array, b: Array, conv_param: Dict[str, int]) -> Tuple[Array, Dict[str, Any]]:
    s, p = conv_param["stride"], conv_param["pad"]
    hh, ww = w.shape[2:]
    xp = np.pad(x, ((0,) * 2, (0,) * 2, (p,) * 2, (p,) * 2))
    out_shape = (x.shape[0], w.shape[0], (xp.shape[2] - hh) // s + 1, (xp.shape[3] - ww) // s + 1)
    out = np.zeros(out_shape, dtype=np.result_type(x, w))
    for i, j in np.ndindex(*out_shape[2:]):
        patch = xp[:, None, :, i * s : i * s + hh, j * s : j * s + ww]
        out[:, :, i, j] = (patch * w[None]).sum(axis=(2, 3, 4)) + b
    return out, {"xp": xp, "w": w, "stride": s, "pad": p}


def conv_backward_naive(dout: Array, cache: Dict[str, Any]) -> Tuple[Array, Array, Array]:
    xp, w, s, p = (cache[k] for k in ("xp", "w", "stride", "pad"))
    hh, ww = w.shape[2:]
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i, j in np.ndindex(*dout.shape[2:]):
        window = (slice(None), slice(None), slice(i * s, i * s + hh), slice(j * s, j * s + ww))
        d = dout[:, :, i, j]
        dw += np.tensordot(d, xp[window], axes=(0, 0))
        dxp[window] += np.tensordot(d, w, axes=(1, 0))
    return dxp[:, :, p : xp.shape[2] - p, p : xp.shape[3] - p], dw, dout.sum(axis=(0, 2, 3))


def max_pool_forward_naive(x: Array, pool_param: Dict[str, int]) -> Tuple[Array, PoolCache]:
    h, w, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    rows = range(0, x.shape[2] - h + 1, s)
    cols = range(0, x.shape[3] - w + 1, s)
    out = np.stack([np.stack([x[:, :, r : r + h, c : c + w].max((2, 3)) for c in cols], -1) for r in rows], -2)
    return out, PoolCache(x, out, pool_param)


def max_pool_backward_naive(dout: Array, cache: PoolCache) -> Array:
    h, w, s = (cache.param[k] for k in ("pool_height", "pool_width", "stride"))
    dx = np.zeros_like(cache.x)
    for n, c, i, j in np.ndindex(*dout.shape):
        patch = cache.x[n, c, i * s : i * s + h, j * s : j * s + w]
        k = int(patch.argmax())
        dx[n, c, i * s + k // w, j * s + k % w] += dout[n, c, i, j]
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    out = out.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    drows = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx, dgamma, dbeta = batchnorm_backward_alt(drows, cache)
    dx = dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """gamma and beta have shape (1, C, 1, 1)."""
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    xg = x.reshape(N, G, C // G, H, W)
    mean = xg.mean(axis=(2, 3, 4), keepdims=True)
    var = xg.var(axis=(2, 3, 4), keepdims=True)
    inv_std = 1.0 / np.sqrt(var + eps)
    x_norm = ((xg - mean) * inv_std).reshape(N, C, H, W)
    out = gamma * x_norm + beta
    cache = (x_norm, inv_std, gamma, G)
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    x_norm, inv_std, gamma, G = cache
    N, C, H, W = dout.shape
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dgamma = (dout * x_norm).sum(axis=(0, 2, 3), keepdims=True)

    dg = (dout * gamma).reshape(N, G, C // G, H, W)
    xn = x_norm.reshape(N, G, C // G, H, W)
    avg_d = dg.mean(axis=(2, 3, 4), keepdims=True)
    avg_dx = (dg * xn).mean(axis=(2, 3, 4), keepdims=True)
    dx = inv_std * (dg - avg_d - xn * avg_dx)
    return dx.reshape(N, C, H, W), dgamma, dbeta
