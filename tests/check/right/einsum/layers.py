import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def affine_forward(x, w, b):
    out = np.einsum("nd,dm->nm", x.reshape(len(x), -1), w) + b[None, :]
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
    dw = np.einsum("nd,nm->dm", x.reshape(len(x), -1), dout)
    db = np.einsum("nm->m", dout)
    return dx, dw, db


def relu_forward(x):
    return np.where(x > 0, x, 0), x


def relu_backward(dout, cache):
    return np.where(cache > 0, dout, 0)


def softmax_loss(x, y):
    n = len(x)
    z = x - np.amax(x, axis=1)[:, None]
    e = np.exp(z)
    s = np.einsum("nc->n", e)
    rows = np.arange(n)
    loss = np.sum(np.log(s) - z[rows, y]) / n
    onehot = np.zeros_like(x)
    onehot[rows, y] = 1
    return loss, (np.einsum("nc,n->nc", e, 1 / s) - onehot) / n


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps, mom = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    n, d = x.shape
    rm = bn_param.setdefault("running_mean", np.zeros(d, dtype=x.dtype))
    rv = bn_param.setdefault("running_var", np.zeros(d, dtype=x.dtype))
    if mode == "train":
        mean = np.einsum("nd->d", x) / n
        xc = x - mean
        var = np.einsum("nd,nd->d", xc, xc) / n
        inv = 1 / np.sqrt(var + eps)
        xhat = np.einsum("nd,d->nd", xc, inv)
        bn_param["running_mean"] = mom * rm + (1 - mom) * mean
        bn_param["running_var"] = mom * rv + (1 - mom) * var
        return np.einsum("nd,d->nd", xhat, gamma) + beta, (xhat, inv, gamma)
    if mode == "test":
        scale = gamma / np.sqrt(rv + eps)
        return x * scale + (beta - rm * scale), None
    raise ValueError('Invalid forward batchnorm mode "%s"' % mode)


def batchnorm_backward(dout, cache):
    xhat, inv, gamma = cache
    n = len(dout)
    dbeta = np.einsum("nd->d", dout)
    dgamma = np.einsum("nd,nd->d", dout, xhat)
    dxhat = np.einsum("nd,d->nd", dout, gamma)
    inner = np.einsum("nd,nd->d", dxhat, xhat) / n
    dx = inv * (dxhat - np.einsum("nd->d", dxhat) / n - np.einsum("nd,d->nd", xhat, inner))
    return dx, dgamma, dbeta


batchnorm_backward_alt = batchnorm_backward


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    xc = x - x.mean(1)[:, None]
    inv = 1 / np.sqrt(np.einsum("nd,nd->n", xc, xc) / x.shape[1] + eps)
    xhat = np.einsum("nd,n->nd", xc, inv)
    return xhat * gamma + beta, (xhat, inv, gamma)


def layernorm_backward(dout, cache):
    xhat, inv, gamma = cache
    d = dout.shape[1]
    g = dout * gamma
    a = np.einsum("nd->n", g) / d
    b = np.einsum("nd,nd->n", g, xhat) / d
    dx = inv[:, None] * (g - a[:, None] - xhat * b[:, None])
    return dx, np.einsum("nd,nd->d", dout, xhat), np.einsum("nd->d", dout)


def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode == "test":
        return x, (dropout_param, None)
    mask = np.random.binomial(1, p, size=x.shape) / p
    return (x * mask).astype(x.dtype), (dropout_param, mask)


def dropout_backward(dout, cache):
    _, mask = cache
    return dout if mask is None else dout * mask


def _windows(xp, hh, ww, s):
    return sliding_window_view(xp, (hh, ww), axis=(2, 3))[:, :, ::s, ::s]


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    win = _windows(xp, w.shape[2], w.shape[3], s)
    out = np.einsum("ncijhw,fchw->nfij", win, w) + b[None, :, None, None]
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    hh, ww = w.shape[2:]
    ho, wo = dout.shape[2:]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    dw = np.einsum("ncijhw,nfij->fchw", _windows(xp, hh, ww, s), dout)
    db = np.einsum("nfij->f", dout)
    dxp = np.zeros_like(xp)
    for h in range(hh):
        for v in range(ww):
            dxp[:, :, h : h + s * ho : s, v : v + s * wo : s] += np.einsum("nfij,fc->ncij", dout, w[:, :, h, v])
    return dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, db


def max_pool_forward_naive(x, pool_param):
    win = _windows(x, pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"])
    return win.max(axis=(-2, -1)), (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    win = _windows(x, ph, pw, s)
    arg = win.reshape(win.shape[:4] + (-1,)).argmax(-1)
    dx = np.zeros_like(x)
    n, c, i, j = np.indices(dout.shape)
    np.add.at(dx, (n, c, i * s + arg // pw, j * s + arg % pw), dout)
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    n, c, h, w = x.shape
    y, cache = batchnorm_forward(np.einsum("nchw->nhwc", x).reshape(-1, c), gamma, beta, bn_param)
    return np.einsum("nhwc->nchw", y.reshape(n, h, w, c)), cache


def spatial_batchnorm_backward(dout, cache):
    n, c, h, w = dout.shape
    dx, dgamma, dbeta = batchnorm_backward(np.einsum("nchw->nhwc", dout).reshape(-1, c), cache)
    return np.einsum("nhwc->nchw", dx.reshape(n, h, w, c)), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    n, c, h, w = x.shape
    xg = x.reshape(n * G, -1)
    xc = xg - xg.mean(1, keepdims=True)
    inv = 1 / np.sqrt(np.einsum("gk,gk->g", xc, xc) / xc.shape[1] + eps)
    xhat = np.einsum("gk,g->gk", xc, inv)
    out = xhat.reshape(x.shape) * gamma + beta
    return out, (xhat, inv, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    xhat, inv, gamma, G = cache
    k = xhat.shape[1]
    xh4 = xhat.reshape(dout.shape)
    dbeta = np.einsum("nchw->c", dout)[None, :, None, None]
    dgamma = np.einsum("nchw,nchw->c", dout, xh4)[None, :, None, None]
    g = (dout * gamma).reshape(xhat.shape)
    dx = inv[:, None] * (g - g.mean(1, keepdims=True) - xhat * (np.einsum("gk,gk->g", g, xhat) / k)[:, None])
    return dx.reshape(dout.shape), dgamma, dbeta
