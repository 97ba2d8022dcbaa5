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
    num = x.shape[0]
    idx = (np.arange(num), y)
    z = x - x.max(1).reshape(-1, 1)
    logz = np.log(np.sum(np.exp(z), 1))
    loss = np.mean(logz - z[idx], dtype=np.float64)
    dx = np.exp(z - logz.reshape(-1, 1))
    dx[idx] -= x.dtype.type(1)
    dx *= x.dtype.type(1.0 / num)
    return float(loss), dx


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    t = x.dtype.type
    eps, momentum = t(bn_param.get("eps", 1e-5)), t(bn_param.get("momentum", 0.9))
    gamma, beta = gamma.astype(x.dtype, copy=False), beta.astype(x.dtype, copy=False)
    running_mean = bn_param.get("running_mean")
    running_var = bn_param.get("running_var")
    if running_mean is None:
        running_mean = np.zeros(x.shape[1:], x.dtype)
    if running_var is None:
        running_var = np.zeros(x.shape[1:], x.dtype)
    cache = None
    if mode == "train":
        mu = x.mean(0)
        xmu = x - mu
        var = (xmu * xmu).mean(0)
        ivar = t(1) / np.sqrt(var + eps)
        xhat = xmu * ivar
        out = xhat * gamma + beta
        running_mean = running_mean * momentum + mu * (t(1) - momentum)
        running_var = running_var * momentum + var * (t(1) - momentum)
        cache = (xmu, ivar, gamma)
    elif mode == "test":
        out = (x - running_mean.astype(x.dtype)) * (gamma / np.sqrt(running_var.astype(x.dtype) + eps)) + beta
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    xmu, ivar, gamma = cache
    N = dout.dtype.type(dout.shape[0])
    dbeta = dout.sum(0)
    dgamma = (dout * (xmu * ivar)).sum(0)
    dxhat = dout * gamma
    divar = (dxhat * xmu).sum(0)
    dvar = dout.dtype.type(-0.5) * divar * ivar * ivar * ivar
    dxmu = dxhat * ivar + (dvar / N) * xmu * dout.dtype.type(2)
    dx = dxmu - dxmu.sum(0) / N
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    xmu, ivar, gamma = cache
    xhat = xmu * ivar
    dgamma, dbeta = (dout * xhat).sum(0), dout.sum(0)
    return (gamma * ivar) * (dout - dout.mean(0) - xhat * (dout * xhat).mean(0)), dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mu = x.mean(axis=1, keepdims=True)
    var = x.var(axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (x - mu) / std
    out = gamma * x_hat + beta
    cache = (x_hat, std, gamma)
    return out, cache


def layernorm_backward(dout, cache):
    x_hat, std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    mean_d = dx_hat.mean(axis=1, keepdims=True)
    mean_dx = (dx_hat * x_hat).mean(axis=1, keepdims=True)
    dx = (dx_hat - mean_d - x_hat * mean_dx) / std
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    out = x
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p).astype(x.dtype) / x.dtype.type(p)
        out = x * mask
    return out, (dropout_param, mask)


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
