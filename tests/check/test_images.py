"""Layers of images in a student's file: right in several styles, and wrong in many ways."""

import pytest

from normlab.check import check_file

HEAD = "import numpy as np\n"
CONV = """
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Ho, Wo = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    out = np.zeros((N, F, Ho, Wo))
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    win = xp[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                    out[n, f, i, j] = np.sum(win * w[f]) + b[f]
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp, dw, db = np.zeros_like(xp), np.zeros_like(w), dout.sum(axis=(0, 2, 3))
    for n in range(dout.shape[0]):
        for f in range(F):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    at = (n, slice(None), slice(i * stride, i * stride + HH),
                          slice(j * stride, j * stride + WW))
                    dw[f] += xp[at] * dout[n, f, i, j]
                    dxp[at] += w[f] * dout[n, f, i, j]
    dx = dxp[:, :, pad : xp.shape[2] - pad, pad : xp.shape[3] - pad]
    return dx, dw, db
"""
POOL = """
def max_pool_forward_naive(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, 1 + (H - h) // s, 1 + (W - w) // s))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * s : i * s + h, j * s : j * s + w].max(axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            win = x[:, :, i * s : i * s + h, j * s : j * s + w]
            top = win == win.max(axis=(2, 3), keepdims=True)
            dx[:, :, i * s : i * s + h, j * s : j * s + w] += top * dout[:, :, i, j, None, None]
    return dx
"""
NORM = """
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    C = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(C))
    running_var = bn_param.get("running_var", np.zeros(C))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    else:
        mean, var = running_mean, running_var
    std = np.sqrt(var + eps)[:, None, None]
    xhat = (x - mean[:, None, None]) / std
    return gamma[:, None, None] * xhat + beta[:, None, None], (xhat, std, gamma)


def spatial_batchnorm_backward(dout, cache):
    xhat, std, gamma = cache
    n = dout.size / dout.shape[1]
    dbeta, dgamma = dout.sum(axis=(0, 2, 3)), (dout * xhat).sum(axis=(0, 2, 3))
    means = dbeta[:, None, None] / n + xhat * dgamma[:, None, None] / n
    return gamma[:, None, None] / std * (dout - means), dgamma, dbeta
"""
GROUP = """
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    parts = x.reshape(N, G, C // G, H, W)
    mean = parts.mean(axis=(2, 3, 4), keepdims=True)
    std = np.sqrt(parts.var(axis=(2, 3, 4), keepdims=True) + eps)
    xhat = ((parts - mean) / std).reshape(x.shape)
    return gamma * xhat + beta, (xhat, std, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    xhat, std, gamma, G = cache
    N, C, H, W = dout.shape
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dgamma = (dout * xhat).sum(axis=(0, 2, 3), keepdims=True)
    g, h = (a.reshape(N, G, C // G, H, W) for a in (dout * gamma, xhat))
    axes = {"axis": (2, 3, 4), "keepdims": True}
    dx = (g - g.mean(**axes) - h * (g * h).mean(**axes)) / std
    return dx.reshape(dout.shape), dgamma, dbeta
"""
WINDOWS = """
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    win = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], (2, 3))[:, :, ::s, ::s]
    return np.einsum("ncijhw,fchw->nfij", win, w) + b[:, None, None], (x, w, conv_param)


def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    win = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], (2, 3))[:, :, ::s, ::s]
    dw = np.einsum("nfij,ncijhw->fchw", dout, win)
    dxp = np.zeros_like(xp)
    for h in range(w.shape[2]):
        for v in range(w.shape[3]):
            part = np.einsum("nfij,fc->ncij", dout, w[:, :, h, v])
            rows = slice(h, h + s * dout.shape[2], s)
            columns = slice(v, v + s * dout.shape[3], s)
            dxp[:, :, rows, columns] += part
    return dxp[:, :, p : xp.shape[2] - p, p : xp.shape[3] - p], dw, dout.sum((0, 2, 3))
"""
ROWS = """
from normlab.nn import batchnorm_backward, batchnorm_forward


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    out, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta
"""
MISTAKES = [  # a file, a text in it, what stands there instead, the function that is wrong
    (CONV, "+ b[f]", "", "conv_forward_naive"),
    (CONV, "np.sum(win * w[f])", "np.sum(win * w[f][:, ::-1, ::-1])", "conv_forward_naive"),
    (CONV, "j * stride : j * stride + WW", "j : j + WW", "conv_forward_naive"),
    (CONV, "(pad, pad), (pad, pad)))\n    Ho", "(pad, pad), (0, 2 * pad)))\n    Ho",
     "conv_forward_naive"),
    (CONV, "(W + 2 * pad - WW) // stride", "(H + 2 * pad - WW) // stride", "conv_forward_naive"),
    (CONV, "dout.sum(axis=(0, 2, 3))", "dout.mean(axis=(0, 2, 3))", "conv_backward_naive"),
    (CONV, "dxp[at] += w[f]", "dxp[at] = w[f]", "conv_backward_naive"),
    (CONV, "dw[f] += xp[at]", "dw[f] = xp[at]", "conv_backward_naive"),
    (CONV, "dx = dxp[:, :, pad : xp.shape[2] - pad, pad : xp.shape[3] - pad]",
     "dx = dxp[:, :, : x.shape[2], : x.shape[3]]", "conv_backward_naive"),
    (CONV, "return dx, dw, db", "return dxp, dw, db", "conv_backward_naive"),
    (POOL, ".max(axis=(2, 3))\n", ".mean(axis=(2, 3))\n", "max_pool_forward_naive"),
    (POOL, "1 + (W - w) // s", "(W - w) // s", "max_pool_forward_naive"),
    (POOL, "i * s : i * s + h, j * s : j * s + w].max", "i : i + h, j : j + w].max",
     "max_pool_forward_naive"),
    (POOL, "] += top *", "] = top *", "max_pool_backward_naive"),
    (POOL, "top * dout[:, :, i, j, None, None]", "top + 0 * dout[:, :, i, j, None, None]",
     "max_pool_backward_naive"),
    (NORM, "x.mean(axis=(0, 2, 3)), x.var", "x.mean(axis=(0, 2, 3)), x.std",
     "spatial_batchnorm_forward"),
    (NORM, "np.sqrt(var + eps)", "np.sqrt(var)", "spatial_batchnorm_forward"),
    (NORM, '(1 - momentum) * var', '(1 - momentum) * mean', "spatial_batchnorm_forward"),
    (NORM, "mean, var = running_mean, running_var", "mean, var = x.mean((0, 2, 3)), running_var",
     "spatial_batchnorm_forward"),
    (NORM, "n = dout.size / dout.shape[1]", "n = dout.shape[0]", "spatial_batchnorm_backward"),
    (NORM, "return gamma[:, None, None] / std", "return 1 / std", "spatial_batchnorm_backward"),
    (GROUP, "x.reshape(N, G, C // G, H, W)\n    mean", "x.reshape(N, C // G, G, H, W)\n    mean",
     "spatial_groupnorm_forward"),
    (GROUP, "+ eps)", ")", "spatial_groupnorm_forward"),
    (GROUP, "mean = parts.mean(axis=(2, 3, 4)", "mean = parts.mean(axis=(3, 4)",
     "spatial_groupnorm_forward"),
    (GROUP, "gamma * xhat + beta", "gamma * xhat", "spatial_groupnorm_forward"),
    (GROUP, "- h * (g * h).mean(**axes)", "", "spatial_groupnorm_backward"),
    (GROUP, "(dout * gamma, xhat)", "(dout, xhat)", "spatial_groupnorm_backward"),
    (GROUP, "(dout * xhat).sum", "(dout + xhat).sum", "spatial_groupnorm_backward"),
    (GROUP, "mean(**axes)) / std", "mean(**axes)) * std", "spatial_groupnorm_backward"),
    (NORM, "(dout * xhat).sum(axis=(0, 2, 3))", "(dout * xhat).sum(axis=(0, 2, 3)) / n",
     "spatial_batchnorm_backward"),
]  # fmt: skip


def states(tmp_path, text):
    path = tmp_path / "layers.py"
    path.write_text(HEAD + text, "utf-8")
    return {found.name: found.state for found in check_file(str(path)).findings}


@pytest.mark.parametrize(
    "text",
    [CONV, POOL, NORM, GROUP, WINDOWS, ROWS],
    ids=["conv", "pool", "norm", "group", "windows", "rows"],
)
def test_right_layers_of_any_style_are_right(text, tmp_path):
    found = states(tmp_path, text)
    assert len(found) == 2
    assert set(found.values()) == {"right"}


@pytest.mark.parametrize(
    ("text", "right", "wrong", "function"), MISTAKES, ids=[f"{m[3]}: {m[2]}"[:60] for m in MISTAKES]
)
def test_a_planted_mistake_is_told(text, right, wrong, function, tmp_path):
    assert text.count(right) >= 1
    assert states(tmp_path, text.replace(right, wrong, 1))[function] == "WRONG"
