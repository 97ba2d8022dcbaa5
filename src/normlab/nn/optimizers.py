"""Update rules: from weights and their gradient to the next weights.

All have one form, ``next_w, config = rule(w, dw, config=None)``. They never change w, but they
update config: defaults are filled in, and the memory that the rule keeps from step to step
(velocity, moments) is replaced by new arrays. A rule is written as its formula: it takes the
values of its options, and returns the next weights and the entries of config that have changed.
"""

import functools

import numpy as np

from normlab.nn import door
from normlab.nn.options import Count, Memory, Number, Options

UPDATE_RULES = {}
"""Name -> rule, in the order of their declaration."""

_SHARE, _BETA = {"at_least": 0, "at_most": 1}, {"at_least": 0, "below": 1}
_EPSILON = Number(1e-8, above=0, in_dtype=True)


def _rule(**options):
    """Declare a rule with its options; those of kind Memory start as zeros like w."""
    options = Options(options)

    def declare(formula):
        name = formula.__name__

        @functools.wraps(formula)
        def rule(w, dw, config=None):
            door.float_arrays(name, w=w, dw=dw)
            door.shape(name, "dw", dw, w.shape, "the shape of w")
            config = {} if config is None else config
            door.options(name, "config", config, options, w)
            values = options.read(config, w)
            next_w, changed = formula(w, dw, *values)
            config.update(zip(options, values, strict=True))
            config.update(changed)
            return next_w, config

        del rule.__wrapped__  # its arguments are others
        rule.options, rule.formula = options, formula
        UPDATE_RULES[name] = rule
        return rule

    return declare


@_rule(learning_rate=Number(1e-2, at_least=0))
def sgd(w, dw, learning_rate):
    """Step against the gradient: ``w - learning_rate * dw``.

    Parameters
    ----------
    w, dw : array, any shape
        Weights, and the gradient of the loss with respect to them.
    config : dict, optional
        "learning_rate" (1e-2, in units of w squared per loss). Updated in place.

    Returns
    -------
    next_w : array, the shape of w
    config : dict, the one that was passed

    Source: Robbins & Monro 1951.
    """
    return w - learning_rate * dw, {}


@_rule(learning_rate=Number(1e-2, at_least=0), momentum=Number(0.9, **_SHARE), velocity=Memory())
def sgd_momentum(w, dw, learning_rate, momentum, velocity):
    """Roll like a ball with friction: the velocity is a fading sum of the steps.

    Parameters
    ----------
    w, dw : array, any shape
        Weights, and the gradient of the loss with respect to them.
    config : dict, optional
        "learning_rate" (1e-2), "momentum" (0.9, the share of its velocity that the ball keeps),
        "velocity" (array, the shape of w; zeros). Updated in place.

    Returns
    -------
    next_w : array, the shape of w
    config : dict, the one that was passed

    Source: Sutskever et al. 2013, equations 1 and 2.
    """
    velocity = momentum * velocity - learning_rate * dw
    return w + velocity, {"velocity": velocity}


@_rule(
    learning_rate=Number(1e-2, at_least=0),
    decay_rate=Number(0.99, **_SHARE),
    epsilon=_EPSILON,
    cache=Memory(at_least=0),
)
def rmsprop(w, dw, learning_rate, decay_rate, epsilon, cache):
    """Divide each step by a running root mean square of the gradient.

    Parameters
    ----------
    w, dw : array, any shape
        Weights, and the gradient of the loss with respect to them.
    config : dict, optional
        "learning_rate" (1e-2, in units of w), "decay_rate" (0.99, the share of the past in the
        mean square), "epsilon" (1e-8, in units of dw), "cache" (the mean square, the shape of w;
        zeros). Updated in place.

    Returns
    -------
    next_w : array, the shape of w
    config : dict, the one that was passed

    Source: Tieleman & Hinton 2012, Coursera, Neural Networks for Machine Learning, lecture 6.5.
    """
    cache = decay_rate * cache + (1 - decay_rate) * dw**2
    return w - learning_rate * dw / (np.sqrt(cache) + epsilon), {"cache": cache}


@_rule(
    learning_rate=Number(1e-3, at_least=0),
    beta1=Number(0.9, **_BETA),
    beta2=Number(0.999, **_BETA),
    epsilon=_EPSILON,
    t=Count(0),
    m=Memory(),
    v=Memory(at_least=0),
)
def adam(w, dw, learning_rate, beta1, beta2, epsilon, t, m, v):
    """Step along a running mean of the gradient, divided by its running root mean square.

    Parameters
    ----------
    w, dw : array, any shape
        Weights, and the gradient of the loss with respect to them.
    config : dict, optional
        "learning_rate" (1e-3, in units of w), "beta1" (0.9) and "beta2" (0.999, the shares of the
        past in the two means), "epsilon" (1e-8, in units of dw), "m" and "v" (the means, the
        shape of w; zeros), "t" (0, steps taken; incremented before use). Updated in place.

    Returns
    -------
    next_w : array, the shape of w
    config : dict, the one that was passed

    Source: Kingma & Ba 2015, Algorithm 1, its two corrections joined to one number as at the end of
    section 2 (arXiv:1412.6980).
    """
    t = t + 1
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    root = (1 - beta2**t) ** 0.5
    rate = learning_rate * root / (1 - beta1**t)
    return w - rate * m / (np.sqrt(v) + epsilon * root), {"t": t, "m": m, "v": v}
