"""Fashion-MNIST: a small part that comes with normlab, and the whole from IDX files.

Source: Xiao, Rasul & Vollgraf 2017 (arXiv:1708.07747), MIT licence.
"""

import io
import os
from importlib import resources
from pathlib import Path

import numpy as np

from normlab.data.dataset import Dataset, mean_of
from normlab.data.files import DataError, data_directory, sha256_of
from normlab.data.idx import read_idx

SUBSET_FILE = "fashion_mnist_subset.npz"
SUBSET_SHA256 = "fce53f064942f76b33af0d05deb222f08da8d8ace48ef968bce1421d7f420de0"

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
FULL_FILES = {
    "train-images-idx3-ubyte": (60_000, 28, 28),
    "train-labels-idx1-ubyte": (60_000,),
    "t10k-images-idx3-ubyte": (10_000, 28, 28),
    "t10k-labels-idx1-ubyte": (10_000,),
}
# Of the pixels and labels of these files end to end, without headers, as Debian has them.
FULL_SHA256 = "ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f"
NUM_TRAIN, NUM_TEST = 59_000, 1_000

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def subset_path() -> Path:
    """Where the embedded file lies."""
    return Path(str(resources.files("normlab.data") / SUBSET_FILE))


def load_subset() -> Dataset:
    """Load the embedded subset: 5,000 train, 1,000 val and 1,000 test images.

    Classes take turns, so the first 10 k images of each part hold k of every class.
    """
    content = subset_path().read_bytes()
    found = sha256_of([content])
    if found != SUBSET_SHA256:
        raise DataError(
            f"{SUBSET_FILE}: SHA-256 is {found}, expected {SUBSET_SHA256}; install normlab again"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        parts = dict(arrays)
    return Dataset(
        name="fashion-mnist",
        title="Fashion-MNIST (stratified subset)",
        class_names=CLASS_NAMES,
        origin=(
            "Fashion-MNIST by Zalando Research (MIT licence): a stratified subset of the "
            "official images that comes with normlab."
        ),
        sha256=found,
        mean_image=mean_of(parts["X_train"]),
        **parts,
    )


def find_full(directory: Path) -> Path | None:
    """Look for a folder that holds the full training images as an IDX file."""
    for folder in (directory / "fashion-mnist", directory, DEBIAN_FOLDER):
        if os.path.exists(_idx_file(folder, "train-images-idx3-ubyte")):
            return folder
    return None


def missing_full(directory: Path) -> str:
    """Say that the full Fashion-MNIST is not there, and what to do."""
    return (
        f"not found in {directory}; install Debian's package dataset-fashion-mnist, or put the "
        f"four IDX files of https://github.com/zalandoresearch/fashion-mnist into "
        f"{directory / 'fashion-mnist'}"
    )


def load_full(data_dir: str | Path | None = None) -> Dataset:
    """Load the first 59,000 training images, the last 1,000, and 1,000 of the test images.

    The SHA-256 is that of the contents without headers and without gzip, so
    that it is the same however the files were packed.

    Parameters
    ----------
    data_dir : path, optional
        Where to look; by default what ``data_directory()`` says.

    Raises
    ------
    DataError
        Nothing is found, or a file is not what it should be.
    """
    directory = data_directory(data_dir)
    folder = find_full(directory)
    if folder is None:
        raise DataError(f"fashion-mnist-full: {missing_full(directory)}")
    X, y, X_test, y_test = (
        read_idx(_idx_file(folder, name), shape) for name, shape in FULL_FILES.items()
    )
    for name, labels in (("train", y), ("t10k", y_test)):
        if labels.max() >= len(CLASS_NAMES):
            path = _idx_file(folder, f"{name}-labels-idx1-ubyte")
            raise DataError(f"{path}: label {labels.max()}, expected 0 to 9; get the file again")
    sha256 = sha256_of((X, y, X_test, y_test))
    verdict = "the official images" if sha256 == FULL_SHA256 else "an unofficial copy"
    X, y = X[:, None], y.astype(np.int64)
    return Dataset(
        name="fashion-mnist-full",
        title="Fashion-MNIST",
        class_names=CLASS_NAMES,
        origin=f"Fashion-MNIST by Zalando Research (MIT licence): {verdict}.",
        sha256=sha256,
        X_train=X[:NUM_TRAIN],
        y_train=y[:NUM_TRAIN],
        X_val=X[NUM_TRAIN:],
        y_val=y[NUM_TRAIN:],
        X_test=X_test[:NUM_TEST, None],
        y_test=y_test[:NUM_TEST].astype(np.int64),
        mean_image=mean_of(X[:NUM_TRAIN]),
    )


def _idx_file(folder: Path, name: str) -> Path:
    """The file as it is, if it is there, else the one packed by gzip."""
    return folder / name if os.path.exists(folder / name) else folder / f"{name}.gz"
