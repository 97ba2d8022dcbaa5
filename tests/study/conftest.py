"""Sweeps made up by a formula, for tests that need no training."""

import itertools

import numpy as np
import pytest

from normlab.study.sweeps import Sweep
from normlab.training.config import METHODS, TrainingConfig
from normlab.training.histories import History, LayerSignals


def _history(config, rank):
    """A run whose numbers follow from its seed and from its ``rank`` in the grid."""
    rng = np.random.default_rng([rank, config.seed])
    accuracy = np.linspace(0.1, 0.5 + 0.04 * rank, 6) + 0.01 * rng.random(6)
    rising = np.sort(rng.random((3, 5)), axis=1) + 0.1  # three hidden layers, five quantiles
    sizes = LayerSignals(rising, np.full(3, 0.5))
    return History(
        config=config,
        loss=np.linspace(2.3, 1 / (rank + 1), 40) + 0.1 * rng.random(40),
        evaluated_at=np.array([1, 8, 16, 24, 32, 40]),
        train_accuracy=accuracy,
        val_accuracy=accuracy - 0.05,
        batch_mode_val_accuracy=float(accuracy[-1]) - 0.07,
        signals={when: {"activation": sizes, "gradient": sizes} for when in ("start", "end")},
        diverged_at=None,
    )


@pytest.fixture(scope="session")
def made_up():
    """``made_up(**fields)``: a Sweep of three seeds over normalization and ``fields``."""

    def make(normalization=METHODS, seeds=(0, 1, 2), **fields):
        fields = {"normalization": tuple(normalization)} | fields
        histories = np.empty((*map(len, fields.values()), len(seeds)), dtype=object)
        grid = itertools.product(*fields.values(), seeds)
        for index, (*point, seed) in enumerate(grid):
            named = dict(zip(fields, point, strict=True))
            config = TrainingConfig(**named, seed=seed)
            histories.flat[index] = _history(config, index // len(seeds))
        return Sweep(fields, tuple(seeds), histories)

    return make
