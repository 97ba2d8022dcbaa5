"""What every source needs: the error, the data directory, checked bytes."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from normlab.plain import printable

Buffer = bytes | np.ndarray


class DataError(ValueError):
    """A data set that cannot be read: one line with the file, the fault and the way out."""

    def __init__(self, message: str):
        # A file name may hold a line break; it stays visible and the message one line.
        super().__init__(printable(message))


def data_directory(data_dir: str | Path | None = None) -> Path:
    """Where data sets are looked for: the option, else NORMLAB_DATA_DIR, else a cache folder."""
    chosen = data_dir if data_dir is not None else os.environ.get("NORMLAB_DATA_DIR") or None
    if chosen is not None:
        return Path(os.path.expanduser(chosen))
    import pooch

    return Path(pooch.os_cache("normlab"))


def sha256_of(chunks: Iterable[Buffer]) -> str:
    """SHA-256 of pieces laid end to end, in hexadecimal."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Read an open file to its end, a megabyte at a time."""
    return iter(lambda: file.read(1 << 20), b"")


def read_file(path: Path, limit: int, way_out: str) -> bytes:
    """Read a whole file that may have ``limit`` bytes at most."""
    if not os.path.isfile(path):
        raise DataError(f"{path}: no such file; {way_out}")
    try:
        size = path.stat().st_size
        if size > limit:
            raise DataError(f"{path}: {size:,} bytes, expected {limit:,} at most; {way_out}")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({reason(error)}); {way_out}") from error


def reason(error: Exception) -> str:
    """What an error says, short enough to stand inside a message."""
    text = getattr(error, "strerror", None) or str(error)
    if " " not in text:  # the bare key of a KeyError, or nothing at all
        text = f"{type(error).__name__} {text}".rstrip()
    return text if len(text) <= 160 else text[:157] + "..."
