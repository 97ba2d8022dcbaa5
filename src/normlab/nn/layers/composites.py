"""Layers that go together: affine - relu, and affine - normalization - relu."""

from typing import NamedTuple

from normlab.nn import door
from normlab.nn.layers.affine import AffineCache, affine_backward, affine_forward
from normlab.nn.layers.normalization import NORMALIZATIONS
from normlab.nn.layers.relu import ReluCache, relu_backward, relu_forward


class AffineReluCache(NamedTuple):
    """The caches of the two layers."""

    affine: AffineCache
    relu: ReluCache


class AffineNormReluCache(NamedTuple):
    """The caches of the three layers, and which normalization it was."""

    affine: AffineCache
    norm: NamedTuple
    relu: ReluCache
    normalization: str


def affine_relu_forward(x, w, b):
    """Compute affine - relu.

    Parameters
    ----------
    x : array, (N, d_1, ..., d_k)
    w : array, (D, M)
    b : array, (M,)

    Returns
    -------
    out : array, (N, M)
    cache : AffineReluCache, for affine_relu_backward
    """
    a, affine_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(a)
    return out, AffineReluCache(affine_cache, relu_cache)


def affine_relu_backward(dout, cache):
    """Carry the gradient through `affine_relu_forward`.

    Parameters
    ----------
    dout : array, (N, M)
        Gradient with respect to the output.
    cache : AffineReluCache

    Returns
    -------
    dx : array, (N, d_1, ..., d_k)
    dw : array, (D, M)
    db : array, (M,)
    """
    door.cache("affine_relu_backward", cache, AffineReluCache, "affine_relu_forward")
    return affine_backward(relu_backward(dout, cache.relu), cache.affine)


def affine_norm_relu_forward(x, w, b, gamma, beta, norm_param, normalization="batchnorm"):
    """Compute affine - normalization - relu.

    Parameters
    ----------
    x : array, (N, d_1, ..., d_k)
    w : array, (D, M)
    b, gamma, beta : array, (M,)
    norm_param : dict
        bn_param of batchnorm_forward, which training updates, or ln_param of layernorm_forward.
    normalization : "batchnorm" | "layernorm", a name in NORMALIZATIONS

    Returns
    -------
    out : array, (N, M)
    cache : AffineNormReluCache, for affine_norm_relu_backward
    """
    door.choice("affine_norm_relu_forward", "normalization", normalization, NORMALIZATIONS)
    a, affine_cache = affine_forward(x, w, b)
    z, norm_cache = NORMALIZATIONS[normalization].forward(a, gamma, beta, norm_param)
    out, relu_cache = relu_forward(z)
    return out, AffineNormReluCache(affine_cache, norm_cache, relu_cache, normalization)


def affine_norm_relu_backward(dout, cache):
    """Carry the gradient through `affine_norm_relu_forward`.

    Parameters
    ----------
    dout : array, (N, M)
        Gradient with respect to the output.
    cache : AffineNormReluCache

    Returns
    -------
    dx : array, (N, d_1, ..., d_k)
    dw : array, (D, M)
    db, dgamma, dbeta : array, (M,)
    """
    where, kind = "affine_norm_relu_backward", AffineNormReluCache
    door.cache(where, cache, kind, "affine_norm_relu_forward")
    norm_backward = NORMALIZATIONS[cache.normalization].backward
    da, dgamma, dbeta = norm_backward(relu_backward(dout, cache.relu), cache.norm)
    return *affine_backward(da, cache.affine), dgamma, dbeta
