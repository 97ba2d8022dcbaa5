"""An npz file of the user's own: sizes and types are checked before an array is made."""

import difflib
import math
import os
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from normlab.data.dataset import Dataset, mean_of
from normlab.data.files import DataError, pieces_of, reason, sha256_of

MAX_BYTES = 4 << 30  # of all arrays together, unpacked
MAX_CLASSES = 10_000
MAX_PIXEL = 1e30  # float32 ends at 3e38; differences and sums must stay below
REQUIRED = ("X_train", "y_train", "X_val", "y_val")
OPTIONAL = ("X_test", "y_test", "class_names")


class Header(NamedTuple):
    """What an npy file inside an npz declares of its array."""

    shape: tuple[int, ...]
    dtype: np.dtype


def load_npz(path: str | Path) -> Dataset:
    """Load a data set from an npz file.

    Parameters
    ----------
    path : path
        A file made by ``numpy.savez`` or ``savez_compressed`` with the arrays

        - ``X_train``, ``X_val`` and, if wanted, ``X_test``, (N, ...): uint8,
          float32 or float64, (N, C, H, W) for convolutional nets
        - ``y_train``, ``y_val``, ``y_test``, (N,): whole numbers from 0
        - ``class_names``, (number of classes,): text; the numbers by default

    Raises
    ------
    DataError
        The file is damaged, too large, or holds anything else.
    """
    path = Path(os.path.expanduser(path))
    if not os.path.isfile(path):
        raise DataError(f"{path}: no such file; name an .npz with {', '.join(REQUIRED)}")
    try:
        with open(path, "rb") as file:
            sha256 = sha256_of(pieces_of(file))
            with zipfile.ZipFile(file) as archive:
                headers = _read_headers(archive)
                _check_headers(headers)
                arrays = {name: _read_array(archive, name) for name in headers}
        class_names = _check_values(arrays)
    except _UnfitError as fault:
        raise DataError(f"{path}: {fault}") from None
    except Exception as error:  # zipfile, zlib and numpy.lib.format each have their own
        raise DataError(
            f"{path}: cannot be read ({reason(error)}); save it again with numpy.savez"
        ) from error
    return Dataset(
        name=path.stem,
        title=path.stem,
        class_names=class_names,
        origin=f"The user's own file {path.name}.",
        sha256=sha256,
        mean_image=mean_of(arrays["X_train"]),
        **{name: arrays.get(name) for name in (*REQUIRED, "X_test", "y_test")},
    )


class _UnfitError(ValueError):
    """What is wrong with the file and the way out, without the name of the file."""


def _read_headers(archive: zipfile.ZipFile) -> dict[str, Header]:
    """Read the declared shapes and types; refuse missing arrays and too large ones."""
    members = {name.removesuffix(".npy") for name in archive.namelist()}
    for name in REQUIRED:
        if name not in members:
            near = difflib.get_close_matches(name, members - {*REQUIRED, *OPTIONAL}, 1)
            hint = f"; is it {near[0]!r}?" if near else ""
            raise _UnfitError(f"has no array {name!r}{hint} (expected {', '.join(REQUIRED)})")
    if ("X_test" in members) != ("y_test" in members):
        raise _UnfitError("has one of 'X_test' and 'y_test' alone; save both or neither")
    headers, total = {}, 0
    for name in (*REQUIRED, *OPTIONAL):
        if name in members:
            with archive.open(f"{name}.npy") as file:
                headers[name] = header = _read_header(file, name)
                declared = math.prod(header.shape) * header.dtype.itemsize
                held = archive.getinfo(f"{name}.npy").file_size - file.tell()
            if declared != held:
                raise _UnfitError(
                    f"{name} declares {declared:,} bytes, has {held:,}; save it again"
                )
            total += declared
    if total > MAX_BYTES:
        raise _UnfitError(f"declares {total:,} bytes, {MAX_BYTES:,} at most; save fewer images")
    return headers


def _read_header(file, name: str) -> Header:
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    else:
        raise _UnfitError(f"{name} has npy version {version}; save plain arrays with numpy.savez")
    if dtype.hasobject:
        raise _UnfitError(f"{name} holds Python objects, which are never read; save plain arrays")
    return Header(shape, dtype)


def _check_headers(headers: dict[str, Header]) -> None:
    """Refuse shapes and types that are no data set."""
    image_shape = headers["X_train"].shape[1:]
    for part in ("train", "val", "test"):
        if f"X_{part}" not in headers:
            continue
        X, y = headers[f"X_{part}"], headers[f"y_{part}"]
        if X.dtype.newbyteorder("=") not in (np.uint8, np.float32, np.float64):
            raise _UnfitError(f"X_{part} is of type {X.dtype}; save uint8, float32 or float64")
        if len(X.shape) < 2 or min(X.shape) < 1:
            raise _UnfitError(f"X_{part} has shape {X.shape}; expected (N, ...), nothing empty")
        if X.shape[1:] != image_shape:
            raise _UnfitError(
                f"X_{part} has images of shape {X.shape[1:]}, X_train of {image_shape}; "
                "make them the same"
            )
        if y.dtype.kind not in "iu":
            raise _UnfitError(f"y_{part} is of type {y.dtype}; save labels as whole numbers")
        if y.shape != X.shape[:1]:
            raise _UnfitError(
                f"y_{part} has shape {y.shape}, X_{part} has {X.shape[0]} images; "
                f"expected shape ({X.shape[0]},)"
            )
    names = headers.get("class_names")
    if names and (names.dtype.kind != "U" or len(names.shape) != 1 or names.shape[0] < 1):
        raise _UnfitError(
            f"class_names has type {names.dtype} and shape {names.shape}; expected a row of text"
        )


def _read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(f"{name}.npy") as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
    if name.startswith("y_"):
        return array  # labels keep their type until their range is known
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def _check_values(arrays: dict[str, np.ndarray]) -> tuple[str, ...]:
    """Refuse pixels and labels out of range, turn labels to int64, return the class names."""
    for name in ("X_train", "X_val", "X_test"):
        X = arrays.get(name)
        # A NaN fails every comparison, so the test is for what is right.
        if X is not None and X.dtype.kind == "f" and not (np.abs(X).max() <= MAX_PIXEL):
            raise _UnfitError(
                f"{name} has pixels that are NaN, infinite or beyond {MAX_PIXEL:g}; mend them"
            )
    if "class_names" in arrays:
        class_names = tuple(str(name) for name in arrays["class_names"])
    else:
        class_names = tuple(map(str, range(min(int(arrays["y_train"].max()), MAX_CLASSES) + 1)))
    if len(class_names) > MAX_CLASSES:
        raise _UnfitError(f"has more than {MAX_CLASSES:,} classes; number them from 0")
    for name in ("y_train", "y_val", "y_test"):
        y = arrays.get(name)
        if y is not None:
            worst = y.min() if y.min() < 0 else y.max()
            if not 0 <= worst < len(class_names):
                raise _UnfitError(
                    f"{name} has label {worst}; expected 0 to {len(class_names) - 1} "
                    f"(by {'class_names' if 'class_names' in arrays else 'y_train'})"
                )
            arrays[name] = y.astype(np.int64)
    return class_names
