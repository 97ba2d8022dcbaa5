"""Matrix products by the BLAS that NumPy calls, with the shapes that NumPy calls it with.

Other libraries, and a product cut into blocks or joined with another, have other bits.
"""

import ctypes

import numpy as np
from llvmlite import binding
from numba import types
from numba.extending import overload
from numpy._core import _multiarray_umath

from normlab.training.engine.compiler import compiled

_ROW_MAJOR, _PLAIN, _TURNED = 101, 111, 112  # as CBLAS numbers them


def _gemm(letter, real):
    """A function of OpenBLAS, looked up in the libraries that NumPy has loaded."""
    symbol = f"scipy_cblas_{letter}gemm64_"
    library = ctypes.CDLL(_multiarray_umath.__file__)
    try:
        address = ctypes.cast(getattr(library, symbol), ctypes.c_void_p).value
    except AttributeError as error:
        raise ImportError(f"NumPy's library has no {symbol}") from error
    binding.add_symbol(f"normlab_{letter}gemm", address)
    i4, i8, pointer = types.int32, types.int64, types.voidptr
    arguments = (i4, i4, i4, i8, i8, i8, real, pointer, i8, pointer, i8, real, pointer, i8)
    return types.ExternalFunction(f"normlab_{letter}gemm", types.void(*arguments))


_SGEMM, _DGEMM = _gemm("s", types.float32), _gemm("d", types.float64)


def _product(order_a, order_b, m, n, k, a, lda, b, ldb, c):
    """C (m, n) = A (m, k) B (k, n), in place."""


@overload(_product)
def _compile_product(order_a, order_b, m, n, k, a, lda, b, ldb, c):
    gemm = _SGEMM if c.dtype == types.float32 else _DGEMM
    real = np.float32 if c.dtype == types.float32 else np.float64

    def product(order_a, order_b, m, n, k, a, lda, b, ldb, c):
        one, zero = real(1), real(0)
        gemm(
            _ROW_MAJOR,
            order_a,
            order_b,
            m,
            n,
            k,
            one,
            a.ctypes,
            lda,
            b.ctypes,
            ldb,
            zero,
            c.ctypes,
            n,
        )

    return product


@compiled
def times(a, b, out):
    """``out = a @ b``."""
    (m, k), n = a.shape, b.shape[1]
    _product(_PLAIN, _PLAIN, m, n, k, a, k, b, n, out)


@compiled
def turned_times(a, b, out):
    """``out = a.T @ b``."""
    (k, m), n = a.shape, b.shape[1]
    _product(_TURNED, _PLAIN, m, n, k, a, m, b, n, out)


@compiled
def times_turned(a, b, out):
    """``out = a @ b.T``."""
    (m, k), n = a.shape, b.shape[0]
    _product(_PLAIN, _TURNED, m, n, k, a, k, b, k, out)
