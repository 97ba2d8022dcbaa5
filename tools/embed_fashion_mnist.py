#!/usr/bin/env python3
"""Make the Fashion-MNIST subset that comes with normlab, and print its SHA-256.

Usage: embed_fashion_mnist.py [OUT_FILE]      (about 3 s; normlab must be installed)

Reads the official images from Debian's package ``dataset-fashion-mnist``. Of
each class it takes the first 500 training images to train, the next 100 to
validate and the first 100 test images to test. Classes take turns, so every
prefix of 10 k images holds k of each class. Nothing is random. The bytes
depend on the version of zlib alone (the published file: zlib 1.2.13); the
arrays never. After a change, put the printed hash into
``src/normlab/data/fashion_mnist.py``.
"""

import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

from normlab.data.fashion_mnist import SUBSET_FILE
from normlab.data.idx import read_idx

SOURCE = Path("/usr/share/datasets/fashion-mnist")
TARGET = Path(__file__).parents[1] / "src/normlab/data" / SUBSET_FILE
NUM_CLASSES = 10
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip file knows, in place of a clock


def turns(labels, first, count):
    """Rows of the first-th to (first + count)-th image of each class, classes taking turns."""
    rows = [np.flatnonzero(labels == c)[first : first + count] for c in range(NUM_CLASSES)]
    return np.stack(rows, axis=1).reshape(-1)


def subset(source):
    """The six arrays of the subset, from a folder of the official IDX files."""
    X = read_idx(source / "train-images-idx3-ubyte.gz", (60000, 28, 28))[:, None]
    y = read_idx(source / "train-labels-idx1-ubyte.gz", (60000,)).astype(np.int64)
    X_test = read_idx(source / "t10k-images-idx3-ubyte.gz", (10000, 28, 28))[:, None]
    y_test = read_idx(source / "t10k-labels-idx1-ubyte.gz", (10000,)).astype(np.int64)
    train, val, test = turns(y, 0, 500), turns(y, 500, 100), turns(y_test, 0, 100)
    return {
        "X_train": X[train],
        "y_train": y[train],
        "X_val": X[val],
        "y_val": y[val],
        "X_test": X_test[test],
        "y_test": y_test[test],
    }


def npz_bytes(arrays):
    """A compressed npz without clock or file system in it: equal arrays, equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", LONG_AGO)
            archive.writestr(info, member.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return out.getvalue()


def main(target=TARGET):
    """Write the file and print its size and SHA-256."""
    content = npz_bytes(subset(SOURCE))
    Path(target).write_bytes(content)
    print(f"{target}: {len(content):,} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
