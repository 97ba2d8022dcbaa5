"""The data sets by name: what there is, what is here, and how to load and fetch it."""

import os
import sys
from pathlib import Path

from normlab.data import cifar10, fashion_mnist
from normlab.data.dataset import Dataset
from normlab.data.download import REMOTE, download
from normlab.data.files import DataError, data_directory
from normlab.data.npz import load_npz
from normlab.messages import unknown_name

# name -> how to load it, and where it is in a directory, None if it is not
_SOURCES = {
    "fashion-mnist": (lambda _: fashion_mnist.load_subset(), lambda _: fashion_mnist.subset_path()),
    "fashion-mnist-full": (fashion_mnist.load_full, fashion_mnist.find_full),
    "cifar10": (cifar10.load, cifar10.find),
}


def names() -> tuple[str, ...]:
    """The data sets that have a name here; besides them any ``.npz`` can be loaded."""
    return tuple(_SOURCES)


def load(name: str, data_dir: str | Path | None = None) -> Dataset:
    """Load a data set.

    Parameters
    ----------
    name : str
        One of ``names()``, or the path of an ``.npz`` file.
    data_dir : path, optional
        Where files are looked for; by default NORMLAB_DATA_DIR or a cache folder.

    Raises
    ------
    DataError
        An unknown name, or files that are missing, damaged or hostile.
    """
    if str(name).lower().endswith(".npz"):
        return load_npz(name)
    if name not in names():
        raise DataError(
            unknown_name("data set", name, names()) + "; the path of an .npz file works too"
        )
    return _SOURCES[name][0](data_dir)


def is_here(name: str, data_dir: str | Path | None = None) -> bool:
    """Whether files of a data set are here, whole or not; nothing is read."""
    if str(name).lower().endswith(".npz"):
        return os.path.isfile(os.path.expanduser(name))
    return name in _SOURCES and _SOURCES[name][1](data_directory(data_dir)) is not None


def available(data_dir: str | Path | None = None) -> list[tuple[str, str]]:
    """Say of each name whether its files are here; nothing is read."""
    directory = data_directory(data_dir)
    full, cifar = fashion_mnist.find_full(directory), cifar10.find(directory)
    return [
        ("fashion-mnist", "comes with normlab: 5,000 train, 1,000 val, 1,000 test images"),
        (
            "fashion-mnist-full",
            f"found in {full}" if full else fashion_mnist.missing_full(directory),
        ),
        ("cifar10", f"found: {cifar}" if cifar else cifar10.missing(directory)),
    ]


def fetch(name: str, data_dir: str | Path | None = None, progress: bool = True) -> Path:
    """Download a data set into the data directory, checked by SHA-256.

    Parameters
    ----------
    name : str
        One of ``names()``. ``fashion-mnist`` is here already: said, and done.
    data_dir : path, optional
        Where the file goes; by default NORMLAB_DATA_DIR or a cache folder.
    progress : bool
        Whether to report on standard error.

    Returns
    -------
    Path
        The file or folder that ``load`` will read.

    Raises
    ------
    DataError
        An unknown name, a failed download, or a data set that has to be got by hand.
    """
    if name in REMOTE:
        return download(REMOTE[name], data_dir, progress)
    if name not in _SOURCES:
        raise DataError(unknown_name("data set", name, names()))
    directory = data_directory(data_dir)
    here = _SOURCES[name][1](directory)
    if here is None:
        raise DataError(f"{name} has to be got by hand: {fashion_mnist.missing_full(directory)}")
    if progress:
        print(f"{name} is here already ({here}); nothing to fetch", file=sys.stderr)
    return here
