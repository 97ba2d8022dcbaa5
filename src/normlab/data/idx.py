"""The IDX format of MNIST and Fashion-MNIST: a magic number, the sizes, then bytes.

Source: https://github.com/zalandoresearch/fashion-mnist and http://yann.lecun.com/exdb/mnist/.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from normlab.data.files import DataError, reason

UNSIGNED_BYTE = 0x08
WAY_OUT = "get the file again, for example from Debian's package dataset-fashion-mnist"


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read an IDX file of unsigned bytes that must have exactly this shape.

    Magic number and declared sizes are checked before any pixel is read, and
    never more than one byte beyond the expected size is read or unpacked.

    Parameters
    ----------
    path : Path
        An IDX file; unpacked on the way if the name ends with ``.gz``.
    shape : tuple of int
        The sizes that the header has to declare.

    Returns
    -------
    array, ``shape``, uint8

    Raises
    ------
    DataError
        Wrong magic number, other sizes, too few bytes or too many.
    """
    size = math.prod(shape)
    expected_header = struct.pack(f">HBB{len(shape)}I", 0, UNSIGNED_BYTE, len(shape), *shape)
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            header = file.read(len(expected_header))
            if header != expected_header:
                raise DataError(f"{path}: {_header_fault(header, shape)}; {WAY_OUT}")
            content = file.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read ({reason(error)}); {WAY_OUT}") from error
    if len(content) != size:
        found = f"only {len(content):,}" if len(content) < size else "more"
        raise DataError(
            f"{path}: expected {size:,} bytes after the header, found {found}; {WAY_OUT}"
        )
    return np.frombuffer(content, np.uint8).reshape(shape)


def _header_fault(header: bytes, shape: tuple[int, ...]) -> str:
    """Say what is wrong with a header: cut off, another magic number or other sizes."""
    expected_magic = f"0x{UNSIGNED_BYTE << 8 | len(shape):08x}"
    if len(header) < 4 * (1 + len(shape)):
        return f"ends after {len(header)} bytes, inside its header"
    if header[:4].hex() != expected_magic[2:]:
        return f"magic number 0x{header[:4].hex()}, expected {expected_magic}"
    return f"declares sizes {struct.unpack(f'>{len(shape)}I', header[4:])}, expected {shape}"
