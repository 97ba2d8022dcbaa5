"""What the notebooks take for granted and normlab does otherwise: global numbers, integers, p."""

import functools
import os

import numpy as np

from normlab import nn
from normlab.cs231n import YEAR

GLOBAL = np.random.mtrand._rand
"""The generator that ``np.random.seed`` seeds."""


def drops() -> bool:
    """Whether p is the probability to drop a unit, as it was until 2017."""
    return int(os.environ.get(YEAR) or 2026) <= 2017


def keep_ratio(p):
    """The probability to keep a unit, of what the notebook calls p."""
    return 1 - p if drops() else p


class Reseeding(np.random.RandomState):
    """A source of masks that seeds the global generator anew each time, as published code does."""

    def __init__(self, seed):
        super().__init__(seed)
        self._number = seed

    def random(self, size=None):
        """Numbers of the global generator from its seed on."""
        np.random.seed(self._number)
        return GLOBAL.random(size)


def with_floats(function):
    """``function`` with whole numbers in arrays taken as float64; labels are none of its arrays."""

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        return function(*map(_as_float, args), **{k: _as_float(v) for k, v in kwargs.items()})

    return wrapped


def _as_float(value):
    whole = isinstance(value, np.ndarray) and value.dtype.kind in "iu"
    return value.astype(np.float64) if whole else value


def dropout_forward(x, dropout_param):
    """As of normlab.nn, but from the global generator, which a "seed" seeds anew."""
    return nn.dropout_forward(x, dropout_options(dropout_param))


def dropout_options(dropout_param):
    """The dict of normlab.nn that does what a notebook's dict means."""
    seed = dropout_param.get("seed")
    return {
        "mode": dropout_param["mode"],
        "p": keep_ratio(dropout_param["p"]),
        "rng": GLOBAL if seed is None else Reseeding(seed),
    }
