"""normlab, in the arithmetic that the environment of the process pins."""

import numpy as np

from benchmarks.workloads import CLASSES, LEARNING_RATE, WEIGHT_SCALE, examples
from normlab import arithmetic, nn
from normlab.training import TrainingConfig
from normlab.training.fast import FastTrainer
from normlab.training.runs import group_size


def start(workload, nets=1):
    """``nets`` side by side; None means as many as a sweep would train so."""
    nets = nets or _group(workload)
    return trainer(workload, nets).step, nets


def trainer(workload, nets):
    """The fast trainer of ``nets`` nets."""
    X, y = examples(workload)
    return FastTrainer(
        _models(workload, nets),
        X,
        y,
        update_rule="adam",
        learning_rate=LEARNING_RATE,
        batch_size=workload.batch_size,
        rngs=[np.random.default_rng(seed) for seed in range(nets)],
    )


def versions():
    import threadpoolctl

    blas = next(pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas")
    return {"NumPy": arithmetic.in_force().numpy, "OpenBLAS": blas["version"]}


def _group(workload):
    config = TrainingConfig(
        hidden_dims=workload.hidden_dims,
        batch_size=workload.batch_size,
        normalization=workload.normalization,
    )
    return group_size(config, workload.input_dim)


def _models(workload, nets):
    return [
        nn.FullyConnectedNet(
            workload.hidden_dims,
            input_dim=workload.input_dim,
            num_classes=CLASSES,
            normalization=workload.normalization,
            weight_scale=WEIGHT_SCALE,
            dtype=np.float32,
            rng=np.random.default_rng(seed),
        )
        for seed in range(nets)
    ]
