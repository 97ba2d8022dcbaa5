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

_LOADERS = {
    "fashion-mnist": lambda data_dir: fashion_mnist.load_subset(),
    "fashion-mnist-full": fashion_mnist.load_full,
    "cifar10": cifar10.load,
}


def names() -> tuple[str, ...]:
    """The data sets that have a name here; besides them any ``.npz`` can be loaded."""
    return tuple(_LOADERS)


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
    return _LOADERS[name](data_dir)


def is_here(name: str, data_dir: str | Path | None = None) -> bool:
    """Whether files of a data set are here, whole or not; nothing is read."""
    if str(name).lower().endswith(".npz"):
        return os.path.isfile(os.path.expanduser(name))
    directory = data_directory(data_dir)
    finders = {"fashion-mnist-full": fashion_mnist.find_full, "cifar10": cifar10.find}
    return name == "fashion-mnist" or (name in finders and bool(finders[name](directory)))


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
    if name == "fashion-mnist":
        here = fashion_mnist.subset_path()
    elif name == "fashion-mnist-full":
        directory = data_directory(data_dir)
        here = fashion_mnist.find_full(directory)
        if here is None:
            raise DataError(
                f"{name} has to be got by hand: {fashion_mnist.missing_full(directory)}"
            )
    else:
        raise DataError(unknown_name("data set", name, names()))
    if progress:
        print(f"{name} is here already ({here}); nothing to fetch", file=sys.stderr)
    return here
