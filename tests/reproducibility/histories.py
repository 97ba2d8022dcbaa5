"""Train a few small nets and print a SHA-256 of each history: run by test_cpu_models."""

import hashlib
import itertools
from dataclasses import replace

from normlab import arithmetic, data
from normlab.training.config import METHODS, TrainingConfig
from normlab.training.course import train

print("BLAS", arithmetic.in_force().blas_core)
images = data.load("fashion-mnist")


def show(name, config, arrays):
    history = train(config, arrays)
    digest = hashlib.sha256()
    for array in (
        history.loss,
        history.train_accuracy,
        history.val_accuracy,
        history.test_accuracy,
    ):
        digest.update(array.tobytes())
    for sizes in history.signals["end"].values():
        digest.update(sizes.quantiles.tobytes() + sizes.zeros.tobytes())
    digest.update(repr(history.batch_mode_val_accuracy).encode())
    print(name, digest.hexdigest())


for dtype in ("float32", "float64"):
    arrays = images.arrays(num_train=500, num_val=100, dtype=dtype)
    base = TrainingConfig(
        num_train=100,
        hidden_dims=(30, 20),
        epochs=None,
        updates=40,
        evaluations=2,
        dtype=dtype,
        signals=True,
    )
    for batch_size, normalization in itertools.product((5, 50), METHODS):
        config = replace(base, batch_size=batch_size, normalization=normalization)
        show(f"{dtype} {batch_size} {normalization}", config, arrays)
    scaled = replace(base, normalization="layernorm", weight_scale=1e-3, reference_scale=0.05)
    show(f"{dtype} steps in proportion", scaled, arrays)
    small = replace(base, hidden_dims=(30,) * 7, weight_scale=5e-7)  # signals end as denormals
    show(f"{dtype} denormals", small, arrays)
