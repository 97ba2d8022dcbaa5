"""Training nets whose weights may be scaled at will: what their scale, decay and biases do."""

import numpy as np

from normlab import nn
from normlab.nn.comparison import norm_error

_D, _HIDDEN, _CLASSES, _IMAGES, _BATCH = 20, (30, 30), 5, 200, 20
_EPS = 1e-30
_SCALED = ("W1", "W2")  # in front of batch norm


def scale_and_rate(seed, scale, rate=0.1, steps=300):
    """Losses of a net whose hidden weights start ``scale`` times larger.

    Returns
    -------
    dict, of arrays (steps,)
        "plain": at the same rate for all; "matched": with a rate of the hidden weights that is
        scale squared times larger.
    """
    found = {}
    for name, factor in (("plain", 1), ("matched", scale**2)):
        found[name] = _train(seed, np.full(steps, rate), scale, factor)["loss"]
    return found


def decay_and_rate(seed, rate=0.1, decay=0.1, steps=300):
    """A net with weight decay of its hidden layers, and one whose learning rate grows instead.

    Returns
    -------
    dict, of arrays (steps,)
        "loss", "norm" (of the first weights) of the one with decay; "loss_growing",
        "norm_growing", "rate_growing" of the other, whose rate is
        rate * (1 - rate * decay) ** (-2 t - 1); "loss_without" of one with neither.
        "growth_error": how far the squared norm without decay is from growing by rate² times the
        squared gradient at each step, relative.

    Source: Li & Arora 2020 (arXiv:1910.07454), for plain gradient descent.
    """
    constant = np.full(steps, rate)
    growing = rate * (1 - rate * decay) ** (-2 * np.arange(steps) - 1.0)
    decayed = _train(seed, constant, decay=decay)
    grown = _train(seed, constant, hidden_rates=growing)
    without = _train(seed, constant)
    return {
        "loss": decayed["loss"],
        "norm": decayed["norm"],
        "loss_growing": grown["loss"],
        "norm_growing": grown["norm"],
        "rate_growing": growing,
        "loss_without": without["loss"],
        "growth_error": without["growth_error"],
    }


def inert_bias(seed, steps=200):
    """Biases in front of batch norm: what they change, and where they go.

    Returns
    -------
    dict
        "difference": the largest difference of the loss between biases that start at random and
        at zero, float64, plain gradient descent. "walk": how far Adam has moved the largest of
        them, which started at zero, in float32; "walk_double": in float64.
    """
    rates = np.full(steps, 0.1)
    with_bias = _train(seed, rates, biases=True)["loss"]
    walks = {}
    for name, dtype in (("walk", np.float32), ("walk_double", np.float64)):
        net, batches = _net(seed, dtype), _batches(seed, steps)
        memory = {name: {"learning_rate": 1e-3} for name in net.params}
        for x, y in batches:
            _, grads = net.loss(x, y)
            for key, gradient in grads.items():
                net.params[key], memory[key] = nn.adam(net.params[key], gradient, memory[key])
        walks[name] = max(np.abs(net.params[key]).max() for key in ("b1", "b2"))
    return {"difference": np.abs(with_bias - _train(seed, rates)["loss"]).max(), **walks}


def _train(seed, rates, scale=1, factor=1, decay=0.0, hidden_rates=None, biases=False):
    """Plain gradient descent; hidden weights have a rate, a scale and a decay of their own."""
    net = _net(seed, np.float64)
    rng = np.random.default_rng([seed, 2])
    for key in _SCALED:
        net.params[key] = scale * net.params[key]
        if biases:
            net.params[key.replace("W", "b")] = rng.standard_normal(_HIDDEN[0])
    hidden_rates = factor * rates if hidden_rates is None else hidden_rates
    losses, norms, errors = [], [], []
    for (x, y), rate, hidden_rate in zip(
        _batches(seed, len(rates)), rates, hidden_rates, strict=True
    ):
        loss, grads = net.loss(x, y)
        losses.append(loss)
        norms.append(np.linalg.norm(net.params["W1"]))
        for key, gradient in grads.items():
            if key in _SCALED:
                kept = (1 - hidden_rate * decay) * net.params[key]
                moved = kept - hidden_rate * gradient
                grown = (kept**2).sum() + hidden_rate**2 * (gradient**2).sum()
                errors.append(norm_error(np.array([(moved**2).sum()]), np.array([grown])))
                net.params[key] = moved
            else:
                net.params[key] = net.params[key] - rate * gradient
    return {"loss": np.array(losses), "norm": np.array(norms), "growth_error": max(errors)}


def _net(seed, dtype):
    net = nn.FullyConnectedNet(
        _HIDDEN, _D, _CLASSES, normalization="batchnorm", weight_scale=0.3, dtype=dtype, rng=seed
    )
    for param in net.bn_params:
        param["eps"] = _EPS if dtype == np.float64 else 1e-5
    return net


def _batches(seed, steps):
    """Minibatches of Gaussian examples that a random linear teacher has sorted into classes."""
    rng = np.random.default_rng([seed, 1])
    x = rng.standard_normal((_IMAGES, _D))
    y = (x @ rng.standard_normal((_D, _CLASSES))).argmax(axis=1)
    for _ in range(steps):
        chosen = rng.choice(_IMAGES, _BATCH, replace=False)
        yield x[chosen], y[chosen]
