"""Saturating nonlinearities: the hyperbolic tangent and the logistic sigmoid."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward


class ActivationCache(NamedTuple):
    """What the backward pass of an activation needs: x, and its output y."""

    x: np.ndarray
    y: np.ndarray


@forward("x: ... -> ...", title="tanh")
def tanh_forward(x):
    """Compute ``tanh(x)`` entry by entry.

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    out : array, the shape of x, between -1 and 1
    cache : ActivationCache, for tanh_backward

    Source: LeCun et al. 1998, "Efficient BackProp", section 4.4.
    """
    y = np.tanh(x)
    return y, ActivationCache(x, y)


@backward(tanh_forward, ActivationCache)
def tanh_backward(dout, cache):
    """Carry the gradient through `tanh_forward`.

    Parameters
    ----------
    dout : array, the shape of x
        Gradient with respect to the output.
    cache : ActivationCache

    Returns
    -------
    dx : array, the shape of x
    """
    return dout * (1 - cache.y**2)


@forward("x: ... -> ...", title="sigmoid")
def sigmoid_forward(x):
    """Compute ``1 / (1 + exp(-x))`` entry by entry, by way of tanh, which never overflows.

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    out : array, the shape of x, between 0 and 1
    cache : ActivationCache, for sigmoid_backward

    Source: CS231n notes, "Neural Networks Part 1", section "Commonly used activation functions".
    """
    y = 0.5 * (1 + np.tanh(0.5 * x))
    return y, ActivationCache(x, y)


@backward(sigmoid_forward, ActivationCache)
def sigmoid_backward(dout, cache):
    """Carry the gradient through `sigmoid_forward`.

    Parameters
    ----------
    dout : array, the shape of x
        Gradient with respect to the output.
    cache : ActivationCache

    Returns
    -------
    dx : array, the shape of x
    """
    return dout * cache.y * (1 - cache.y)
