"""Layers that go together: affine or convolution, normalization, relu, pooling."""

from typing import NamedTuple

from normlab.nn import door
from normlab.nn.layers.affine import AffineCache, affine_backward, affine_forward
from normlab.nn.layers.convolution import ConvCache, conv_backward_fast, conv_forward_fast
from normlab.nn.layers.normalization import NORMALIZATIONS
from normlab.nn.layers.pooling import MaxPoolCache, max_pool_backward_fast, max_pool_forward_fast
from normlab.nn.layers.relu import ReluCache, relu_backward, relu_forward
from normlab.nn.layers.spatial import (
    SpatialBatchNormCache,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
)

_NORMS = [
    name
    for name, layer in NORMALIZATIONS.items()
    if layer.param and list(layer.parameters) == ["gamma", "beta"]
]


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


class ConvReluCache(NamedTuple):
    """The caches of the two layers."""

    conv: ConvCache
    relu: ReluCache


class ConvReluPoolCache(NamedTuple):
    """The caches of the three layers."""

    conv: ConvCache
    relu: ReluCache
    pool: MaxPoolCache


class ConvBNReluCache(NamedTuple):
    """The caches of the three layers."""

    conv: ConvCache
    norm: SpatialBatchNormCache
    relu: ReluCache


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
    normalization : "batchnorm" | "layernorm", a name in NORMALIZATIONS with gamma and beta

    Returns
    -------
    out : array, (N, M)
    cache : AffineNormReluCache, for affine_norm_relu_backward
    """
    door.choice("affine_norm_relu_forward", "normalization", normalization, _NORMS)
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


def conv_relu_forward(x, w, b, conv_param):
    """Compute convolution - relu.

    Parameters
    ----------
    x, w, b, conv_param
        As of conv_forward_fast.

    Returns
    -------
    out : array, (N, F, H', W')
    cache : ConvReluCache, for conv_relu_backward
    """
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    out, relu_cache = relu_forward(a)
    return out, ConvReluCache(conv_cache, relu_cache)


def conv_relu_backward(dout, cache):
    """Carry the gradient through `conv_relu_forward`.

    Parameters
    ----------
    dout : array, (N, F, H', W')
    cache : ConvReluCache

    Returns
    -------
    dx, dw, db : array, of the shapes of x, w and b
    """
    door.cache("conv_relu_backward", cache, ConvReluCache, "conv_relu_forward")
    return conv_backward_fast(relu_backward(dout, cache.relu), cache.conv)


def conv_relu_pool_forward(x, w, b, conv_param, pool_param):
    """Compute convolution - relu - max pooling.

    Parameters
    ----------
    x, w, b, conv_param
        As of conv_forward_fast.
    pool_param
        As of max_pool_forward_fast.

    Returns
    -------
    out : array, (N, F, H'', W'')
    cache : ConvReluPoolCache, for conv_relu_pool_backward
    """
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    s, relu_cache = relu_forward(a)
    out, pool_cache = max_pool_forward_fast(s, pool_param)
    return out, ConvReluPoolCache(conv_cache, relu_cache, pool_cache)


def conv_relu_pool_backward(dout, cache):
    """Carry the gradient through `conv_relu_pool_forward`.

    Parameters
    ----------
    dout : array, (N, F, H'', W'')
    cache : ConvReluPoolCache

    Returns
    -------
    dx, dw, db : array, of the shapes of x, w and b
    """
    door.cache("conv_relu_pool_backward", cache, ConvReluPoolCache, "conv_relu_pool_forward")
    ds = max_pool_backward_fast(dout, cache.pool)
    return conv_backward_fast(relu_backward(ds, cache.relu), cache.conv)


def conv_bn_relu_forward(x, w, b, gamma, beta, conv_param, bn_param):
    """Compute convolution - spatial batch normalization - relu.

    Parameters
    ----------
    x, w, b, conv_param
        As of conv_forward_fast.
    gamma, beta, bn_param
        As of spatial_batchnorm_forward; training moves the running statistics.

    Returns
    -------
    out : array, (N, F, H', W')
    cache : ConvBNReluCache, for conv_bn_relu_backward
    """
    a, conv_cache = conv_forward_fast(x, w, b, conv_param)
    z, norm_cache = spatial_batchnorm_forward(a, gamma, beta, bn_param)
    out, relu_cache = relu_forward(z)
    return out, ConvBNReluCache(conv_cache, norm_cache, relu_cache)


def conv_bn_relu_backward(dout, cache):
    """Carry the gradient through `conv_bn_relu_forward`.

    Parameters
    ----------
    dout : array, (N, F, H', W')
    cache : ConvBNReluCache

    Returns
    -------
    dx, dw, db, dgamma, dbeta : array, of the shapes of x, w, b, gamma and beta
    """
    door.cache("conv_bn_relu_backward", cache, ConvBNReluCache, "conv_bn_relu_forward")
    da, dgamma, dbeta = spatial_batchnorm_backward(relu_backward(dout, cache.relu), cache.norm)
    return *conv_backward_fast(da, cache.conv), dgamma, dbeta
