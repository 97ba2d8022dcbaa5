"""normlab, in the arithmetic that the environment of the process pins."""

import contextlib

import numpy as np

from benchmarks.workloads import CLASSES, LEARNING_RATE, WEIGHT_SCALE, examples
from normlab import arithmetic, nn
from normlab.training import engine

_FLUSHED = contextlib.ExitStack()  # as while a run trains; this process does nothing else


def start(workload, nets=1, readable=False):
    """``nets`` one after the other; ``readable`` for the layers as they are read."""
    solvers = [solver(workload, seed, readable) for seed in range(nets)]
    _FLUSHED.enter_context(arithmetic.flushed_denormals())

    def step():
        for one in solvers:
            one.step()

    return step, nets


def solver(workload, seed=0, readable=False):
    """The loop that trains one net."""
    X, y = examples(workload)
    model = nn.FullyConnectedNet(
        workload.hidden_dims,
        input_dim=workload.input_dim,
        num_classes=CLASSES,
        normalization=workload.normalization,
        weight_scale=WEIGHT_SCALE,
        dtype=np.float32,
        rng=np.random.default_rng(seed),
    )
    return (nn.Solver if readable else engine.solver_for)(
        model,
        {"X_train": X, "y_train": y, "X_val": X, "y_val": y},
        "adam",
        {"learning_rate": LEARNING_RATE},
        batch_size=workload.batch_size,
        rng=np.random.default_rng(seed),
        verbose=False,
    )


def versions():
    import threadpoolctl

    blas = next(pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas")
    found = {"NumPy": arithmetic.in_force().numpy, "OpenBLAS": blas["version"]}
    try:
        import numba
    except ImportError:
        return found
    return found | {"numba": numba.__version__}
