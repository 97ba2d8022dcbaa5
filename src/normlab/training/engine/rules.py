"""The compiled twin of each update rule: one pass over all parameters, in place.

Arguments are w, dw, the memory of the rule, and its numbers in an array of the same dtype.
"""

import numpy as np

from normlab.training.engine.compiler import compiled


@compiled
def penalize(w, dw, reg):
    """``dw = dw + reg * w``."""
    for i in range(w.size):
        dw[i] += reg * w[i]


@compiled
def sgd(w, dw, _first, _second, numbers):
    """``w - learning_rate * dw``."""
    learning_rate = numbers[0]
    for i in range(w.size):
        w[i] -= learning_rate * dw[i]


@compiled
def sgd_momentum(w, dw, velocity, _second, numbers):
    """The velocity is a fading sum of the steps."""
    learning_rate, momentum = numbers[0], numbers[1]
    for i in range(w.size):
        velocity[i] = momentum * velocity[i] - learning_rate * dw[i]
        w[i] += velocity[i]


@compiled
def rmsprop(w, dw, cache, _second, numbers):
    """Divided by a running root mean square."""
    learning_rate, decay_rate, rest, epsilon = numbers[0], numbers[1], numbers[2], numbers[3]
    for i in range(w.size):
        cache[i] = decay_rate * cache[i] + rest * (dw[i] * dw[i])
        w[i] -= learning_rate * dw[i] / (np.sqrt(cache[i]) + epsilon)


@compiled
def adam(w, dw, m, v, numbers):
    """Two running means; ``rate`` and ``epsilon`` carry both corrections."""
    rate, beta1, rest1 = numbers[0], numbers[1], numbers[2]
    beta2, rest2, epsilon = numbers[3], numbers[4], numbers[5]
    for i in range(w.size):
        m[i] = beta1 * m[i] + rest1 * dw[i]
        v[i] = beta2 * v[i] + rest2 * (dw[i] * dw[i])
        w[i] -= rate * m[i] / (np.sqrt(v[i]) + epsilon)


def numbers_of(name, config):
    """What a rule computes of its options before it touches an array, in the order above."""
    rate = config["learning_rate"]
    if name == "sgd_momentum":
        return [rate, config["momentum"]]
    if name == "rmsprop":
        decay = config["decay_rate"]
        return [rate, decay, 1 - decay, config["epsilon"]]
    if name == "adam":
        beta1, beta2, t = config["beta1"], config["beta2"], config["t"] + 1
        root = (1 - beta2**t) ** 0.5
        rate = rate * root / (1 - beta1**t)
        return [rate, beta1, 1 - beta1, beta2, 1 - beta2, config["epsilon"] * root]
    return [rate]


MOST_NUMBERS = 6

RULES = {
    "sgd": (sgd, ()),
    "sgd_momentum": (sgd_momentum, ("velocity",)),
    "rmsprop": (rmsprop, ("cache",)),
    "adam": (adam, ("m", "v")),
}
"""Name -> the twin, and the names of its memory in config."""
