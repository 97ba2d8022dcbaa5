"""What leaves the output of a normalization as it is, and what small batches let through.

Where nothing else is said, numbers are float64 and eps is so small that it does not count.
"""

import numpy as np

from normlab import nn
from normlab.nn.comparison import norm_error

NORMS = ("batchnorm", "weightnorm", "layernorm", "rmsnorm", "groupnorm", "dyt")
CHANGES = (
    "all weights × 10",
    "all weights + a vector",
    "weights of a unit × 10",
    "data × 10",
    "data + a vector",
    "an example × 10",
)
EPS = 1e-30
_N, _D, _M = 16, 8, 6


def changes(seed):
    """Relative change of the output of x @ w under each normalization, by each change.

    Returns
    -------
    dict : "change" (norms, changes), in the order of NORMS and CHANGES

    Source: the columns are those of Ba, Kiros & Hinton 2016, table 1.
    """
    rng = np.random.default_rng(seed)
    x, w = rng.standard_normal((_N, _D)), rng.standard_normal((_D, _M))
    unit, example = w.copy(), x.copy()
    unit[:, 0] *= 10
    example[0] *= 10
    changed = (
        (x, 10 * w),
        (x, w + rng.standard_normal((_D, 1))),
        (x, unit),
        (10 * x, w),
        (x + rng.standard_normal(_D), w),
        (example, w),
    )
    return {
        "change": [
            [norm_error(_output(norm, *pair), _output(norm, x, w)) for pair in changed]
            for norm in NORMS
        ]
    }


def _output(norm, x, w):
    ones, zeros = np.ones(w.shape[1]), np.zeros(w.shape[1])
    z = x @ w
    return {
        "batchnorm": lambda: nn.batchnorm_forward(z, ones, zeros, {"mode": "train", "eps": EPS}),
        "weightnorm": lambda: nn.weightnorm_forward(x, w, ones, zeros),
        "layernorm": lambda: nn.layernorm_forward(z, ones, zeros, {"eps": EPS}),
        "rmsnorm": lambda: nn.rmsnorm_forward(z, ones, {"eps": EPS}),
        "groupnorm": lambda: nn.groupnorm_forward(z, ones, zeros, 2, {"eps": EPS}),
        "dyt": lambda: nn.dyt_forward(z, np.full(1, 0.5), ones, zeros),
    }[norm]()[0]


def identities(seed):
    """Errors of identities that hold exactly, relative where the sides are not zero.

    Returns
    -------
    dict
        "eps": what eps = 1e-5 does to the invariance to ten times larger weights, beside
        sqrt(v + eps) / sqrt(v + eps / 100). "rows": the gradient that layer norm passes back, its
        sum over the features of an example, and its product with xhat beside a term in eps.
        "outlier": the largest |xhat| beside sqrt(N - 1). "length": the squared length of the
        gradient that batch norm passes back beside that of Santurkar et al., theorem 4.1, taken
        as an equation. "running": the output in test mode, after the same batch has come 300
        times, beside that in train mode. "first_step": the first step of Adam beside the rate,
        for gradients that are large beside its epsilon.
    """
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal((2, _N, _D))
    gamma, beta = 1 + 0.5 * rng.standard_normal(_D), np.zeros(_D)
    train = {"mode": "train", "eps": 1e-5}
    plain, _ = nn.batchnorm_forward(x, np.ones(_D), beta, dict(train))
    larger, _ = nn.batchnorm_forward(10 * x, np.ones(_D), beta, dict(train))
    variance = x.var(axis=0)
    expected = np.sqrt((variance + 1e-5) / (variance + 1e-7))

    _, cache = nn.layernorm_forward(x, gamma, beta, {"eps": 1e-5})
    dx, _, _ = nn.layernorm_backward(dout, cache)
    xhat, std, _ = cache
    closed = (dout * gamma * xhat).sum(axis=1) * 1e-5 / std[:, 0] ** 3
    rows = max(np.abs(dx.sum(axis=1)).max(), np.abs((dx * xhat).sum(axis=1) - closed).max())

    heavy = rng.standard_cauchy((_N, _D))
    spread, _ = nn.batchnorm_forward(heavy, np.ones(_D), beta, {"mode": "train", "eps": EPS})

    _, cache = nn.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": EPS})
    dx, dgamma, dbeta = nn.batchnorm_backward_alt(dout, cache)
    lost = (dbeta**2 + dgamma**2) / _N
    length = gamma**2 / variance * ((dout**2).sum(axis=0) - lost)

    for _ in range(300):
        often, _ = nn.batchnorm_forward(x, gamma, beta, train)
    tested, _ = nn.batchnorm_forward(x, gamma, beta, {**train, "mode": "test"})

    gradient = np.sign(dout) * (1 + np.abs(dout))
    moved, _ = nn.adam(x, gradient, {"learning_rate": 0.1, "epsilon": 1e-12})
    return {
        "eps": norm_error(larger / plain, np.broadcast_to(expected, x.shape)),
        "rows": rows,
        "outlier": np.abs(spread).max() / np.sqrt(_N - 1),
        "length": norm_error((dx**2).sum(axis=0), length),
        "running": norm_error(tested, often),
        "first_step": norm_error(x - moved, 0.1 * np.sign(gradient)),
    }


def batch_of_two(seed, width=20, input_dim=15, weight_scale=5e-2):
    """What a gradient check on two examples sees of each unit of the first hidden layer.

    The sizes are those of the assignment's own check. In a batch of two the gradient would pass
    with all of (dy1 - dy2) / 2 / std, were it not for what batch norm takes away.

    Returns
    -------
    dict
        "h": half the difference of the two inputs of each unit, (width,); "passed": the share of
        the gradient that is left, (width,).
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, input_dim))
    a = x @ (weight_scale * rng.standard_normal((input_dim, width)))
    dout = rng.standard_normal((2, width))
    train = {"mode": "train"}
    _, cache = nn.batchnorm_forward(a, np.ones(width), np.zeros(width), train)
    dx, _, _ = nn.batchnorm_backward(dout, cache)
    whole = (dout[0] - dout[1]) / 2 / np.ravel(cache.std)
    return {"h": np.abs(a[0] - a[1]) / 2, "passed": np.abs(dx[0] / whole)}


def xor(seed, norm, width, draws=100):
    """How often a plane parts the classes of XOR after a random affine layer and a normalization.

    Two points lie in either class, and a plane parts them unless the line from the one to the
    other meets that of the other class. Batch norm is taken in test mode, with running statistics
    of the four points, where it is an affine map.

    Returns
    -------
    dict : "parted", a fraction of the draws
    """
    rng = np.random.default_rng(seed)
    x = np.array([[-1.0, -1], [1, 1], [-1, 1], [1, -1]])
    ones, zeros = np.ones(width), np.zeros(width)
    parted = 0
    for _ in range(draws):
        a = x @ rng.standard_normal((2, width)) + rng.standard_normal(width)
        if norm == "layernorm":
            out, _ = nn.layernorm_forward(a, ones, zeros, {"eps": EPS})
        else:
            running = {"running_mean": a.mean(axis=0), "running_var": a.var(axis=0)}
            out, _ = nn.batchnorm_forward(a, ones, zeros, {"mode": "test", **running})
        parted += not _meet(*out)
    return {"parted": parted / draws}


def _meet(a, b, c, d):
    """Whether the line from a to b meets that from c to d."""
    directions = np.column_stack([b - a, c - d])
    (s, t), *_ = np.linalg.lstsq(directions, c - a, rcond=None)
    gap = np.linalg.norm(directions @ (s, t) - (c - a))
    return gap < 1e-9 and 0 <= s <= 1 and 0 <= t <= 1
