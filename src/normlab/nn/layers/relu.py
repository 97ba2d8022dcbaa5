"""The rectifier: what is positive passes, the rest becomes zero."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward


class ReluCache(NamedTuple):
    """What `relu_backward` needs of the forward pass."""

    x: np.ndarray


@forward("x: ... -> ...", title="relu")
def relu_forward(x):
    """Compute ``max(x, 0)`` entry by entry; NaN stays NaN.

    Parameters
    ----------
    x : array, any shape

    Returns
    -------
    out : array, the shape of x
    cache : ReluCache, for relu_backward

    Source: Nair & Hinton 2010, section 2.
    """
    # Of a complex number, met in a complex step, the real part decides.
    out = np.where(x.real > 0, x, 0) if x.dtype.kind == "c" else np.maximum(x, 0)
    return out, ReluCache(x)


@backward(relu_forward, ReluCache)
def relu_backward(dout, cache):
    """Carry the gradient through `relu_forward`; the derivative at 0 is 0.

    Parameters
    ----------
    dout : array, the shape of x
        Gradient with respect to the output.
    cache : ReluCache

    Returns
    -------
    dx : array, the shape of x
    """
    return dout * (cache.x.real > 0)
