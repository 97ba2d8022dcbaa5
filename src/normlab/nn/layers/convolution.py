"""Convolution: each output is a weighted sum over a window of the image, the same for all windows.

`conv_forward_naive` is the one to read. `conv_forward_fast` does the same with one product of
matrices an image; its windows are laid out as columns by `im2col`.
"""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.windows import (
    WINDOW,
    add_windows,
    cropped,
    output_size,
    padded_by,
    windows_of,
)
from normlab.nn.options import Count, Options

OPTIONS = Options(stride=Count(at_least=1), pad=Count())


class ConvCache(NamedTuple):
    """What `conv_backward_naive` needs."""

    x: np.ndarray
    w: np.ndarray
    stride: int
    pad: int


class ConvFastCache(NamedTuple):
    """What `conv_backward_fast` needs: ``columns`` (N, C HH WW, H' W') hold the windows of x."""

    x: np.ndarray
    w: np.ndarray
    stride: int
    pad: int
    columns: np.ndarray


def window_fits(where, x, w, b, conv_param):
    """The filter may not be larger than the padded image."""
    output_size(where, x.shape, w.shape[2:], *OPTIONS.read(conv_param, x))


def output_shape(cache):
    """(N, F, H', W')."""
    size = output_size("", cache.x.shape, cache.w.shape[2:], cache.stride, cache.pad)
    return (len(cache.x), len(cache.w), *size)


_DECLARATION = {
    "rule": window_fits,
    "output_shape": output_shape,
    "example": {"stride": 2, "pad": 1},
    "conv_param": OPTIONS,
}


@forward("x: N C H W, w: F C HH WW, b: F = 0 -> N F H' W'", title="convolution", **_DECLARATION)
def conv_forward_naive(x, w, b, conv_param):
    """Slide every filter over every image, one place of the output after the other.

    Parameters
    ----------
    x : array, (N, C, H, W)
        N images with C channels.
    w : array, (F, C, HH, WW)
        F filters.
    b : array, (F,)
        Biases, in units of the output.
    conv_param : dict
        "stride" (pixels from a window to the next) and "pad" (zeros put around the image).

    Returns
    -------
    out : array, (N, F, H', W')
        H' = 1 + (H + 2 pad - HH) // stride, and W' likewise; what is left over is not looked at.
    cache : ConvCache, for conv_backward_naive

    Source: CS231n notes, "Convolutional neural networks", section "Convolutional layer".
    """
    stride, pad = OPTIONS.read(conv_param, x)
    cache = ConvCache(x, w, stride, pad)
    padded = padded_by(x, pad)
    out = np.empty(output_shape(cache), np.result_type(x, w, b))
    for i, j in np.ndindex(out.shape[2:]):
        window = windows_of(padded, w.shape[2:], stride, i, j)
        out[:, :, i, j] = np.tensordot(window, w, WINDOW) + b
    return out, cache


@backward(conv_forward_naive, ConvCache)
def conv_backward_naive(dout, cache):
    """Carry the gradient through `conv_forward_naive`, one place of the output after the other.

    Parameters
    ----------
    dout : array, (N, F, H', W')
        Gradient with respect to the output.
    cache : ConvCache

    Returns
    -------
    dx : array, (N, C, H, W)
    dw : array, (F, C, HH, WW)
    db : array, (F,)
    """
    x, w, stride, pad = cache
    padded = padded_by(x, pad)
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i, j in np.ndindex(dout.shape[2:]):
        window = windows_of(padded, w.shape[2:], stride, i, j)
        dwindow = windows_of(dpadded, w.shape[2:], stride, i, j)
        dwindow += np.tensordot(dout[:, :, i, j], w, axes=1)
        dw += np.tensordot(dout[:, :, i, j].T, window, axes=1)
    return cropped(dpadded, pad), dw, dout.sum(axis=(0, 2, 3))


@forward("x: N C H W, w: F C HH WW, b: F = 0 -> N F H' W'", title="convolution", **_DECLARATION)
def conv_forward_fast(x, w, b, conv_param):
    """Compute `conv_forward_naive` as one product of matrices for each image.

    Parameters
    ----------
    x : array, (N, C, H, W)
    w : array, (F, C, HH, WW)
    b : array, (F,)
    conv_param : dict
        "stride" and "pad", in pixels.

    Returns
    -------
    out : array, (N, F, H', W')
    cache : ConvFastCache, for conv_backward_fast

    Source: Chellapilla, Puri & Simard 2006.
    """
    stride, pad = OPTIONS.read(conv_param, x)
    shape = output_shape(ConvCache(x, w, stride, pad))
    windows = np.lib.stride_tricks.sliding_window_view(padded_by(x, pad), w.shape[2:], (2, 3))
    windows = windows[:, :, ::stride, ::stride].transpose(0, 1, 4, 5, 2, 3)
    columns = windows.reshape(len(x), w[0].size, shape[2] * shape[3])
    out = w.reshape(len(w), -1) @ columns + b[:, None]
    return out.reshape(shape), ConvFastCache(x, w, stride, pad, columns)


@backward(conv_forward_fast, ConvFastCache)
def conv_backward_fast(dout, cache):
    """Carry the gradient through `conv_forward_fast`.

    Parameters
    ----------
    dout : array, (N, F, H', W')
        Gradient with respect to the output.
    cache : ConvFastCache

    Returns
    -------
    dx : array, (N, C, H, W)
    dw : array, (F, C, HH, WW)
    db : array, (F,)
    """
    x, w, stride, pad, columns = cache
    rows = dout.reshape(*dout.shape[:2], -1)
    dw = np.matmul(rows, columns.transpose(0, 2, 1)).sum(axis=0).reshape(w.shape)
    dcolumns = w.reshape(len(w), -1).T @ rows
    dwindows = dcolumns.reshape(len(x), *w.shape[1:], *dout.shape[2:])
    return add_windows(dwindows, x.shape, stride, pad), dw, rows.sum(axis=(0, 2))
