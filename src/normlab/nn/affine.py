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
    checks.float_arrays("affine_forward", x=x, w=w, b=b)
    if x.ndim < 2 or w.ndim != 2:
        raise ValueError(
            f"affine_forward: x is {x.shape} and w is {w.shape}; expected (N, d_1, ...) and (D, M)"
        )
    rows = x.reshape(x.shape[0], -1)
    if rows.shape[1] != w.shape[0]:
        raise ValueError(
            f"affine_forward: x flattens to {rows.shape} but w is {w.shape}; "
            f"expected w.shape[0] == {rows.shape[1]}"
        )
    checks.shape("affine_forward", "b", b, w.shape[1:], f"one bias per column of w {w.shape}")
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
