"""A data set in memory: raw pixels, labels, and where they come from."""

import operator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from normlab.data.files import DataError

BLOCK = 1000  # images that are converted at a time, to keep float64 copies small


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels of one data set, split in train, val and (often) test.

    Attributes
    ----------
    name, title : str
        The name to load it by, and the name that pages print.
    class_names : tuple of str
    origin : str
        One sentence for pages: source, licence, official or not.
    sha256 : str
        Of the file that was read; for several files, of their contents end to end.
    X_train, X_val, X_test : array, (N, C, H, W) or (N, ...), uint8 or float
        Raw pixels. ``X_test`` and ``y_test`` may be None.
    y_train, y_val, y_test : array, (N,), int64
        Labels, 0 <= y < num_classes.
    mean_image : array, (C, H, W), float64
        The mean over all training images, ``mean_of(X_train)``.
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    origin: str
    sha256: str
    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray | None
    y_test: np.ndarray | None
    mean_image: np.ndarray

    @property
    def num_classes(self) -> int:
        """How many classes the labels tell apart."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of one image: channels, height, width."""
        return self.X_train.shape[1:]

    def with_test_images(self) -> "Dataset":
        """This data set; without test images, one whose test images are a part of ``X_val``.

        That is every second validation image of each class, in the order of the file.
        """
        if self.X_test is not None:
            return self
        rank = np.empty(len(self.y_val), dtype=int)
        for label in np.unique(self.y_val):
            rank[self.y_val == label] = np.arange(np.sum(self.y_val == label))
        test = rank % 2 == 1
        if not test.any():
            raise DataError(
                f"{self.name}: no class has two validation images, and there are no test images; "
                "add X_test and y_test"
            )
        return replace(
            self,
            origin=f"{self.origin} It has no test images: every second validation image is one.",
            X_val=self.X_val[~test],
            y_val=self.y_val[~test],
            X_test=self.X_val[test],
            y_test=self.y_val[test],
        )

    def arrays(
        self, num_train: int | None = None, num_val: int | None = None, dtype: Any = np.float32
    ) -> dict[str, np.ndarray]:
        """Prepare the arrays that a Solver trains on: the mean image is subtracted.

        Parameters
        ----------
        num_train, num_val : int, optional
            Take the first so many images; all of them by default.
        dtype : numpy.float32 or numpy.float64
            Of the images; the subtraction itself is done in float64.

        Returns
        -------
        dict
            ``X_train``, ``y_train``, ``X_val``, ``y_val`` and, if the data set
            has them, ``X_test``, ``y_test``; copies, free to change.
        """
        if dtype not in (np.float32, np.float64, "float32", "float64"):
            raise DataError(f"{self.name}: dtype {dtype!r} of images; choose float32 or float64")
        out = {}
        for part, count in (("train", num_train), ("val", num_val), ("test", None)):
            X, y = getattr(self, f"X_{part}"), getattr(self, f"y_{part}")
            if X is not None:
                count = self._checked_count(f"num_{part}", count, len(X))
                out[f"X_{part}"] = _centred(X[:count], self.mean_image, dtype)
                out[f"y_{part}"] = y[:count].copy()
        return out

    def _checked_count(self, what: str, count: int | None, available: int) -> int:
        if count is None:
            return available
        try:
            number = operator.index(count)
        except TypeError:
            number = 0
        if isinstance(count, bool) or not 1 <= number <= available:
            raise DataError(
                f"{self.name}: {what} is {count!r}; choose a whole number from 1 to {available:,}"
            )
        return number


def mean_of(X: np.ndarray) -> np.ndarray:
    """Mean over the first axis in float64; for whole numbers the sum is exact.

    Parameters
    ----------
    X : array, (N, ...)

    Returns
    -------
    array, (...), float64
    """
    exact = np.int64 if X.dtype.kind in "ui" else np.float64
    return X.sum(axis=0, dtype=exact) / len(X)


def _centred(X: np.ndarray, mean_image: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """``X - mean_image`` in float64, then rounded to ``dtype``, block by block."""
    out = np.empty(X.shape, dtype)
    for start in range(0, len(X), BLOCK):
        block = slice(start, start + BLOCK)
        out[block] = X[block].astype(np.float64) - mean_image
    return out
