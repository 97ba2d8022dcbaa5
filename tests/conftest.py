"""Fixtures that several folders of tests share."""

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from normlab.data import cifar10
from normlab.runs.sweeps import Sweep
from normlab.training.config import METHODS, TrainingConfig
from normlab.training.histories import History, LayerSignals

ROOT = Path(__file__).parents[1]
BUILDER = ROOT.parent / "shared/data/cifar10/build.py"


@pytest.fixture(scope="session")
def cifar10_dir() -> Path:
    """A data directory with CIFAR-10: NORMLAB_DATA_DIR, or a copy built once, or a skip."""
    named = os.environ.get("NORMLAB_DATA_DIR")
    if named and cifar10.find(Path(named)):
        return Path(named)
    built = ROOT / "build/cifar10"
    if not built.exists():
        if not BUILDER.exists():
            pytest.skip("CIFAR-10 not found: let NORMLAB_DATA_DIR name a folder that holds it")
        build_aside(built)
    return built


def build_aside(target: Path) -> None:
    """Build into a folder of this process, then rename it; the first of several wins."""
    aside = target.with_name(f"{target.name}-{os.getpid()}")
    try:
        subprocess.run([sys.executable, BUILDER, aside], check=True, stdout=subprocess.DEVNULL)
        os.replace(aside, target)
    except OSError:
        if not target.exists():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@pytest.fixture(autouse=True)
def _store_of_its_own(tmp_path_factory, monkeypatch):
    """Keep the runs of tests out of the project's store, and those of one test from another."""
    monkeypatch.setenv("NORMLAB_RUNS", str(tmp_path_factory.mktemp("runs")))


@pytest.fixture(scope="session")
def blobs():
    """Three classes of 3x3 images, easy to tell apart: 60 to train on, 30 to validate."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((3, 1, 3, 3))
    data = {}
    for split, number in (("train", 60), ("val", 30)):
        y = np.arange(number) % 3
        noise = 0.3 * rng.standard_normal((number, 1, 3, 3))
        data[f"X_{split}"], data[f"y_{split}"] = (centres[y] + noise).astype(np.float32), y
    return data


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
        test_accuracy=accuracy - 0.06,
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
