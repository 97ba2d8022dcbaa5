"""Statements about normalization that hold exactly, with the error at which they hold here."""

import numpy as np

from normlab import nn
from normlab.study.claims import Bound
from normlab.study.gradient_checks import distance

_N, _D, _M = 16, 8, 6
_TINY = 1e-30  # an eps so small that it does not count


def identities(seeds: int, tolerance: float = 1e-10) -> list[Bound]:
    """Each identity with its largest error over ``seeds`` random draws, in float64."""
    return [
        Bound(
            name=function.__name__.replace("_", "-"),
            statement=function.__doc__.split("\n")[0],
            value=max(function(np.random.default_rng(seed)) for seed in range(seeds)),
            limit=tolerance,
            source=source,
        )
        for function, source in _IDENTITIES
    ]


def two_backward_passes(rng):
    """Node by node and in closed form, the backward pass of batch normalization is the same."""
    _, cache, dout, _ = _batchnorm(rng)
    pairs = zip(
        nn.batchnorm_backward(dout, cache), nn.batchnorm_backward_alt(dout, cache), strict=True
    )
    return max(distance(ours, theirs) for ours, theirs in pairs)


def zero_sum(rng):
    """The gradient of batch normalization sums to zero over the batch."""
    _, cache, dout, _ = _batchnorm(rng)
    dx, _, _ = nn.batchnorm_backward_alt(dout, cache)
    return float(np.abs(dx.sum(axis=0)).max())


def orthogonal_to_output(rng):
    """The gradient of batch normalization is orthogonal to the standardized input, up to eps."""
    x, cache, dout, gamma = _batchnorm(rng, eps=1e-5)
    dx, dgamma, _ = nn.batchnorm_backward_alt(dout, cache)
    variance = x.var(axis=0)
    xhat = (x - x.mean(axis=0)) / np.sqrt(variance + 1e-5)
    expected = gamma * dgamma * 1e-5 / (variance + 1e-5) ** 1.5
    return float(np.abs((dx * xhat).sum(axis=0) - expected).max())


def scale_invariance(rng):
    """Weights ten times larger leave batch normalization's output as it is, and a tenth of dw."""
    x, w, b = rng.standard_normal((_N, _D)), rng.standard_normal((_D, _M)), np.zeros(_M)
    dout = rng.standard_normal((_N, _M))
    gamma, beta = np.ones(_M), np.zeros(_M)

    def through(weights):
        out, cache = nn.affine_norm_relu_forward(
            x, weights, b, gamma, beta, {"mode": "train", "eps": _TINY}
        )
        return out, nn.affine_norm_relu_backward(dout, cache)[1]

    (out, dw), (out_large, dw_large) = through(w), through(10 * w)
    return max(distance(out_large, out), distance(10 * dw_large, dw))


def weight_gradient_orthogonal(rng):
    """The gradient of the weights before batch normalization is orthogonal to them, up to eps."""
    x, w, b = rng.standard_normal((_N, _D)), rng.standard_normal((_D, _M)), np.zeros(_M)
    gamma, beta, eps = 1 + 0.5 * rng.standard_normal(_M), rng.standard_normal(_M), 1e-5
    _, cache = nn.affine_norm_relu_forward(x, w, b, gamma, beta, {"mode": "train", "eps": eps})
    dout = rng.standard_normal((_N, _M))
    _, dw, _, dgamma, _ = nn.affine_norm_relu_backward(dout, cache)
    variance = (x @ w).var(axis=0)
    return float(np.abs((w * dw).sum(axis=0) - gamma * dgamma * eps / (variance + eps)).max())


def inert_bias(rng):
    """A bias in front of batch normalization has a gradient of zero."""
    x, w, b = rng.standard_normal((_N, _D)), rng.standard_normal((_D, _M)), rng.standard_normal(_M)
    _, cache = nn.affine_norm_relu_forward(x, w, b, np.ones(_M), np.zeros(_M), {"mode": "train"})
    _, _, db, _, _ = nn.affine_norm_relu_backward(rng.standard_normal((_N, _M)), cache)
    return float(np.abs(db).max())


def batch_of_two(rng):
    """In a batch of two, dx is gamma eps (dout1 - dout2) / (2 (h^2 + eps)^1.5), h = (x1 - x2)/2."""
    x, cache, dout, gamma = _batchnorm(rng, batch=2, eps=1e-5)
    dx, _, _ = nn.batchnorm_backward_alt(dout, cache)
    h = (x[0] - x[1]) / 2
    expected = gamma * 1e-5 * (dout[0] - dout[1]) / 2 / (h**2 + 1e-5) ** 1.5
    return float(np.abs(dx[0] - expected).max())


def layernorm_transposes(rng):
    """Layer normalization of x is batch normalization of its transpose."""
    x = rng.standard_normal((_N, _D))
    ours, _ = nn.layernorm_forward(x, np.ones(_D), np.zeros(_D), {})
    theirs, _ = nn.batchnorm_forward(x.T.copy(), np.ones(_N), np.zeros(_N), {"mode": "train"})
    return distance(ours, theirs.T)


_IDENTITIES = (
    (two_backward_passes, "Ioffe & Szegedy 2015, section 3"),
    (zero_sum, "from Ioffe & Szegedy 2015, section 3"),
    (orthogonal_to_output, "derived from the closed form"),
    (scale_invariance, "Ioffe & Szegedy 2015, section 3.3"),
    (weight_gradient_orthogonal, "a consequence of scale invariance"),
    (inert_bias, "Ioffe & Szegedy 2015, section 3.2"),
    (batch_of_two, "derived from the closed form"),
    (layernorm_transposes, "Ba et al. 2016, section 3"),
)


def _batchnorm(rng, batch=_N, eps=_TINY):
    x, dout = rng.standard_normal((2, batch, _D))
    gamma, beta = 1 + 0.5 * rng.standard_normal(_D), rng.standard_normal(_D)
    _, cache = nn.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})
    return x, cache, dout, gamma
