"""What theory predicts of very wide nets that were not trained."""

import functools

import numpy as np

from normlab import nn

_DRAWS = 100_000  # points on the sphere


@functools.cache
def moments(activation, batch, seed=0):
    """Averages over all directions of a unit that batch norm has standardized.

    Before the activation, a unit of a wide net shows the examples of a batch a random point of the
    sphere that batch norm allows: mean 0 and mean square 1.

    Parameters
    ----------
    activation : "relu" | "tanh" | "sigmoid" | "linear"
    batch : int
        4 or more.
    seed : int
        Of the points that the averages are taken over.

    Returns
    -------
    rate : float
        By how much the squared gradient grows from one layer down to the next.
    cosine : float
        Between two examples, after the activation.
    """
    x = _sphere(batch, seed)
    h, slope = _with_slope(activation, x)
    variance = np.mean(h.var(axis=1, ddof=1))
    square = np.mean(h**2)
    passed = slope - slope.mean(axis=1, keepdims=True)
    along_x = slope * x - np.mean(slope * x, axis=1, keepdims=True)
    kept = (
        (1 - 1 / batch) * np.sum(slope**2, axis=1)
        - np.sum(passed**2, axis=1) / batch
        - np.sum(along_x**2, axis=1) / batch
    )
    rate = batch / (variance * (batch - 3)) * np.mean(kept) / (batch - 1)
    return float(rate), float(1 - variance / square)


@functools.cache
def _sphere(batch, seed):
    """Random points of the sphere that batch norm allows, (draws, batch)."""
    x = np.random.default_rng(seed).standard_normal((_DRAWS, batch))
    x -= x.mean(axis=1, keepdims=True)
    x /= x.std(axis=1, keepdims=True)
    return x


@functools.cache
def limit_rate(activation):
    """The rate of large batches: the mean of phi'(z)**2 by the variance of phi(z), z Gaussian."""
    z = np.linspace(-12, 12, 240_000)  # none of them 0, where relu has a kink
    weight = np.exp(-(z**2) / 2)
    weight /= weight.sum()
    h, slope = _with_slope(activation, z[None])
    mean = np.sum(weight * h)
    return float(np.sum(weight * slope**2) / np.sum(weight * (h - mean) ** 2))


def correlation_map(layers):
    """The cosine of two examples after so many relu layers, of orthogonal inputs: arc-cosine."""
    cosine = 0.0
    for _ in range(layers):
        angle = np.arccos(cosine)
        cosine = (np.sqrt(1 - cosine**2) + cosine * (np.pi - angle)) / np.pi
    return float(cosine)


def below(value):
    """The part of the singular values of a large Gaussian square matrix that is below a value.

    The quarter circle law, for entries of variance 1 / size.
    """
    return float((value * np.sqrt(4 - value**2) / 2 + 2 * np.arcsin(value / 2)) / np.pi)


def harmonic(n):
    """1 + 1/2 + ... + 1/n."""
    return float(np.sum(1 / np.arange(1, n + 1)))


def _with_slope(activation, x):
    if activation == "linear":
        return x, np.ones_like(x)
    h, cache = getattr(nn, f"{activation}_forward")(x)
    return h, getattr(nn, f"{activation}_backward")(np.ones_like(x), cache)
