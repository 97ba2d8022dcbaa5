"""Arrays that begin where the processor likes to read."""

import math

import numpy as np

LINE = 64  # bytes in a line of the cache


def aligned_zeros(shape, dtype):
    """Return zeros whose first byte is at the start of a cache line."""
    dtype = np.dtype(dtype)
    size = math.prod(np.atleast_1d(shape).tolist())
    raw = np.zeros(size * dtype.itemsize + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size * dtype.itemsize].view(dtype).reshape(shape)


def padded(size, dtype):
    """The least multiple of a cache line, in entries, that holds ``size`` entries."""
    line = LINE // np.dtype(dtype).itemsize
    return -(-size // line) * line
