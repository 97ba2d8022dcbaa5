"""Update rules: from weights and their gradient to the next weights.

All have one form, ``next_w, config = rule(w, dw, config=None)``. They never change w, but they
update config: defaults are filled in, and the memory that the rule keeps from step to step
(velocity, moments) is replaced by new arrays.
"""

import numpy as np

from normlab.nn import checks


def sgd(w, dw, config=None):
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
    config = _fill("sgd", w, dw, config, {"learning_rate": 1e-2})
    return w - _rate("sgd", config) * dw, config


def sgd_momentum(w, dw, config=None):
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
    where = "sgd_momentum"
    config = _fill(
        where, w, dw, config, {"learning_rate": 1e-2, "momentum": 0.9}, memory=("velocity",)
    )
    momentum = checks.number(where, "momentum", config["momentum"], at_least=0, at_most=1)
    config["velocity"] = momentum * config["velocity"] - _rate(where, config) * dw
    return w + config["velocity"], config


def rmsprop(w, dw, config=None):
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
    where = "rmsprop"
    defaults = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}
    config = _fill(where, w, dw, config, defaults, memory=("cache",))
    decay_rate = checks.number(where, "decay_rate", config["decay_rate"], at_least=0, at_most=1)
    epsilon = checks.number(where, "epsilon", config["epsilon"], above=0, dtype=w.real.dtype)
    _check_squares(where, "cache", config)
    config["cache"] = decay_rate * config["cache"] + (1 - decay_rate) * dw**2
    return w - _rate(where, config) * dw / (np.sqrt(config["cache"]) + epsilon), config


def adam(w, dw, config=None):
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

    Source: Kingma & Ba 2015, Algorithm 1 (arXiv:1412.6980).
    """
    where = "adam"
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
    config = _fill(where, w, dw, config, defaults, memory=("m", "v"))
    beta1 = checks.number(where, "beta1", config["beta1"], at_least=0, below=1)
    beta2 = checks.number(where, "beta2", config["beta2"], at_least=0, below=1)
    epsilon = checks.number(where, "epsilon", config["epsilon"], above=0, dtype=w.real.dtype)
    _check_squares(where, "v", config)
    config["t"] = t = checks.count(where, "t", config["t"], at_least=0) + 1
    config["m"] = beta1 * config["m"] + (1 - beta1) * dw
    config["v"] = beta2 * config["v"] + (1 - beta2) * dw**2
    m_unbiased = config["m"] / (1 - beta1**t)
    v_unbiased = config["v"] / (1 - beta2**t)
    return w - _rate(where, config) * m_unbiased / (np.sqrt(v_unbiased) + epsilon), config


UPDATE_RULES = {"sgd": sgd, "sgd_momentum": sgd_momentum, "rmsprop": rmsprop, "adam": adam}


def _fill(where, w, dw, config, defaults, memory=()):
    """Check the arguments of a rule; fill defaults and zero memory into config and return it."""
    checks.float_arrays(where, w=w, dw=dw)
    checks.shape(where, "dw", dw, w.shape, "the shape of w")
    config = {} if config is None else config
    checks.param_dict(where, "config", config, (*defaults, *memory))
    for name, value in defaults.items():
        config.setdefault(name, value)
    for name in memory:
        if config.get(name) is None:
            config[name] = np.zeros_like(w)
        checks.float_arrays(where, w=w, **{name: config[name]})
        checks.shape(where, name, config[name], w.shape, "the shape of w")
    return config


def _check_squares(where, name, config):
    """Refuse a running mean of squares that has a negative entry."""
    lowest = config[name].real.min()
    if lowest < 0:
        raise ValueError(f"{where}: {name} has an entry {lowest}; expected numbers >= 0")


def _rate(where, config):
    """Return the learning rate as a Python float."""
    return checks.number(where, "learning_rate", config["learning_rate"], at_least=0)
