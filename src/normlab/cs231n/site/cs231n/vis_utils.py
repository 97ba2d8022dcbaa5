"""Pictures of filters."""

import numpy as np


def visualize_grid(Xs, ubound=255.0, padding=1):
    """Lay out images in a square grid, each stretched to the range from 0 to ``ubound``.

    Parameters
    ----------
    Xs : array, (N, H, W, C)
    ubound : float
    padding : int
        Black pixels between two images.

    Returns
    -------
    array, (grid height, grid width, C)
    """
    number, height, width, channels = Xs.shape
    side = int(np.ceil(np.sqrt(number)))
    rows, columns = (side * (size + padding) - padding for size in (height, width))
    grid = np.zeros((rows, columns, channels))
    for at, image in enumerate(Xs):
        top, left = at // side * (height + padding), at % side * (width + padding)
        low, high = image.min(), image.max()
        stretched = ubound * (image - low) / (high - low)
        grid[top : top + height, left : left + width] = stretched
    return grid


__all__ = ["visualize_grid"]
