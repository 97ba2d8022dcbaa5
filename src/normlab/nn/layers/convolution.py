"""Convolution: each output is a weighted sum over a window of the image, the same for all windows.

`conv_forward_naive` is the one to read. `conv_forward_fast` does the same with one product of
matrices an image, whose windows are laid out as columns while it is in the processor's cache.
"""

from typing import NamedTuple

import numpy as np

from normlab.nn.layers.layer import backward, forward
from normlab.nn.layers.windows import (
    WINDOW,
    add_windows,
    columns_of_images,
    cropped,
    output_size,
    padded_by,
    windows_of,
)
from normlab.nn.options import Count, Options

OPTIONS = Options(stride=Count(at_least=1), pad=Count())


class ConvCache(NamedTuple):
    """What the backward passes need."""

    x: np.ndarray
    w: np.ndarray
    stride: int
    pad: int


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
    cache : ConvCache, for conv_backward_fast

    Source: Chellapilla, Puri & Simard 2006.
    """
    stride, pad = OPTIONS.read(conv_param, x)
    cache = ConvCache(x, w, stride, pad)
    out = np.empty(output_shape(cache), np.result_type(x, w, b))
    rows, sums = w.reshape(len(w), -1), out.reshape(*out.shape[:2], -1)
    for columns, image in zip(columns_of_images(x, w.shape[2:], stride, pad), sums, strict=True):
        np.matmul(rows, columns, out=image)
        image += b[:, None]
    return out, cache


def gradients_of_parameters(dout, cache):
    """(dw, db), which is all that a net asks of its first layer."""
    x, w, stride, pad = cache
    rows, dw = dout.reshape(*dout.shape[:2], -1), np.zeros((len(w), w[0].size), dout.dtype)
    for columns, image in zip(columns_of_images(x, w.shape[2:], stride, pad), rows, strict=True):
        dw += image @ columns.T
    return dw.reshape(w.shape), rows.sum(axis=(0, 2))


@backward(conv_forward_fast, ConvCache, parameters=gradients_of_parameters)
def conv_backward_fast(dout, cache):
    """Carry the gradient through `conv_forward_fast`.

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
    dcolumns = w.reshape(len(w), -1).T @ dout.reshape(*dout.shape[:2], -1)
    dwindows = dcolumns.reshape(len(x), *w.shape[1:], *dout.shape[2:])
    return add_windows(dwindows, x.shape, stride, pad), *gradients_of_parameters(dout, cache)
