"""The affine layer: every output is a weighted sum of all inputs, plus a bias."""

from typing import NamedTuple

import numpy as np

from normlab.nn import checks


class AffineCache(NamedTuple):
    """What `affine_backward` needs of the forward pass."""

    x: np.ndarray
    w: np.ndarray


def affine_forward(x, w, b):
    """Compute ``x @ w + b`` with every example of x flattened to a row.

    Parameters
    ----------
    x : array, (N, d_1, ..., d_k)
        N examples; D = d_1 * ... * d_k.
    w : array, (D, M)
        Weights.
    b : array, (M,)
        Biases, in units of the output.

    Returns
    -------
    out : array, (N, M)
    cache : AffineCache, for affine_backward

    Source: CS231n notes, "Linear classification", section "Parameterized mapping".
    """
    _check("affine_forward", x, w, b)
    rows = x.reshape(x.shape[0], -1)
    return rows @ w + b, AffineCache(x, w)


def affine_backward(dout, cache):
    """Carry the gradient of the loss through `affine_forward`.

    Parameters
    ----------
    dout : array, (N, M)
        Gradient with respect to the output.
    cache : AffineCache

    Returns
    -------
    dx : array, (N, d_1, ..., d_k)
    dw : array, (D, M)
    db : array, (M,)

    Source: CS231n notes, "Backpropagation", section "Gradients for vectorized operations".
    """
    checks.cache("affine_backward", cache, AffineCache)
    x, w = cache
    checks.gradient("affine_backward", dout, w, expected=(x.shape[0], w.shape[1]))
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def _check(where, x, w, b):
    """Refuse what is not x (N, d_1, ...), w (D, M), b (M,)."""
    checks.float_arrays(where, x=x, w=w, b=b)
    if x.ndim < 2 or w.ndim != 2:
        raise ValueError(
            f"{where}: x is {x.shape} and w is {w.shape}; expected (N, d_1, ...) and (D, M)"
        )
    d = x.size // len(x)
    if d != w.shape[0]:
        raise ValueError(
            f"{where}: x flattens to {(len(x), d)} but w is {w.shape}; expected w.shape[0] == {d}"
        )
    checks.shape(where, "b", b, w.shape[1:], f"one bias per column of w {w.shape}")
