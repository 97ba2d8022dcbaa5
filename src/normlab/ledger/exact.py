"""What holds exactly: gradients, and identities of normalization, up to rounding in float64."""

from functools import partial

import numpy as np

from normlab import nn
from normlab.ledger.claim import Claim
from normlab.nn.comparison import norm_error
from normlab.stats.rules import AtMost

_N, _D, _M = 16, 8, 6
_TINY = 1e-30  # an eps so small that it does not count


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


def _batchnorm(rng, batch=_N, eps=_TINY):
    x, dout = rng.standard_normal((2, batch, _D))
    gamma, beta = 1 + 0.5 * rng.standard_normal(_D), rng.standard_normal(_D)
    _, cache = nn.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})
    return x, cache, dout, gamma


def _largest(function, results):
    """The largest error of an identity, over random draws."""
    return max(function(np.random.default_rng(seed)) for seed in range(results.seeds))


def _identity(function, statement, source):
    name = function.__name__.strip("_").replace("_", "-")
    return Claim(name, statement, AtMost(1e-10), partial(_largest, function), "yes", source)


GRADIENTS = (
    Claim(
        "complex-step",
        "Every gradient that is not zero agrees with the complex step, to a relative error of at "
        "most 10⁻¹¹.",
        AtMost(1e-11),
        lambda r: r.errors.complex_step,
        "yes",
        "squire",
    ),
    Claim(
        "zero-gradients",
        "Every gradient that is zero comes out as at most 10⁻¹².",
        AtMost(1e-12),
        lambda r: r.errors.of_zero,
        "yes",
    ),
    Claim(
        "central",
        "Every gradient that is not zero agrees with central differences, to a relative error of "
        "at most 10⁻⁵.",
        AtMost(1e-5),
        lambda r: r.errors.central,
        "yes",
    ),
    Claim(
        "closed-form-work",
        "In closed form, the backward pass of batch norm takes at most two thirds of the "
        "operations that it takes node by node.",
        AtMost(2 / 3),
        lambda r: r.counts.rows[1][2] / r.counts.rows[0][2],
        "yes",
    ),
    _identity(
        _two_backward_passes,
        "Node by node and in closed form, the backward pass of batch norm gives the same.",
        "ioffe, section 3",
    ),
    _identity(
        _zero_sum,
        "The gradient that batch norm passes back sums to zero over the batch.",
        "ioffe, section 3",
    ),
    _identity(
        _orthogonal_to_output,
        "The gradient that batch norm passes back is orthogonal to the standardized input, up to "
        "a term in ε.",
        "ioffe, section 3",
    ),
    _identity(
        _scale_invariance,
        "Weights ten times larger leave the output of batch norm as it is, and a tenth of their "
        "gradient.",
        "ioffe, section 3.3",
    ),
    _identity(
        _weight_gradient_orthogonal,
        "The gradient of the weights in front of batch norm is orthogonal to them, up to a term "
        "in ε.",
        "ioffe, section 3.3",
    ),
    _identity(
        _inert_bias,
        "A bias in front of batch norm has a gradient of zero.",
        "ioffe, section 3.2",
    ),
    _identity(
        _batch_of_two,
        "In a batch of two with inputs x₁ and x₂ and h = (x₁ − x₂) / 2, batch norm passes back "
        "γ ε (dy₁ − dy₂) / (2 (h² + ε)^1.5) to the first.",
        "",
    ),
    _identity(
        _layernorm_transposes,
        "Layer norm of x is batch norm of x turned on its side.",
        "ba, section 3",
    ),
)
"""Of the page on gradient checks."""
