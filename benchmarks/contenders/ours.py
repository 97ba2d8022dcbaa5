"""normlab, in the arithmetic that the environment of the process pins."""

import numpy as np

from benchmarks.workloads import CLASSES, LEARNING_RATE, WEIGHT_SCALE, examples
from normlab import arithmetic, nn


def start(workload, nets=1):
    return _solvers(workload, nets), nets


def versions():
    import threadpoolctl

    blas = next(pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas")
    return {"NumPy": arithmetic.in_force().numpy, "OpenBLAS": blas["version"]}


def _solvers(workload, nets):
    """One nn.Solver a net, one after another."""
    X, y = examples(workload)
    data = {"X_train": X, "y_train": y, "X_val": X[:1], "y_val": y[:1]}
    solvers = [
        nn.Solver(
            model,
            data,
            update_rule="adam",
            optim_config={"learning_rate": LEARNING_RATE},
            batch_size=workload.batch_size,
            rng=np.random.default_rng(seed),
            verbose=False,
        )
        for seed, model in enumerate(_models(workload, nets))
    ]

    def step():
        for solver in solvers:
            solver.step()

    return step


def _fast(workload, nets):
    """All nets at once."""
    from normlab.training.fast import FastTrainer

    X, y = examples(workload)
    trainer = FastTrainer(
        _models(workload, nets),
        X,
        y,
        update_rule="adam",
        learning_rate=LEARNING_RATE,
        batch_size=workload.batch_size,
        rngs=[np.random.default_rng(seed) for seed in range(nets)],
    )
    return trainer.step


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
