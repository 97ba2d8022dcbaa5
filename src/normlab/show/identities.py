"""Statements about normalization that hold exactly, with the error at which they hold here."""

import numpy as np

from normlab import nn
from normlab.show.gradient_checks import norm_error
from normlab.stats.claims import Bound

_N, _D, _M = 16, 8, 6
_TINY = 1e-30  # an eps so small that it does not count


def identities(seeds: int, tolerance: float = 1e-10) -> list[Bound]:
    """Each identity with its largest error over ``seeds`` random draws, in float64."""
    return [
        Bound(
            name=function.__name__.strip("_").replace("_", "-"),
            statement=statement,
            value=max(function(np.random.default_rng(seed)) for seed in range(seeds)),
            limit=tolerance,
            source=source,
        )
        for function, statement, source in _IDENTITIES
    ]


def _two_backward_passes(rng):
    _, cache, dout, _ = _batchnorm(rng)
    pairs = zip(
        nn.batchnorm_backward(dout, cache), nn.batchnorm_backward_alt(dout, cache), strict=True
    )
    return max(norm_error(ours, theirs) for ours, theirs in pairs)


def _zero_sum(rng):
    _, cache, dout, _ = _batchnorm(rng)
    dx, _, _ = nn.batchnorm_backward_alt(dout, cache)
    return float(np.abs(dx.sum(axis=0)).max())


def _orthogonal_to_output(rng):
    x, cache, dout, gamma = _batchnorm(rng, eps=1e-5)
    dx, dgamma, _ = nn.batchnorm_backward_alt(dout, cache)
    variance = x.var(axis=0)
    xhat = (x - x.mean(axis=0)) / np.sqrt(variance + 1e-5)
    expected = gamma * dgamma * 1e-5 / (variance + 1e-5) ** 1.5
    return float(np.abs((dx * xhat).sum(axis=0) - expected).max())


def _scale_invariance(rng):
    x, w, b = rng.standard_normal((_N, _D)), rng.standard_normal((_D, _M)), np.zeros(_M)
    dout = rng.standard_normal((_N, _M))
    gamma, beta = np.ones(_M), np.zeros(_M)

    def through(weights):
        out, cache = nn.affine_norm_relu_forward(
            x, weights, b, gamma, beta, {"mode": "train", "eps": _TINY}
        )
        return out, nn.affine_norm_relu_backward(dout, cache)[1]

    (out, dw), (out_large, dw_large) = through(w), through(10 * w)
    return max(norm_error(out_large, out), norm_error(10 * dw_large, dw))


def _weight_gradient_orthogonal(rng):
    x, w, b = rng.standard_normal((_N, _D)), rng.standard_normal((_D, _M)), np.zeros(_M)
    gamma, beta, eps = 1 + 0.5 * rng.standard_normal(_M), rng.standard_normal(_M), 1e-5
    _, cache = nn.affine_norm_relu_forward(x, w, b, gamma, beta, {"mode": "train", "eps": eps})
    dout = rng.standard_normal((_N, _M))
    _, dw, _, dgamma, _ = nn.affine_norm_relu_backward(dout, cache)
    variance = (x @ w).var(axis=0)
    return float(np.abs((w * dw).sum(axis=0) - gamma * dgamma * eps / (variance + eps)).max())


def _inert_bias(rng):
    x, w, b = rng.standard_normal((_N, _D)), rng.standard_normal((_D, _M)), rng.standard_normal(_M)
    _, cache = nn.affine_norm_relu_forward(x, w, b, np.ones(_M), np.zeros(_M), {"mode": "train"})
    _, _, db, _, _ = nn.affine_norm_relu_backward(rng.standard_normal((_N, _M)), cache)
    return float(np.abs(db).max())


def _batch_of_two(rng):
    x, cache, dout, gamma = _batchnorm(rng, batch=2, eps=1e-5)
    dx, _, _ = nn.batchnorm_backward_alt(dout, cache)
    h = (x[0] - x[1]) / 2
    expected = gamma * 1e-5 * (dout[0] - dout[1]) / 2 / (h**2 + 1e-5) ** 1.5
    return float(np.abs(dx[0] - expected).max())


def _layernorm_transposes(rng):
    x = rng.standard_normal((_N, _D))
    ours, _ = nn.layernorm_forward(x, np.ones(_D), np.zeros(_D), {})
    theirs, _ = nn.batchnorm_forward(x.T.copy(), np.ones(_N), np.zeros(_N), {"mode": "train"})
    return norm_error(ours, theirs.T)


_IDENTITIES = (
    (
        _two_backward_passes,
        "Node by node and in closed form, the backward pass of batch normalization is the same.",
        "Ioffe & Szegedy 2015, section 3",
    ),
    (
        _zero_sum,
        "The gradient of batch normalization sums to zero over the batch.",
        "from Ioffe & Szegedy 2015, section 3",
    ),
    (
        _orthogonal_to_output,
        "The gradient of batch normalization is orthogonal to the standardized input, up to eps.",
        "derived from the closed form",
    ),
    (
        _scale_invariance,
        "Weights ten times larger leave batch normalization's output as it is, and a tenth of dw.",
        "Ioffe & Szegedy 2015, section 3.3",
    ),
    (
        _weight_gradient_orthogonal,
        "The gradient of the weights before batch normalization is orthogonal to them, up to eps.",
        "a consequence of scale invariance",
    ),
    (
        _inert_bias,
        "A bias in front of batch normalization has a gradient of zero.",
        "Ioffe & Szegedy 2015, section 3.2",
    ),
    (
        _batch_of_two,
        "In a batch of two, dx1 is gamma eps (dout1 - dout2) / (2 (h^2 + eps)^1.5), "
        "with h = (x1 - x2) / 2.",
        "derived from the closed form",
    ),
    (
        _layernorm_transposes,
        "Layer normalization of x is batch normalization of its transpose.",
        "Ba et al. 2016, section 3",
    ),
)


def _batchnorm(rng, batch=_N, eps=_TINY):
    x, dout = rng.standard_normal((2, batch, _D))
    gamma, beta = 1 + 0.5 * rng.standard_normal(_D), rng.standard_normal(_D)
    _, cache = nn.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})
    return x, cache, dout, gamma
