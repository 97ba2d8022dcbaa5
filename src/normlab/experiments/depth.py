"""How large signal and gradient are along a deep net that was not trained."""

import numpy as np

from normlab import nn

ACTIVATIONS = ("relu", "tanh", "sigmoid", "linear")
_EPS = 1e-12  # so small that it does not count beside a variance


def plain_net(
    seed, activation="relu", normalization="batchnorm", gain=2.0, batch=32, width=512, depth=30
):
    """Follow signal and gradient through layers ``h = activation(norm(h @ w))``.

    Parameters
    ----------
    seed : int
    activation : "relu" | "tanh" | "sigmoid" | "linear"
    normalization : "none" | "batchnorm" | "layernorm"
    gain : float
        The weights have the variance ``gain / width``.
    batch, width, depth : int
        Of the data, which are Gaussian, and of all layers.

    Returns
    -------
    dict of arrays, (depth,)
        "signal" and "gradient" are logarithms of the mean square of ``h @ w`` and of the gradient
        with respect to it, for a Gaussian gradient at the output; "cosine" is the mean cosine
        between two examples of h, and "rank" the effective rank of h.
    """
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((batch, width))
    found = {"signal": [], "cosine": [], "rank": []}
    layers = []
    for _ in range(depth):
        w = rng.standard_normal((width, width)) * np.sqrt(gain / width)
        x = h @ w
        xhat, norm_cache = _normalize(x, normalization)
        h, cache = _activate(xhat, activation)
        layers.append((w, norm_cache, cache))
        found["signal"].append(np.log(np.mean(x**2)))
        found["cosine"].append(mean_cosine(h))
        found["rank"].append(effective_rank(h))
    gradient = []
    dh = rng.standard_normal(h.shape)
    for w, norm_cache, cache in reversed(layers):
        dx = _normalize_back(_activate_back(dh, cache, activation), norm_cache, normalization)
        gradient.insert(0, np.log(np.mean(dx**2)))
        dh = dx @ w.T
    return found | {"gradient": gradient}


def residual_net(seed, normalization="layernorm", scaling="one", width=512, batch=64, blocks=64):
    """Follow the signal through blocks ``x + scale * relu(norm(x)) @ w``, with He's weights.

    Parameters
    ----------
    seed : int
    normalization : "none" | "batchnorm" | "layernorm"
    scaling : "one" | "block" | "depth"
        The norm of block l is multiplied by 1, by 1 / sqrt(l), or by 1 / sqrt(blocks).
    width, batch, blocks : int

    Returns
    -------
    dict of arrays
        "square", (blocks + 1,), the mean square before the first block and after each, and
        "share", (blocks,), the part of it that comes from the branch of that block.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((batch, width))
    square, share = [np.mean(x**2)], []
    for block in range(1, blocks + 1):
        scale = {"one": 1, "block": block, "depth": blocks}[scaling] ** -0.5
        w = rng.standard_normal((width, width)) * np.sqrt(2 / width)
        xhat, _ = _normalize(x, normalization)
        branch = nn.relu_forward(scale * xhat)[0] @ w
        x = x + branch
        square.append(np.mean(x**2))
        share.append(np.mean(branch**2) / square[-1])
    return {"square": square, "share": share}


def shattered(seed, kind="plain", normalization="batchnorm", depth=50, width=200, points=256):
    """Differentiate a net of one input and one output at points between -2 and 2.

    Parameters
    ----------
    seed : int
    kind : "plain" | "residual"
        Layers ``relu(norm(x)) @ w``, or blocks ``x + 0.1 * relu(norm(x)) @ w``.
    normalization : "none" | "batchnorm"
        The points are one batch, and the gradient passes through its statistics.
    depth, width, points : int

    Returns
    -------
    dict
        "gradient", (points,), and "correlation", that of the gradient at a point with that at the
        next.
    """
    rng = np.random.default_rng(seed)
    first, bias = rng.standard_normal((2, 1, width))
    inputs = np.linspace(-2, 2, points)[:, None]
    x = inputs @ first + bias
    step, skip = (0.1, 1) if kind == "residual" else (1, 0)
    layers = []
    for _ in range(depth):
        w = rng.standard_normal((width, width)) * np.sqrt(2 / width)
        xhat, norm_cache = _normalize(x, normalization)
        h, cache = nn.relu_forward(xhat)
        x = skip * x + step * (h @ w)
        layers.append((w, norm_cache, cache))
    dx = np.tile(rng.standard_normal(width), (points, 1))
    for w, norm_cache, cache in reversed(layers):
        dxhat = nn.relu_backward(step * (dx @ w.T), cache)
        dx = skip * dx + _normalize_back(dxhat, norm_cache, normalization)
    gradient = (dx @ first.T)[:, 0]
    return {"gradient": gradient, "correlation": lag_one(gradient)}


def layer_jacobian(seed, width=400, batch=4000):
    """Singular values of a Gaussian layer whose inputs and outputs are standardized.

    Returns
    -------
    dict, "singular" -> array, (width,)
        Of the weights divided by the standard deviation of each output.
    """
    rng = np.random.default_rng(seed)
    x, _ = _normalize(rng.standard_normal((batch, width)), "batchnorm")
    w = rng.standard_normal((width, width)) / np.sqrt(width)
    return {"singular": np.linalg.svd(w / (x @ w).std(axis=0), compute_uv=False)}


def batch_statistics(seed, batch=32, batches=2000, units=100):
    """Statistics of Gaussian minibatches, beside those that theory gives.

    Returns
    -------
    dict, "ratios" -> array, (3,)
        Measured by predicted: scatter of the mean, scatter of the variance, mean of the variance.
    """
    x = np.random.default_rng(seed).standard_normal((batches, batch, units))
    means, variances = x.mean(axis=1), x.var(axis=1)
    found = np.array([means.var(), variances.var(), variances.mean()])
    return {"ratios": found / [1 / batch, 2 * (batch - 1) / batch**2, (batch - 1) / batch]}


def mean_cosine(h):
    """The mean cosine between two rows of ``h``, (N, D)."""
    rows = h / np.linalg.norm(h, axis=1, keepdims=True)
    n = len(h)
    return (np.sum(rows.sum(axis=0) ** 2) - n) / (n * (n - 1))


def effective_rank(h):
    """In how many directions the rows of ``h`` spread: ``sum(s**2)**2 / sum(s**4)``."""
    gram = h @ h.T  # whose eigenvalues are the squared singular values s**2
    return np.trace(gram) ** 2 / np.sum(gram**2)


def lag_one(series):
    """The correlation of neighbours in a series, (T,)."""
    centered = series - series.mean()
    return np.sum(centered[1:] * centered[:-1]) / np.sum(centered**2)


def _normalize(x, normalization):
    if normalization == "none":
        return x, None
    forward = {"batchnorm": nn.batchnorm_forward, "layernorm": nn.layernorm_forward}[normalization]
    ones, zeros = np.ones(x.shape[1]), np.zeros(x.shape[1])
    return forward(x, ones, zeros, {"mode": "train", "eps": _EPS})


def _normalize_back(dout, cache, normalization):
    if normalization == "none":
        return dout
    backward = {"batchnorm": nn.batchnorm_backward, "layernorm": nn.layernorm_backward}
    return backward[normalization](dout, cache)[0]


def _activate(x, activation):
    if activation == "linear":
        return x, None
    return getattr(nn, f"{activation}_forward")(x)


def _activate_back(dout, cache, activation):
    if activation == "linear":
        return dout
    return getattr(nn, f"{activation}_backward")(dout, cache)
