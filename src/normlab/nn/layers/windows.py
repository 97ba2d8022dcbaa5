"""Windows of images, as convolution and pooling see them."""

import numpy as np

WINDOW = ((1, 2, 3), (1, 2, 3))  # axes of a window and of a filter that are summed over


def output_size(where, shape, window, stride, pad=0):
    """(H', W'), how many windows there are; a ValueError if not one fits."""
    sizes = [size + 2 * pad - own for size, own in zip(shape[2:], window, strict=True)]
    if min(sizes) < 0:
        raise ValueError(
            f"{where}: x has shape {shape} and the window is {' by '.join(map(str, window))}; "
            f"expected one that fits into the image with its padding of {pad}"
        )
    return tuple(1 + size // stride for size in sizes)


def padded_by(x, pad):
    """The images with so many zeros on all four sides."""
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))


def cropped(padded, pad):
    """The images without their padding."""
    return padded[:, :, pad : padded.shape[2] - pad, pad : padded.shape[3] - pad]


def windows_of(padded, window, stride, i, j):
    """The window of each image at place (i, j) of the output, (N, C, HH, WW), a view."""
    height, width = window
    top, left = i * stride, j * stride
    return padded[:, :, top : top + height, left : left + width]


def at_offset(x, size, stride, i, j):
    """The entry (i, j) of each window, (N, C, H', W'), a view; ``size`` is (H', W')."""
    down, across = (stride * number for number in size)
    return x[:, :, i : i + down : stride, j : j + across : stride]


def all_windows(x, window, stride, pad):
    """All windows of images, (N, C, HH, WW, H', W'), a view of the padded images."""
    view = np.lib.stride_tricks.sliding_window_view(padded_by(x, pad), window, (2, 3))
    return view[:, :, ::stride, ::stride].transpose(0, 1, 4, 5, 2, 3)


def columns_of_images(x, window, stride, pad):
    """Of one image after the other the windows as columns, (C HH WW, H' W')."""
    for windows in all_windows(x, window, stride, pad):
        yield windows.reshape(-1, windows.shape[3] * windows.shape[4])


def add_windows(dwindows, shape, stride, pad):
    """Add up what all windows, (N, C, HH, WW, H', W'), say of each pixel of x, of that shape."""
    n, channels, height, width = shape
    dpadded = np.zeros((n, channels, height + 2 * pad, width + 2 * pad), dwindows.dtype)
    for i, j in np.ndindex(dwindows.shape[2:4]):
        at_offset(dpadded, dwindows.shape[4:], stride, i, j)[...] += dwindows[:, :, i, j]
    return cropped(dpadded, pad)


def im2col_indices(x, field_height, field_width, padding=1, stride=1):
    """Lay out the windows of images as columns.

    Parameters
    ----------
    x : array, (N, C, H, W)
    field_height, field_width, padding, stride : int

    Returns
    -------
    cols : array, (C HH WW, H' W' N)
        As in the assignment: the last axis goes through the images fastest.
    """
    window = (field_height, field_width)
    size = output_size("im2col_indices", x.shape, window, stride, padding)
    windows = all_windows(x, window, stride, padding)
    return windows.transpose(1, 2, 3, 4, 5, 0).reshape(-1, size[0] * size[1] * len(x))


def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
    """Add up columns, as `im2col_indices` lays them out, into images of a shape.

    Parameters
    ----------
    cols : array, (C HH WW, H' W' N)
    x_shape : (int, int, int, int)
    field_height, field_width, padding, stride : int

    Returns
    -------
    array, of ``x_shape``
    """
    window = (field_height, field_width)
    size = output_size("col2im_indices", x_shape, window, stride, padding)
    dwindows = cols.reshape(x_shape[1], *window, *size, x_shape[0]).transpose(5, 0, 1, 2, 3, 4)
    return add_windows(dwindows, x_shape, stride, padding)
