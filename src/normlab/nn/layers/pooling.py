"""Max pooling: of each window of a channel the largest value stays."""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.windows import add_windows, output_size, windows_of
from normlab.nn.options import Count, Options

OPTIONS = Options(
    pool_height=Count(at_least=1), pool_width=Count(at_least=1), stride=Count(at_least=1)
)


class MaxPoolCache(NamedTuple):
    """What the backward passes need: ``largest`` (N, C, H', W') is the place in each window."""

    x: np.ndarray
    pool: tuple
    stride: int
    largest: np.ndarray


def pool_fits(where, x, pool_param):
    """The window may not be larger than the image."""
    *pool, stride = OPTIONS.read(pool_param, x)
    output_size(where, x.shape, pool, stride)


def output_shape(cache):
    """(N, C, H', W')."""
    return cache.largest.shape


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
    largest = np.empty(out.shape, np.intp)
    for i, j in np.ndindex(size):
        window = windows_of(x, pool, stride, i, j).reshape(*x.shape[:2], -1)
        largest[:, :, i, j] = window.argmax(axis=2)
        out[:, :, i, j] = window.max(axis=2)
    return out, MaxPoolCache(x, tuple(pool), stride, largest)


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
    x, pool, stride, largest = cache
    dx = np.zeros_like(x)
    for i, j in np.ndindex(dout.shape[2:]):
        dwindow = windows_of(dx, pool, stride, i, j)
        rows, columns = np.unravel_index(largest[:, :, i, j], pool)
        n, channels = np.ogrid[: x.shape[0], : x.shape[1]]
        dwindow[n, channels, rows, columns] += dout[:, :, i, j]
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
    windows = np.lib.stride_tricks.sliding_window_view(x, pool, (2, 3))[:, :, ::stride, ::stride]
    flat = windows.reshape(*windows.shape[:4], -1)
    largest = flat.argmax(axis=4)
    out = np.take_along_axis(flat, largest[..., None], axis=4)[..., 0]
    return out, MaxPoolCache(x, tuple(pool), stride, largest)


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
    x, pool, stride, largest = cache
    places = np.arange(pool[0] * pool[1])[:, None, None]
    dwindows = np.where(largest[:, :, None] == places, dout[:, :, None], 0)
    return add_windows(dwindows.reshape(*x.shape[:2], *pool, *dout.shape[2:]), x.shape, stride, 0)
