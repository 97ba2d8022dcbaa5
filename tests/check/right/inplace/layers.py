from builtins import range
import numpy as np


def affine_forward(x, w, b):
    out = np.dot(np.reshape(x, (x.shape[0], w.shape[0])), w)
    out += b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    flat = x.reshape(x.shape[0], -1)
    dx = dout.dot(w.T).reshape(x.shape)
    dw = flat.T.dot(dout)
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    out = x.copy()
    out[out < 0] = 0
    return out, x


def relu_backward(dout, cache):
    dx = dout.copy()
    dx[cache <= 0] = 0
    return dx


def softmax_loss(x, y):
    N = x.shape[0]
    probs = x - np.max(x, axis=1, keepdims=True)
    correct = probs[np.arange(N), y].copy()
    np.exp(probs, out=probs)
    Z = np.sum(probs, axis=1, keepdims=True)
    loss = np.sum(np.log(Z[:, 0]) - correct) / N
    probs /= Z
    probs[np.arange(N), y] -= 1
    probs /= N
    return loss, probs


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = np.array(bn_param.get("running_mean", np.zeros(D, dtype=x.dtype)))
    running_var = np.array(bn_param.get("running_var", np.zeros(D, dtype=x.dtype)))
    cache = None
    if mode == "train":
        mean = np.mean(x, axis=0)
        x_hat = x - mean
        var = np.mean(x_hat ** 2, axis=0)
        std = np.sqrt(var + eps)
        x_hat /= std
        running_mean *= momentum
        running_mean += (1 - momentum) * mean
        running_var *= momentum
        running_var += (1 - momentum) * var
        cache = (x_hat, std, gamma)
    elif mode == "test":
        x_hat = x - running_mean
        x_hat /= np.sqrt(running_var + eps)
    else:
        raise ValueError('Invalid forward batchnorm mode "%s"' % mode)
    out = x_hat * gamma
    out += beta
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return out, cache


def batchnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx = dout * gamma
    s1 = dx.sum(axis=0)
    s2 = (dx * x_hat).sum(axis=0)
    dx *= N
    dx -= s1
    dx -= x_hat * s2
    dx /= N * std
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    x_hat, std, gamma = cache
    dbeta, dgamma = np.sum(dout, axis=0), np.sum(dout * x_hat, axis=0)
    dx = dout - dbeta / len(dout)
    dx -= x_hat * (dgamma / len(dout))
    dx *= gamma / std
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    # the same thing as batch normalization on the transpose
    eps = ln_param.get("eps", 1e-5)
    xt = x.T.copy()
    xt -= xt.mean(axis=0)
    std = np.sqrt(np.mean(xt ** 2, axis=0) + eps)
    xt /= std
    out = xt.T * gamma
    out += beta
    return out, (xt, std, gamma)


def layernorm_backward(dout, cache):
    xt, std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xt.T, axis=0)
    g = (dout * gamma).T
    D = g.shape[0]
    dx = g - g.sum(axis=0) / D
    dx -= xt * (np.sum(g * xt, axis=0) / D)
    dx /= std
    return dx.T, dgamma, dbeta


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    out = np.array(x)
    if mode == "train":
        mask = np.random.random_sample(x.shape) < p
        out[~mask] = 0
        out /= p
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    dx = np.array(dout)
    if dropout_param["mode"] == "train":
        dx *= mask
        dx /= dropout_param["p"]
    return dx


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    xp = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=x.dtype)
    xp[:, :, pad : pad + H, pad : pad + W] = x
    out = np.empty((N, F, H_out, W_out), dtype=x.dtype)
    out[...] = b.reshape(1, -1, 1, 1)
    # shift-and-add over the positions inside the filter
    for p in range(HH):
        for q in range(WW):
            piece = xp[:, :, p : p + stride * H_out : stride, q : q + stride * W_out : stride]
            out += np.tensordot(piece, w[:, :, p, q], axes=([1], [1])).transpose(0, 3, 1, 2)
    return out, (xp, x.shape, w, conv_param)


def conv_backward_naive(dout, cache):
    xp, x_shape, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x_shape
    _, _, H_out, W_out = dout.shape
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    db = np.sum(dout, axis=(0, 2, 3))
    for p in range(w.shape[2]):
        for q in range(w.shape[3]):
            rows, cols = slice(p, p + stride * H_out, stride), slice(q, q + stride * W_out, stride)
            dw[:, :, p, q] += np.tensordot(dout, xp[:, :, rows, cols], axes=([0, 2, 3], [0, 2, 3]))
            dxp[:, :, rows, cols] += np.tensordot(dout, w[:, :, p, q], axes=([1], [0])).transpose(0, 3, 1, 2)
    return dxp[:, :, pad : pad + H, pad : pad + W], dw, db


def max_pool_forward_naive(x, pool_param):
    PH, PW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = 1 + (H - PH) // S, 1 + (W - PW) // S
    out = np.full((N, C, Ho, Wo), -np.inf, dtype=x.dtype)
    for p in range(PH):
        for q in range(PW):
            np.maximum(out, x[:, :, p : p + S * Ho : S, q : q + S * Wo : S], out=out)
    return out, (x, out, pool_param)


def max_pool_backward_naive(dout, cache):
    x, out, pool_param = cache
    PH, PW, S = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    Ho, Wo = dout.shape[2:]
    dx = np.zeros_like(x)
    left = np.ones(dout.shape, dtype=bool)  # windows whose maximum was not met yet
    for p in range(PH):
        for q in range(PW):
            sl = (slice(None), slice(None), slice(p, p + S * Ho, S), slice(q, q + S * Wo, S))
            hit = (x[sl] == out) & left
            dx[sl] += dout * hit
            left &= ~hit
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
