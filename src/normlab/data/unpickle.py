"""Read a pickled CIFAR-10 batch without letting the pickle run anything.

A pickle is a little program that calls functions by name. The few names that a
batch needs are known here, and each stands for something harmless defined below:
not even NumPy is called by the pickle. Any other name stops the reading, and so
does any instruction that a batch does not need.
"""

import io
import pickle
from typing import ClassVar

import numpy as np


class _Array:
    """Stands for ``numpy.ndarray``: keeps what the pickle says of an array."""

    shape: tuple[int, ...] = ()
    content = b""

    def __setstate__(self, state):
        _, self.shape, dtype, fortran, self.content = state
        if not isinstance(dtype, _Bytes) or fortran or not isinstance(self.content, bytes):
            raise pickle.UnpicklingError("an array that is not of plain bytes in C order")


class _Bytes:
    """Stands for ``numpy.dtype``: bytes without sign, and no other type."""

    def __init__(self, code, *_):
        if code not in ("u1", b"u1", "uint8", b"uint8"):
            raise pickle.UnpicklingError("an array that is not of type uint8")

    def __setstate__(self, state):
        """Byte order and alignment mean nothing for single bytes."""


def _reconstruct(*_):
    return _Array()


def _encode(text, encoding):
    if encoding != "latin1":
        raise pickle.UnpicklingError("bytes that are not written as latin1")
    return text.encode("latin1")


_KNOWN = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Bytes,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
    ("_codecs", "encode"): _encode,
}

# What Python 2 and 3 write for a dict of text, numbers, lists and one array.
_OPCODES = (
    *(pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK),
    *(pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BUILD),
    *(pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE, pickle.BINGET, pickle.LONG_BINGET),
    *(pickle.EMPTY_DICT, pickle.SETITEM, pickle.SETITEMS),
    *(pickle.EMPTY_LIST, pickle.APPEND, pickle.APPENDS),
    *(pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
    *(pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE),
    *(pickle.INT, pickle.BININT, pickle.BININT1, pickle.BININT2),
    *(pickle.BINSTRING, pickle.SHORT_BINSTRING, pickle.BINBYTES, pickle.SHORT_BINBYTES),
    *(pickle.BINUNICODE, pickle.SHORT_BINUNICODE),
)


# Ten bytes can make the unpickler written in C fill gigabytes (a memo with one high
# index); this one, in Python, keeps a dict for it, and its opcodes are a table.
class _RestrictedUnpickler(pickle._Unpickler):
    dispatch: ClassVar = {code: pickle._Unpickler.dispatch[code] for (code,) in _OPCODES}

    def find_class(self, module, name):
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def read_batch(content: bytes) -> tuple[np.ndarray, list]:
    """Read images and labels of one pickled batch.

    Parameters
    ----------
    content : bytes
        The pickle, written by Python 2 or 3: a dict with ``data`` and ``labels``.

    Returns
    -------
    data : array, of whatever shape the pickle says, uint8
    labels : list, whose items are not looked at

    Raises
    ------
    Exception
        Of any kind, for a pickle that is damaged or asks for anything else.
    """
    batch = _RestrictedUnpickler(io.BytesIO(content), encoding="bytes").load()
    if not isinstance(batch, dict):
        raise pickle.UnpicklingError("it holds no dict")
    data, labels = (batch.get(key, batch.get(key.encode())) for key in ("data", "labels"))
    if not isinstance(data, _Array) or not isinstance(labels, list):
        raise pickle.UnpicklingError("it lacks the array 'data' or the list 'labels'")
    return np.frombuffer(data.content, np.uint8).reshape(data.shape), labels
