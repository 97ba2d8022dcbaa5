"""CIFAR-10 as the notebooks take it."""

import numpy as np

from normlab import data


def get_CIFAR10_data(num_training=49000, num_validation=1000, num_test=1000, subtract_mean=True):
    """Images as a dict of X_train, y_train, X_val, y_val, X_test, y_test, in float64."""
    images = data.load("cifar10")
    # The file has 49,000 training images and 1,000 for validation, which follow them.
    sizes = {"train": num_training, "val": num_validation, "test": num_test}
    arrays = {}
    for part, size in sizes.items():
        arrays[f"X_{part}"] = getattr(images, f"X_{part}")[:size].astype(np.float64)
        arrays[f"y_{part}"] = getattr(images, f"y_{part}")[:size]
    if subtract_mean:
        mean = arrays["X_train"].mean(axis=0)
        for part in sizes:
            arrays[f"X_{part}"] -= mean
    return arrays


__all__ = ["get_CIFAR10_data"]
