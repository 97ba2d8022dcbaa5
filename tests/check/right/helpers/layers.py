from builtins import range
import numpy as np


def affine_forward(x, w, b):
    """Fully-connected layer: x (N, d1, ..., dk), w (D, M), b (M,)."""
    flat = x.reshape(x.shape[0], -1)
    out = flat.dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    flat = x.reshape(x.shape[0], -1)
    dx = dout.dot(w.T).reshape(x.shape)
    dw = flat.T.dot(dout)
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    out = np.maximum(x, 0)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    x = cache
    dx = dout * (x > 0)
    return dx


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


def _standardize(x, axis, eps):
    """Zero mean and unit variance along axis; returns x_hat, statistics and a backward closure."""
    mu = np.mean(x, axis=axis, keepdims=True)
    var = np.mean(np.square(x - mu), axis=axis, keepdims=True)
    inv = 1.0 / np.sqrt(var + eps)
    x_hat = (x - mu) * inv

    def undo(dx_hat):
        proj = np.mean(dx_hat * x_hat, axis=axis, keepdims=True)
        return inv * (dx_hat - np.mean(dx_hat, axis=axis, keepdims=True) - x_hat * proj)

    return x_hat, mu, var, undo


def _scale_shift_grads(dout, x_hat, axis, keepdims=False):
    return np.sum(dout * x_hat, axis=axis, keepdims=keepdims), np.sum(dout, axis=axis, keepdims=keepdims)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    for key in ("running_mean", "running_var"):
        if key not in bn_param:
            bn_param[key] = np.zeros(x.shape[1], dtype=x.dtype)

    if bn_param["mode"] == "train":
        x_hat, mu, var, undo = _standardize(x, 0, eps)
        for key, value in (("running_mean", mu), ("running_var", var)):
            bn_param[key] = momentum * bn_param[key] + (1 - momentum) * value.ravel()
        return x_hat * gamma + beta, (x_hat, gamma, undo)

    if bn_param["mode"] == "test":
        z = (x - bn_param["running_mean"]) / np.sqrt(bn_param["running_var"] + eps)
        return z * gamma + beta, None

    raise ValueError("Invalid forward batchnorm mode")


def batchnorm_backward(dout, cache):
    x_hat, gamma, undo = cache
    dgamma, dbeta = _scale_shift_grads(dout, x_hat, 0)
    return undo(dout * gamma), dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


def layernorm_forward(x, gamma, beta, ln_param):
    x_hat, _, _, undo = _standardize(x, 1, ln_param.get("eps", 1e-5))
    return x_hat * gamma + beta, (x_hat, gamma, undo)


layernorm_backward = batchnorm_backward


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


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride

    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    out = np.zeros((N, F, H_out, W_out), dtype=x.dtype)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    r, c = i * stride, j * stride
                    window = x_pad[n, :, r : r + HH, c : c + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]

    cache = (x, w, b, conv_param)
    return out, cache


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape

    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    dpadded = np.zeros_like(padded)
    dw = np.zeros_like(w)
    db = dout.sum(axis=(0, 2, 3))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    g = dout[n, f, i, j]
                    dw[f] += g * padded[n, :, top : top + HH, left : left + WW]
                    dpadded[n, :, top : top + HH, left : left + WW] += g * w[f]

    dx = dpadded[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    PH, PW = pool_param["pool_height"], pool_param["pool_width"]
    S = pool_param["stride"]
    N, C, H, W = x.shape
    H_out = 1 + (H - PH) // S
    W_out = 1 + (W - PW) // S

    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for i in range(H_out):
        for j in range(W_out):
            block = x[:, :, i * S : i * S + PH, j * S : j * S + PW]
            out[:, :, i, j] = block.max(axis=(2, 3))

    cache = (x, pool_param)
    return out, cache


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    PH, PW = pool_param["pool_height"], pool_param["pool_width"]
    S = pool_param["stride"]
    N, C, H_out, W_out = dout.shape

    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    patch = x[n, c, i * S : i * S + PH, j * S : j * S + PW]
                    a, e = np.unravel_index(np.argmax(patch), patch.shape)
                    dx[n, c, i * S + a, j * S + e] += dout[n, c, i, j]
    return dx


def _to_rows(x):
    return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def _from_rows(rows, shape):
    N, C, H, W = shape
    return np.moveaxis(rows.reshape(N, H, W, C), -1, 1)


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    out, cache = batchnorm_forward(_to_rows(x), gamma, beta, bn_param)
    return _from_rows(out, x.shape), cache


def spatial_batchnorm_backward(dout, cache):
    dx, dgamma, dbeta = batchnorm_backward(_to_rows(dout), cache)
    return _from_rows(dx, dout.shape), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    groups = x.reshape(x.shape[0] * G, -1)
    x_hat, _, _, undo = _standardize(groups, 1, gn_param.get("eps", 1e-5))
    x_hat = x_hat.reshape(x.shape)
    return x_hat * gamma + beta, (x_hat, gamma, undo, groups.shape)


def spatial_groupnorm_backward(dout, cache):
    x_hat, gamma, undo, gshape = cache
    dgamma, dbeta = _scale_shift_grads(dout, x_hat, (0, 2, 3), keepdims=True)
    return undo((dout * gamma).reshape(gshape)).reshape(dout.shape), dgamma, dbeta
