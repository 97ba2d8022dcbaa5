"""Sums in NumPy's order, so that they have NumPy's bits.

Along the first axis rows are added one after the other. Along the last, eight partial sums run
side by side over blocks of at most 128 entries, and blocks are added in pairs (NumPy's
``pairwise_sum``, numpy/_core/src/umath/loops_utils.h.src).
"""

from normlab.training.engine.compiler import compiled

_BLOCK = 128


@compiled
def add_rows(x, out):
    """``out = x.sum(axis=0)``."""
    for j in range(x.shape[1]):
        out[j] = x[0, j]
    for i in range(1, x.shape[0]):
        for j in range(x.shape[1]):
            out[j] += x[i, j]


@compiled
def sum_of(x):
    """The sum of a contiguous array of one axis."""
    if x.size <= _BLOCK:
        return _block(x)
    half = x.size // 2
    half -= half % 8
    return sum_of(x[:half]) + sum_of(x[half:])


@compiled
def _block(x):
    n = x.size
    zero = x.dtype.type(0)
    if n < 8:
        total = zero
        for i in range(n):
            total += x[i]
        return total
    a, b, c, d, e, f, g, h = x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]
    whole = n - n % 8
    for i in range(8, whole, 8):
        a += x[i]
        b += x[i + 1]
        c += x[i + 2]
        d += x[i + 3]
        e += x[i + 4]
        f += x[i + 5]
        g += x[i + 6]
        h += x[i + 7]
    total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(whole, n):
        total += x[i]
    return total
