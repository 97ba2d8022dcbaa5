"""The files of CIFAR-10: the binary archive, its folder unpacked, and the Python folder.

A batch is 10,000 images. In the binary layout an image is one byte of label and
3,072 bytes of pixels: 1,024 of red, of green, of blue. The Python layout is a
pickle of the same pixels.
"""

import hashlib
import tarfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from normlab.data.files import DataError, pieces_of, read_file, reason, sha256_of
from normlab.data.unpickle import read_batch

BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
BINARY_FOLDER, PYTHON_FOLDER = "cifar-10-batches-bin", "cifar-10-batches-py"

NUM_IMAGES, NUM_PIXELS, NUM_CLASSES = 10_000, 3_072, 10
BINARY_SIZE = NUM_IMAGES * (1 + NUM_PIXELS)
PICKLE_LIMIT = 40_000_000  # bytes; the official batches have 31 million

# Of the official Python batches, in the order of BATCHES, as torchvision publishes them.
OFFICIAL_MD5 = (
    "c99cafc152244af753f735de768cd75f",
    "d4bba439e000b95fd0a9bffe97cbabec",
    "54ebc095f3ab1f0389bbae665268c751",
    "634d18415352ddfa80567beed471001a",
    "482c414d41f54cd18b22e5b47cb7c3cb",
    "40351d587109b95175f43aff81a1287e",
)
WAY_OUT = "remove or replace it, or run `normlab data fetch cifar10` for the official archive"


class Found(NamedTuple):
    """Six batches of (pixels (10000, 3072) uint8, labels (10000,) int64) and their standing."""

    batches: list[tuple[np.ndarray, np.ndarray]]
    sha256: str  # of the archive, or of the six files end to end
    verdict: str  # official or not, for pages


def read_archive(path: Path, sha256: str) -> Found:
    """Read the six members by their exact names; nothing is unpacked to disk."""
    members = {f"{BINARY_FOLDER}/{name}.bin": name for name in BATCHES}
    batches = {}
    try:
        with open(path, "rb") as file:
            found = sha256_of(pieces_of(file))
            if found != sha256:
                raise DataError(f"{path}: SHA-256 is {found}, expected {sha256}; {WAY_OUT}")
            file.seek(0)
            with tarfile.open(fileobj=file, mode="r|gz") as archive:
                for member in archive:
                    if member.name in members and member.isreg():
                        where = f"{path}, {member.name}"
                        _check_size(member.size, where)
                        content = archive.extractfile(member).read()
                        batches[members[member.name]] = _parse_binary(content, where)
    except DataError:
        raise
    except Exception as error:  # tarfile, gzip and zlib each have their own
        raise DataError(f"{path}: cannot be read ({reason(error)}); {WAY_OUT}") from error
    lost = [name for name in members if members[name] not in batches]
    if lost:
        raise DataError(f"{path}: has no file {lost[0]}; {WAY_OUT}")
    return Found([batches[name] for name in BATCHES], found, "the official binary archive")


def read_binary_folder(folder: Path) -> Found:
    """Read ``data_batch_1.bin`` to ``data_batch_5.bin`` and ``test_batch.bin``."""
    paths = [folder / f"{name}.bin" for name in BATCHES]
    contents = [read_file(path, BINARY_SIZE, WAY_OUT) for path in paths]
    batches = [_parse_binary(c, str(p)) for c, p in zip(contents, paths, strict=True)]
    verdict = "taken for an unofficial copy, as unpacked binary files have no published hash"
    return Found(batches, sha256_of(contents), verdict)


def read_python_folder(folder: Path) -> Found:
    """Read ``data_batch_1`` to ``data_batch_5`` and ``test_batch``, pickled by Python 2 or 3."""
    paths = [folder / name for name in BATCHES]
    contents = [read_file(path, PICKLE_LIMIT, WAY_OUT) for path in paths]
    batches = [_parse_pickle(c, str(p)) for c, p in zip(contents, paths, strict=True)]
    md5 = tuple(hashlib.md5(c, usedforsecurity=False).hexdigest() for c in contents)
    verdict = (
        "the official Python files"
        if md5 == OFFICIAL_MD5
        else "an unofficial copy, whose files differ from the official ones"
    )
    return Found(batches, sha256_of(contents), verdict)


def _parse_binary(content: bytes, where: str) -> tuple[np.ndarray, np.ndarray]:
    _check_size(len(content), where)
    records = np.frombuffer(content, np.uint8).reshape(NUM_IMAGES, 1 + NUM_PIXELS)
    return records[:, 1:], _checked_labels(records[:, 0], where)


def _parse_pickle(content: bytes, where: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        pixels, labels = read_batch(content)
        # Before an array is made, since a few nested lists can make a vast one.
        if not all(type(label) is int for label in labels):
            raise ValueError("labels that are not whole numbers")
        labels = np.array(labels)
    except Exception as error:  # a damaged or hostile pickle can end in any of them
        raise DataError(f"{where}: not a CIFAR-10 batch ({reason(error)}); {WAY_OUT}") from error
    for what, found, expected in (
        ("images", pixels.shape, (NUM_IMAGES, NUM_PIXELS)),
        ("labels", labels.shape, (NUM_IMAGES,)),
    ):
        if found != expected:
            raise DataError(f"{where}: {what} of shape {found}, expected {expected}; {WAY_OUT}")
    return pixels, _checked_labels(labels, where)


def _check_size(size: int, where: str) -> None:
    if size != BINARY_SIZE:
        raise DataError(f"{where}: {size:,} bytes, expected {BINARY_SIZE:,}; {WAY_OUT}")


def _checked_labels(labels: np.ndarray, where: str) -> np.ndarray:
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= NUM_CLASSES:
        raise DataError(f"{where}: labels that are not whole numbers from 0 to 9; {WAY_OUT}")
    return labels.astype(np.int64)
