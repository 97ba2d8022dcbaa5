"""Normalizations of images: batch norm over examples and pixels, group norm over a part of one.

Both standardize rows of numbers, as batch and layer norm do; they differ in what makes a row.
"""

from typing import NamedTuple

import numpy as np

from normlab.nn import checks
from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.normalization.batchnorm import (
    BatchNormCache,
    batchnorm_backward_alt,
    batchnorm_forward,
)
from normlab.nn.layers.normalization.standardize import EPS, center, standardize_backward
from normlab.nn.options import MODE, Choice, Memory, Number, Options

BATCH_OPTIONS = Options(
    mode=MODE,
    eps=EPS,
    momentum=Number(0.9, at_least=0, at_most=1),
    running_mean=Memory(axis=1, finite=True),
    running_var=Memory(axis=1, finite=True, at_least=0),
)
GROUP_OPTIONS = Options(eps=EPS, mode=Choice(("train", "test"), default=None))


class SpatialBatchNormCache(NamedTuple):
    """What `spatial_batchnorm_backward` needs."""

    x: np.ndarray
    rows: BatchNormCache


class SpatialGroupNormCache(NamedTuple):
    """What `spatial_groupnorm_backward` needs; ``std`` has a row for each group of each example."""

    xhat: np.ndarray
    std: np.ndarray
    gamma: np.ndarray


def two_values(where, x, gamma, beta, bn_param):
    """One value has no variance."""
    if bn_param["mode"] == "train" and x.size == x.shape[1]:
        raise ValueError(
            f"{where}: x has shape {x.shape}; one value of a channel has no variance, "
            "pass more examples or pixels, or mode 'test'"
        )


def whole_groups(where, x, gamma, beta, G, gn_param):
    """G is a number of channels that go into C."""
    checks.count(where, "G", G)
    if x.shape[1] % G:
        raise ValueError(
            f"{where}: G is {G} and x has {x.shape[1]} channels; expected a G that divides them"
        )


def pixels_as_rows(x):
    """(N H W, C) of images (N, C, H, W): a row a pixel, in memory a channel after the other."""
    return x.transpose(1, 0, 2, 3).reshape(x.shape[1], -1).T


def rows_as_pixels(rows, shape):
    """Images of a shape (N, C, H, W), of a row a pixel."""
    n, channels, height, width = shape
    return rows.T.reshape(channels, n, height, width).transpose(1, 0, 2, 3)


@forward(
    "x: N C H W, gamma: C = 1, beta: C = 0 -> N C H W",
    title="spatial batch normalization",
    rule=two_values,
    example={"mode": "train"},
    bn_param=BATCH_OPTIONS,
)
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Standardize each channel over all examples and pixels: batch norm of a row a pixel.

    Parameters
    ----------
    x : array, (N, C, H, W)
    gamma, beta : array, (C,)
        Learned scale and shift, in units of the output.
    bn_param : dict
        As of batchnorm_forward; training moves its running statistics, of shape (C,).

    Returns
    -------
    out : array, (N, C, H, W)
    cache : SpatialBatchNormCache, for spatial_batchnorm_backward

    Source: Ioffe & Szegedy 2015, section 3.2 (arXiv:1502.03167).
    """
    rows, cache = batchnorm_forward(pixels_as_rows(x), gamma, beta, bn_param)
    return rows_as_pixels(rows, x.shape), SpatialBatchNormCache(x, cache)


@backward(spatial_batchnorm_forward, SpatialBatchNormCache)
def spatial_batchnorm_backward(dout, cache):
    """Carry the gradient through `spatial_batchnorm_forward`.

    Parameters
    ----------
    dout : array, (N, C, H, W)
        Gradient with respect to the output.
    cache : SpatialBatchNormCache

    Returns
    -------
    dx : array, (N, C, H, W)
    dgamma, dbeta : array, (C,)
    """
    dx, dgamma, dbeta = batchnorm_backward_alt(pixels_as_rows(dout), cache.rows)
    return rows_as_pixels(dx, dout.shape), dgamma, dbeta


@forward(
    "x: N C H W, gamma: 1 C 1 1 = 1, beta: 1 C 1 1 = 0 -> N C H W",
    title="spatial group normalization",
    rule=whole_groups,
    numbers={"G": 3},
    gn_param=GROUP_OPTIONS,
)
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Standardize each example over its groups of channels, then scale and shift each channel.

    With one group this is layer norm of the whole image, with C groups instance norm.

    Parameters
    ----------
    x : array, (N, C, H, W)
    gamma, beta : array, (1, C, 1, 1)
        Learned scale and shift, in units of the output.
    G : int
        Groups of neighbouring channels, as many in each.
    gn_param : dict
        Optional "eps" (1e-5, in units of x squared); "mode" is allowed and has no effect.

    Returns
    -------
    out : array, (N, C, H, W)
    cache : SpatialGroupNormCache, for spatial_groupnorm_backward

    Source: Wu & He 2018, section 3, equations 1 to 3 and 7 (arXiv:1803.08494).
    """
    eps, _ = GROUP_OPTIONS.read(gn_param, x)
    centered, _, var = center(x.reshape(len(x) * G, -1), axis=1)
    std = np.sqrt(var + eps)
    xhat = (centered / std).reshape(x.shape)
    return gamma * xhat + beta, SpatialGroupNormCache(xhat, std, gamma)


@backward(spatial_groupnorm_forward, SpatialGroupNormCache)
def spatial_groupnorm_backward(dout, cache):
    """Carry the gradient through `spatial_groupnorm_forward`.

    Parameters
    ----------
    dout : array, (N, C, H, W)
        Gradient with respect to the output.
    cache : SpatialGroupNormCache

    Returns
    -------
    dx : array, (N, C, H, W)
    dgamma, dbeta : array, (1, C, 1, 1)
    """
    xhat, std, gamma = cache
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    dgamma = (dout * xhat).sum(axis=(0, 2, 3), keepdims=True)
    dxhat, rows = ((dout * gamma).reshape(len(std), -1), xhat.reshape(len(std), -1))
    means = dxhat.mean(axis=1, keepdims=True), (dxhat * rows).mean(axis=1, keepdims=True)
    dx = standardize_backward(dxhat, rows, *means, scale=1 / std)
    return dx.reshape(dout.shape), dgamma, dbeta
