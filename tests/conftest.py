"""Fixtures that several folders of tests share."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from normlab.data import cifar10

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
