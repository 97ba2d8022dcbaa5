"""The affine layer: every output is a weighted sum of all inputs, plus a bias."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward


class AffineCache(NamedTuple):
    """What `affine_backward` needs of the forward pass."""

    x: np.ndarray
    w: np.ndarray


@forward("x: N D..., w: D M, b: M = 0 -> N M", title="affine")
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
    rows = x.reshape(x.shape[0], -1)
    return rows @ w + b, AffineCache(x, w)


@backward(affine_forward, AffineCache)
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
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db
