"""Max pooling: of each window of a channel the largest value stays."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.windows import at_offset, output_size, windows_of
from normlab.nn.options import Count, Options

OPTIONS = Options(
    pool_height=Count(at_least=1), pool_width=Count(at_least=1), stride=Count(at_least=1)
)


class MaxPoolCache(NamedTuple):
    """What the backward passes need."""

    x: np.ndarray
    out: np.ndarray
    pool: tuple
    stride: int


def pool_fits(where, x, pool_param):
    """The window may not be larger than the image."""
    *pool, stride = OPTIONS.read(pool_param, x)
    output_size(where, x.shape, pool, stride)


def output_shape(cache):
    """(N, C, H', W')."""
    return cache.out.shape


_DECLARATION = {
    "rule": pool_fits,
    "output_shape": output_shape,
    "example": {"pool_height": 2, "pool_width": 3, "stride": 2},
    "pool_param": OPTIONS,
}


@forward("x: N C H W -> N C H' W'", title="max pooling", **_DECLARATION)
def max_pool_forward_naive(x, pool_param):
    """Take the largest value of each window, one place of the output after the other.

    Parameters
    ----------
    x : array, (N, C, H, W)
    pool_param : dict
        "pool_height", "pool_width" and "stride", in pixels.

    Returns
    -------
    out : array, (N, C, H', W')
        H' = 1 + (H - pool_height) // stride, and W' likewise.
    cache : MaxPoolCache, for max_pool_backward_naive

    Source: CS231n notes, "Convolutional neural networks", section "Pooling layer".
    """
    *pool, stride = OPTIONS.read(pool_param, x)
    size = output_size("", x.shape, pool, stride)
    out = np.empty((*x.shape[:2], *size), x.dtype)
    for i, j in np.ndindex(size):
        out[:, :, i, j] = windows_of(x, pool, stride, i, j).max(axis=(2, 3))
    return out, MaxPoolCache(x, out, tuple(pool), stride)


@backward(max_pool_forward_naive, MaxPoolCache)
def max_pool_backward_naive(dout, cache):
    """Give each gradient to the entry that was largest; of equal ones to the first.

    Parameters
    ----------
    dout : array, (N, C, H', W')
        Gradient with respect to the output.
    cache : MaxPoolCache

    Returns
    -------
    dx : array, (N, C, H, W)
    """
    x, _, pool, stride = cache
    n, channels = np.ogrid[: x.shape[0], : x.shape[1]]
    dx = np.zeros(x.shape, dout.dtype)
    for i, j in np.ndindex(dout.shape[2:]):
        largest = windows_of(x, pool, stride, i, j).reshape(*x.shape[:2], -1).argmax(axis=2)
        dwindow = windows_of(dx, pool, stride, i, j)
        dwindow[n, channels, *np.unravel_index(largest, pool)] += dout[:, :, i, j]
    return dx


@forward("x: N C H W -> N C H' W'", title="max pooling", **_DECLARATION)
def max_pool_forward_fast(x, pool_param):
    """Compute `max_pool_forward_naive` for all windows at once.

    Parameters
    ----------
    x : array, (N, C, H, W)
    pool_param : dict
        "pool_height", "pool_width" and "stride", in pixels.

    Returns
    -------
    out : array, (N, C, H', W')
    cache : MaxPoolCache, for max_pool_backward_fast
    """
    *pool, stride = OPTIONS.read(pool_param, x)
    size = output_size("", x.shape, pool, stride)
    out = at_offset(x, size, stride, 0, 0).copy()
    for i, j in np.ndindex(*pool):
        np.maximum(out, at_offset(x, size, stride, i, j), out=out)
    return out, MaxPoolCache(x, out, tuple(pool), stride)


@backward(max_pool_forward_fast, MaxPoolCache)
def max_pool_backward_fast(dout, cache):
    """Carry the gradient through `max_pool_forward_fast`.

    Parameters
    ----------
    dout : array, (N, C, H', W')
        Gradient with respect to the output.
    cache : MaxPoolCache

    Returns
    -------
    dx : array, (N, C, H, W)
    """
    x, out, pool, stride = cache
    dx, open_ = np.zeros(x.shape, dout.dtype), np.ones(out.shape, bool)
    for i, j in np.ndindex(*pool):
        first = (at_offset(x, out.shape[2:], stride, i, j) == out) & open_
        open_ &= ~first
        at_offset(dx, out.shape[2:], stride, i, j)[...] += dout * first
    return dx
