"""CIFAR-10: 49,000 images to train, 1,000 to validate, 1,000 to test.

Source: Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images,
https://www.cs.toronto.edu/~kriz/cifar.html.
"""

import os
from pathlib import Path

import numpy as np

from normlab.data.cifar10_files import (
    BATCHES,
    BINARY_FOLDER,
    PYTHON_FOLDER,
    read_archive,
    read_binary_folder,
    read_python_folder,
)
from normlab.data.dataset import Dataset, mean_of
from normlab.data.download import REMOTE
from normlab.data.files import DataError, data_directory

NUM_TRAIN, NUM_TEST = 49_000, 1_000
IMAGE_SHAPE = (3, 32, 32)
CLASS_NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


def find(directory: Path) -> Path | None:
    """Look for the archive, then for a folder of batches; the directory itself may be one.

    The archive comes first: its hash proves that it is the official one.
    """
    for name in (REMOTE["cifar10"].file_name, BINARY_FOLDER, PYTHON_FOLDER):
        if os.path.exists(directory / name):
            return directory / name
    if any(os.path.exists(directory / f"{BATCHES[0]}{suffix}") for suffix in (".bin", "")):
        return directory
    return None


def missing(directory: Path) -> str:
    """Say that CIFAR-10 is not in this directory, and what to do."""
    return (
        f"not found in {directory}; run `normlab data fetch cifar10`, or let --data-dir or "
        f"NORMLAB_DATA_DIR name the folder that holds {BINARY_FOLDER} or {PYTHON_FOLDER}"
    )


def load(data_dir: str | Path | None = None) -> Dataset:
    """Load the first 49,000 training images, the last 1,000, and 1,000 of the test batch.

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
    place = find(directory)
    if place is None:
        raise DataError(f"cifar10: {missing(directory)}")
    if place.name == REMOTE["cifar10"].file_name:
        found = read_archive(place, REMOTE["cifar10"].sha256)
    elif os.path.exists(place / f"{BATCHES[0]}.bin") or place.name == BINARY_FOLDER:
        found = read_binary_folder(place)
    else:
        found = read_python_folder(place)
    *train, (X_test, y_test) = found.batches
    X = np.concatenate([pixels for pixels, _ in train]).reshape(-1, *IMAGE_SHAPE)
    y = np.concatenate([labels for _, labels in train])
    return Dataset(
        name="cifar10",
        title="CIFAR-10",
        class_names=CLASS_NAMES,
        origin=f"CIFAR-10 by Alex Krizhevsky (no licence stated): {found.verdict}.",
        sha256=found.sha256,
        X_train=X[:NUM_TRAIN],
        y_train=y[:NUM_TRAIN],
        X_val=X[NUM_TRAIN:],
        y_val=y[NUM_TRAIN:],
        X_test=X_test[:NUM_TEST].reshape(-1, *IMAGE_SHAPE),
        y_test=y_test[:NUM_TEST],
        mean_image=mean_of(X[:NUM_TRAIN]),
    )
