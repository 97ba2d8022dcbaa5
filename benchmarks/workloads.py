"""What is trained: the nets, their data, and the settings that all contenders share."""

from typing import NamedTuple

import numpy as np

LEARNING_RATE = 1e-3
WEIGHT_SCALE = 2e-2
CLASSES = 10
EXAMPLES = 1000


class Workload(NamedTuple):
    """A fully connected net, {affine - norm - relu} x depth - affine - softmax, and its batch."""

    input_dim: int = 3072
    hidden_dims: tuple = (100,) * 5
    batch_size: int = 50
    normalization: str = "batchnorm"

    @property
    def dims(self):
        """Sizes from the input to the scores."""
        return (self.input_dim, *self.hidden_dims, CLASSES)

    def __str__(self):
        width, depth = self.hidden_dims[0], len(self.hidden_dims)
        shape = f"{self.input_dim}-[{width}]x{depth}-{CLASSES}"
        return f"{shape}, batch {self.batch_size}, {self.normalization}"


WORKLOADS = {
    "W1": Workload(),
    "W2": Workload(hidden_dims=(50,) * 7),
    "W3": Workload(batch_size=5),
    "W4": Workload(input_dim=784),
    "W5": Workload(normalization="layernorm"),
}


def images(workload):
    """A minibatch of random colour images and labels: X (N, 3, 32, 32), y (N,)."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((workload.batch_size, 3, 32, 32)).astype(np.float32)
    return X, rng.integers(CLASSES, size=workload.batch_size)


def examples(workload, dtype="float32"):
    """Random images and labels, the same for every contender: X (N, D), y (N,)."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((EXAMPLES, workload.input_dim)).astype(dtype)
    return X, rng.integers(CLASSES, size=EXAMPLES)
