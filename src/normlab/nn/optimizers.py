"""Update rules: from weights and their gradient to the next weights.

All have one form, ``next_w, config = rule(w, dw, config=None)``. They never change w, but they
update config: defaults are filled in, and the memory that the rule keeps from step to step
(velocity, moments) is replaced by new arrays.
"""

import numpy as np

from normlab.nn import checks

_SHARE, _BETA = {"at_least": 0, "at_most": 1}, {"at_least": 0, "below": 1}
_BOUNDS = {
    "learning_rate": {"at_least": 0}, "momentum": _SHARE, "decay_rate": _SHARE,
    "beta1": _BETA, "beta2": _BETA, "epsilon": {"above": 0},
}  # fmt: skip
_SQUARES = ("cache", "v")  # means of squares, never negative


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
    config, learning_rate = _read("sgd", w, dw, config, {"learning_rate": 1e-2})
    return w - learning_rate * dw, config


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
    defaults = {"learning_rate": 1e-2, "momentum": 0.9}
    config, learning_rate, momentum = _read(
        "sgd_momentum", w, dw, config, defaults, memory=("velocity",)
    )
    config["velocity"] = momentum * config["velocity"] - learning_rate * dw
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
    defaults = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}
    config, learning_rate, decay_rate, epsilon = _read(
        "rmsprop", w, dw, config, defaults, memory=("cache",)
    )
    config["cache"] = decay_rate * config["cache"] + (1 - decay_rate) * dw**2
    return w - learning_rate * dw / (np.sqrt(config["cache"]) + epsilon), config


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
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
    config, learning_rate, beta1, beta2, epsilon, t = _read(
        "adam", w, dw, config, defaults, memory=("m", "v")
    )
    config["t"] = t = t + 1
    config["m"] = beta1 * config["m"] + (1 - beta1) * dw
    config["v"] = beta2 * config["v"] + (1 - beta2) * dw**2
    m_unbiased = config["m"] / (1 - beta1**t)
    v_unbiased = config["v"] / (1 - beta2**t)
    return w - learning_rate * m_unbiased / (np.sqrt(v_unbiased) + epsilon), config


UPDATE_RULES = {"sgd": sgd, "sgd_momentum": sgd_momentum, "rmsprop": rmsprop, "adam": adam}


def _read(where, w, dw, config, defaults, memory=()):
    """Check the arguments of a rule, and fill defaults and zero memory into config.

    Return config, and its numbers in the order of the defaults.
    """
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
        lowest = config[name].real.min() if name in _SQUARES else 0
        if lowest < 0:
            raise ValueError(f"{where}: {name} has an entry {lowest}; expected numbers >= 0")
    numbers = []
    for name in defaults:
        if name == "t":
            numbers.append(checks.count(where, name, config[name], at_least=0))
        else:
            dtype = w.real.dtype if name == "epsilon" else None
            bounds = _BOUNDS[name]
            numbers.append(checks.number(where, name, config[name], dtype=dtype, **bounds))
    return config, *numbers
