"""Usual mistakes in batch and layer normalization, as wrong formulas.

Batch normalization standardizes along axis 0, layer normalization along axis 1; mistakes of the
formula are the same.
"""

from types import SimpleNamespace

import numpy as np

from normlab.check.layer_mistakes import in_test


def _parts(g, axis, ddof=0):
    """What the formulas are made of: mean, var, std, xhat, and in a backward pass the means."""
    mean = g.x.mean(axis=axis, keepdims=True)
    var = g.x.var(axis=axis, ddof=ddof, keepdims=True)
    std = np.sqrt(var + g.eps)
    p = SimpleNamespace(
        **vars(g), mean=mean, var=var, std=std, xhat=(g.x - mean) / std, n=g.x.shape[axis]
    )
    if hasattr(g, "dout"):
        p.dxhat = g.dout * g.gamma
        p.shift = p.dxhat.mean(axis=axis, keepdims=True)
        p.stretch = (p.dxhat * p.xhat).mean(axis=axis, keepdims=True)
    return p


def _forward(axis):
    other = "rows (axis=1)" if axis == 0 else "columns (axis=0)"
    wanted = f"axis={axis}"

    def out(formula, **options):
        def compute(g):
            p = _parts(g, axis, **options)
            return g.gamma * formula(p) + g.beta

        return compute

    def along(another):
        return lambda g: g.gamma * _parts(g, another).xhat + g.beta

    return [
        ("the unbiased variance, np.var(..., ddof=1); divide by the number of entries",
         out(lambda p: p.xhat, ddof=1)),
        ("eps added after the root; it is np.sqrt(var + eps)",
         out(lambda p: (p.x - p.mean) / (np.sqrt(p.var) + p.eps))),
        ("a forgotten eps; it is np.sqrt(var + eps)",
         out(lambda p: (p.x - p.mean) / np.sqrt(p.var))),
        ("eps of 1e-5 whatever the param dict says; read param.get('eps', 1e-5)",
         out(lambda p: (p.x - p.mean) / np.sqrt(p.var + 1e-5))),
        ("an eps of 1e-8; the default is 1e-5",
         out(lambda p: (p.x - p.mean) / np.sqrt(p.var + 1e-8))),
        ("a division by the variance; divide by its square root",
         out(lambda p: (p.x - p.mean) / (p.var + p.eps))),
        ("a mean that is not subtracted", out(lambda p: p.x / p.std)),
        ("a mean that is subtracted, but no division by the standard deviation",
         out(lambda p: p.x - p.mean)),
        (f"mean and variance along the {other}; they are taken along {wanted}", along(1 - axis)),
        (f"mean and variance of the whole array; they are taken along {wanted}",
         lambda g: g.gamma * (g.x - g.x.mean()) / np.sqrt(g.x.var() + g.eps) + g.beta),
        ("a forgotten gamma and beta", lambda g: _parts(g, axis).xhat),
        ("a forgotten beta", lambda g: g.gamma * _parts(g, axis).xhat),
        ("a forgotten gamma", lambda g: _parts(g, axis).xhat + g.beta),
        ("gamma and beta in each other's place", lambda g: g.beta * _parts(g, axis).xhat + g.gamma),
        ("gamma times beta as well; it is gamma * xhat + beta",
         lambda g: g.gamma * (_parts(g, axis).xhat + g.beta)),
    ]  # fmt: skip


def _running(g):
    std = np.sqrt(g.running_var + g.eps)
    return g.gamma * (g.x - g.running_mean) / std + g.beta


def _fresh(g):
    """The running statistics that a first call in train mode starts from."""
    return getattr(g, "running_mean", 0.0), getattr(g, "running_var", 0.0)


def _in_train(compute):
    """A mistake of train mode alone, told apart by the mode."""
    return lambda g: compute(g) if g.mode == "train" else np.nan


def _mixed(share, old, new):
    return share * old + (1 - share) * new


_BATCHNORM_FORWARD = [
    ("running statistics in train mode; take those of the batch",
     _in_train(lambda g: _running(g) if hasattr(g, "running_mean") else
               g.gamma * g.x / np.sqrt(g.eps) + g.beta)),
    ("updated running statistics in train mode; take those of the batch",
     _in_train(lambda g: _updated(g))),
    ("statistics of the batch in test mode; take running_mean and running_var",
     in_test(lambda g: g.gamma * _parts(g, 0).xhat + g.beta)),
    ("a division by the running variance; divide by its square root",
     in_test(lambda g: g.gamma * (g.x - g.running_mean) / (g.running_var + g.eps) + g.beta)),
    ("a forgotten eps in test mode; it is np.sqrt(running_var + eps)",
     in_test(lambda g: g.gamma * (g.x - g.running_mean) / np.sqrt(g.running_var) + g.beta)),
    ("a forgotten gamma and beta in test mode",
     in_test(lambda g: (g.x - g.running_mean) / np.sqrt(g.running_var + g.eps))),
    *((words, _in_train(compute)) for words, compute in _forward(0)),
]  # fmt: skip


def _updated(g):
    mean, var = _fresh(g)
    mean = _mixed(g.momentum, mean, g.x.mean(axis=0))
    var = _mixed(g.momentum, var, g.x.var(axis=0))
    return g.gamma * (g.x - mean) / np.sqrt(var + g.eps) + g.beta


def _statistics(which, sample, more=()):
    """Mistakes in running_mean (which 0) or running_var (which 1)."""

    def old(g):
        return np.broadcast_to(_fresh(g)[which], g.beta.shape)

    return [
        ("momentum the other way round; it is momentum * running + (1 - momentum) * sample",
         lambda g: _mixed(1 - g.momentum, old(g), sample(g))),
        ("the statistic of the last batch alone; average with momentum", sample),
        ("a running statistic that is never updated; store it in bn_param", old),
        ("a sum whose second term lacks (1 - momentum)", lambda g: g.momentum * old(g) + sample(g)),
        ("momentum of 0.9 whatever bn_param says; read bn_param.get('momentum', 0.9)",
         lambda g: _mixed(0.9, old(g), sample(g))),
        ("an update in test mode, which must leave running statistics alone",
         lambda g: _mixed(g.momentum, old(g), sample(g))),
        *((words, lambda g, other=other: _mixed(g.momentum, old(g), other(g)))
          for words, other in more),
    ]  # fmt: skip


def _mean(g):
    return g.x.mean(axis=0)


def _var(g):
    return g.x.var(axis=0)


_OTHER_VARIANCES = [
    ("the unbiased variance, np.var(..., ddof=1); divide by N", lambda g: g.x.var(axis=0, ddof=1)),
    ("a running standard deviation; store the variance", lambda g: np.sqrt(_var(g) + g.eps)),
    ("a running standard deviation; store the variance", lambda g: np.sqrt(_var(g))),
    ("a variance with eps added; store it without", lambda g: _var(g) + g.eps),
    ("the mean in the place of the variance", _mean),
]


def _dx(axis):
    def by(formula):
        return lambda g: formula(_parts(g, axis))

    return [
        ("mean and variance taken as constants; both depend on x", by(lambda p: p.dxhat / p.std)),
        ("a forgotten path through the variance", by(lambda p: (p.dxhat - p.shift) / p.std)),
        ("a forgotten path through the mean",
         by(lambda p: (p.dxhat - p.xhat * p.stretch) / p.std)),
        ("missing division by N (the number of entries averaged) in both means",
         by(lambda p: (p.dxhat - p.n * (p.shift + p.xhat * p.stretch)) / p.std)),
        ("missing division by N (the number of entries averaged) on the path through the variance",
         by(lambda p: (p.dxhat - p.shift - p.n * p.xhat * p.stretch) / p.std)),
        ("missing division by N (the number of entries averaged) on the path through the mean",
         by(lambda p: (p.dxhat - p.n * p.shift - p.xhat * p.stretch) / p.std)),
        ("a missing factor 2 in the derivative of the squared deviation",
         by(lambda p: (p.dxhat - p.shift - 0.5 * p.xhat * p.stretch) / p.std)),
        ("a missing factor 1/2 in the derivative of the square root",
         by(lambda p: (p.dxhat - p.shift - 2 * p.xhat * p.stretch) / p.std)),
        ("the wrong sign on the path through the variance",
         by(lambda p: (p.dxhat - p.shift + p.xhat * p.stretch) / p.std)),
        ("the wrong sign on the path through the mean",
         by(lambda p: (p.dxhat + p.shift - p.xhat * p.stretch) / p.std)),
        ("a division by the variance; divide by its square root",
         by(lambda p: (p.dxhat - p.shift - p.xhat * p.stretch) / p.std**2)),
        (_NO_EPS, by(lambda p: (p.dxhat - p.shift - p.xhat * p.stretch) / np.sqrt(p.var))),
        (_NO_EPS, _without_eps(axis, lambda p: (p.dxhat - p.shift - p.xhat * p.stretch) / p.std)),
        *([(
            "N, the number of examples, where D belongs; layer norm averages over the D features",
            by(lambda p: (p.dxhat - p.n / p.N * (p.shift + p.xhat * p.stretch)) / p.std),
        ), (
            "N, the number of examples, where D belongs; layer norm averages over the D features",
            by(lambda p: (p.N * p.dxhat - p.n * (p.shift + p.xhat * p.stretch)) / p.n / p.std),
        )] if axis else []),
        ("a forgotten gamma: dxhat is dout * gamma", _without_gamma(axis)),
        (f"means along axis {1 - axis}; they are taken along axis {axis}",
         by(lambda p: (p.dxhat - _mean_of(p.dxhat, 1 - axis)
                       - p.xhat * _mean_of(p.dxhat * p.xhat, 1 - axis)) / p.std)),
    ]  # fmt: skip


_NO_EPS = "a forgotten eps in the backward pass; std is np.sqrt(var + eps), as in the forward pass"


def _without_eps(axis, formula):
    """A formula with the parts of x that has no eps, here tiny."""
    return lambda g: formula(_parts(SimpleNamespace(**vars(g) | {"eps": 0.0}), axis))


def _mean_of(array, axis):
    return array.mean(axis=axis, keepdims=True)


def _without_gamma(axis):
    def compute(g):
        p = _parts(SimpleNamespace(**vars(g) | {"gamma": np.ones_like(g.gamma)}), axis)
        return (p.dxhat - p.shift - p.xhat * p.stretch) / p.std

    return compute


def _dgamma(axis):
    return [
        ("dout times x; multiply dout with the standardized xhat",
         lambda g: (g.dout * g.x).sum(axis=0)),
        ("dout times x - mean; divide by the standard deviation, too",
         lambda g: (g.dout * (g.x - g.x.mean(axis=axis, keepdims=True))).sum(axis=0)),
        (_NO_EPS, _without_eps(axis, lambda p: (p.dout * p.xhat).sum(axis=0))),
        ("the sum of dout, which is dbeta", lambda g: g.dout.sum(axis=0)),
        ("gamma as a factor too many",
         lambda g: (g.dout * g.gamma * _parts(g, axis).xhat).sum(axis=0)),
        ("xhat * gamma + beta, the output, in the place of xhat",
         lambda g: (g.dout * (g.gamma * _parts(g, axis).xhat + g.beta)).sum(axis=0)),
    ]  # fmt: skip


def _dbeta(axis):
    return [
        ("gamma as a factor too many", lambda g: (g.dout * g.gamma).sum(axis=0)),
        ("the sum of dout * xhat, which is dgamma",
         lambda g: (g.dout * _parts(g, axis).xhat).sum(axis=0)),
    ]  # fmt: skip


NORMALIZATION_MISTAKES = {
    ("batchnorm_forward", "out"): _BATCHNORM_FORWARD,
    ("batchnorm_forward", "running_mean"): _statistics(0, _mean),
    ("batchnorm_forward", "running_var"): _statistics(1, _var, _OTHER_VARIANCES),
    ("layernorm_forward", "out"): _forward(1),
} | {
    (name, output): table(axis)
    for name, axis in (
        ("batchnorm_backward", 0),
        ("batchnorm_backward_alt", 0),
        ("layernorm_backward", 1),
    )
    for output, table in (("dx", _dx), ("dgamma", _dgamma), ("dbeta", _dbeta))
}
NORMALIZATION_MISTAKES["layernorm_backward", "dx"].append(
    ("gamma multiplied last; dxhat is dout * gamma, before the means",
     lambda g: g.gamma * _without_gamma(1)(g))
)  # fmt: skip
