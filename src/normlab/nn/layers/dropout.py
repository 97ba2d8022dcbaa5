"""Inverted dropout: silence units at random in training, do nothing in testing."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward
from normlab.nn.options import MODE, Number, Options, Source

OPTIONS = Options(
    mode=MODE,
    p=Number(above=0, at_most=1, in_dtype=True),
    seed=Source(is_seed=True),
    rng=Source(),
)


class DropoutCache(NamedTuple):
    """What `dropout_backward` needs: 1 / p where a unit was kept, 0 where it was dropped."""

    mask: np.ndarray


def one_source(where, x, dropout_param):
    """In train mode a mask is drawn from one source of random numbers."""
    if dropout_param.get("seed") is not None and dropout_param.get("rng") is not None:
        raise ValueError(f"{where}: dropout_param has both 'seed' and 'rng'; pass one of them")
    is_drawn = dropout_param["mode"] == "train" and dropout_param["p"] < 1
    if is_drawn and dropout_param.get("seed") is None and dropout_param.get("rng") is None:
        raise ValueError(
            f"{where}: dropout_param has neither 'seed' nor 'rng' to draw a mask from; "
            "add 'rng': np.random.default_rng(seed)"
        )


@forward(
    "x: ... -> ...",
    title="dropout",
    rule=one_source,
    example={"mode": "train", "p": 0.7, "seed": 0},
    dropout_param=OPTIONS,
)
def dropout_forward(x, dropout_param):
    """Keep each entry with probability p and divide it by p; in test mode change nothing.

    Dividing by p leaves the expected output equal to x, so that testing needs no correction.

    Parameters
    ----------
    x : array, any shape
    dropout_param : dict
        "mode" ("train" | "test") and "p", the probability to keep, 0 < p <= 1. In train mode
        with p < 1 also one of "seed" (each call draws its mask anew from
        ``np.random.RandomState(seed)``) and "rng" (a Generator or RandomState, which each call
        advances).

    Returns
    -------
    out : array, the shape of x
    cache : DropoutCache, for dropout_backward

    Source: Srivastava et al. 2014, section 10 (jmlr.org/papers/v15/srivastava14a.html).
    """
    mode, p, seed, rng = OPTIONS.read(dropout_param, x)
    dtype = x.real.dtype
    if mode == "test" or p == 1:
        mask = np.broadcast_to(np.ones((), dtype), x.shape)  # one number, seen as many
    else:
        rng = np.random.RandomState(seed) if rng is None else rng
        mask = (rng.random(x.shape) < p).astype(dtype) / p
    return x * mask, DropoutCache(mask)


@backward(dropout_forward, DropoutCache)
def dropout_backward(dout, cache):
    """Carry the gradient through `dropout_forward`: what was dropped gets none.

    Parameters
    ----------
    dout : array, the shape of x
        Gradient with respect to the output.
    cache : DropoutCache

    Returns
    -------
    dx : array, the shape of x
    """
    return dout * cache.mask
