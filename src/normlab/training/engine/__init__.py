"""The engine: nets are trained by compiled twins of their layers, with the same bits.

Where numba is not installed, where a net has a layer without a twin, or where a layer is not the
one that its twin was written for, the readable code trains.
"""

import numpy as np

from normlab import nn
from normlab.training.engine import versions
from normlab.training.engine.versions import edited

__all__ = ["edited", "solver_for", "warm"]


def solver_for(model, data, update_rule, optim_config, batch_size, **more) -> nn.Solver:
    """A Solver, the compiled one where it can train this net; arguments as of Solver."""
    kind = nn.Solver
    if fast := _fast_solver():
        needed = {"net", "update rules"} | {node.layer.name for node in model.flat_nodes()}
        is_known = all(versions.is_written_for(node.layer) for node in model.flat_nodes())
        if is_known and not needed & set(edited()) and fast.can_train(model, batch_size):
            kind = fast
    return kind(model, data, update_rule, optim_config, batch_size=batch_size, **more)


def warm(dtype: str) -> None:
    """Compile everything for a dtype, unless that was done before, in whichever process."""
    if _fast_solver():
        from normlab.training.engine import compiler

        compiler.once(f"warm-{dtype}", lambda: _compile(dtype))


def _fast_solver():
    """The class, or None where numba, or the BLAS of a usual NumPy, is missing."""
    try:
        from normlab.training.engine.solver import FastSolver
    except ImportError:
        return None
    return FastSolver


def _compile(dtype):
    """Train a small net for a moment."""
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((4, 3)).astype(dtype), np.array([0, 1, 1, 0])
    data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    model = nn.FullyConnectedNet([2], 3, 2, dtype=dtype, rng=rng)
    solver_for(model, data, "sgd", None, batch_size=2, rng=rng, verbose=False).step()
