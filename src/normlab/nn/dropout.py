"""Inverted dropout: silence units at random in training, do nothing in testing."""

from typing import NamedTuple

import numpy as np

from normlab.nn import checks


class DropoutCache(NamedTuple):
    """What `dropout_backward` needs: 1 / p where a unit was kept, 0 where it was dropped."""

    mask: np.ndarray


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
    checks.float_arrays("dropout_forward", x=x)
    p, rng = _read("dropout_forward", x, dropout_param)
    dtype = x.real.dtype
    if rng is None:
        mask = np.broadcast_to(np.ones((), dtype), x.shape)  # one number, seen as many
    else:
        mask = (rng.random(x.shape) < p).astype(dtype) / p
    return x * mask, DropoutCache(mask)


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
    checks.cache("dropout_backward", cache, DropoutCache)
    checks.gradient("dropout_backward", dout, cache.mask)
    return dout * cache.mask


def _read(where, x, dropout_param):
    """Return p and the generator that draws the mask, None where nothing is dropped."""
    known = ("mode", "p", "seed", "rng")
    checks.param_dict(where, "dropout_param", dropout_param, known, required=("mode", "p"))
    checks.choice(where, "mode", dropout_param["mode"], checks.MODES)
    p = checks.number(where, "p", dropout_param["p"], above=0, at_most=1, dtype=x.real.dtype)
    if "seed" in dropout_param and "rng" in dropout_param:
        raise ValueError(f"{where}: dropout_param has both 'seed' and 'rng'; pass one of them")
    if dropout_param["mode"] == "test" or p == 1:
        return p, None
    if "seed" in dropout_param:
        return p, np.random.RandomState(checks.seed(where, dropout_param["seed"]))
    if dropout_param.get("rng") is None:
        raise ValueError(
            f"{where}: dropout_param has neither 'seed' nor 'rng' to draw a mask from; "
            "add 'rng': np.random.default_rng(seed)"
        )
    return p, checks.generator(where, dropout_param["rng"])
