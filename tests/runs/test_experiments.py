"""Experiments on a grid, kept like runs."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from normlab.experiments import invariances
from normlab.handover import PROGRESS_FILE, STORE_FOLDER
from normlab.runs.experiments import Measured, experiment
from normlab.runs.store import RunStore
from normlab.runs.trials import Outcome, Trial


@pytest.fixture(autouse=True)
def _quiet(tmp_path, monkeypatch):
    monkeypatch.setenv(PROGRESS_FILE, str(tmp_path / "progress"))
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def xor(**more):
    with ThreadPoolExecutor(1) as threads:
        fixed = {"draws": 5}
        return experiment(invariances.xor, 3, executor=threads, fixed=fixed, **more)


def test_the_grid_is_in_the_order_given():
    found = xor(norm=("layernorm", "batchnorm"), width=(4, 2))
    assert isinstance(found, Measured)
    assert found.values("parted").shape == (2, 2, 3)
    np.testing.assert_array_equal(found.values("parted", norm="layernorm", width=4), np.ones(3))
    arguments = dict(found.results[1, 0, 2].config.arguments)
    assert arguments == {"draws": 5, "norm": "batchnorm", "width": 4, "seed": 2}


def test_each_outcome_is_what_the_function_gives():
    found = xor(norm=("layernorm",), width=(3,))
    ours = [invariances.xor(seed, "layernorm", 3, draws=5)["parted"] for seed in range(3)]
    np.testing.assert_array_equal(found.values("parted")[0, 0], ours)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"nrom": ("a",)}, "experiment: unknown argument of normlab.experiments.invariances.xor "),
        ({"seed": (1,)}, "experiment: unknown argument"),
        ({"norm": "layernorm"}, "experiment: norm is 'layernorm'; expected a list of values"),
        ({"width": ()}, "experiment: width has no values"),
        ({"seeds": 1}, "experiment: 1 seed; expected two or more"),
    ],
)
def test_bad_calls_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        experiment(invariances.xor, **arguments)


def test_a_function_that_is_not_normlabs_is_refused():
    with pytest.raises(ValueError, match=r"np\.mean|numpy\.mean is no function of normlab"):
        experiment(np.mean, 2)


@pytest.mark.slow
def test_outcomes_are_stored_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv(STORE_FOLDER, str(tmp_path / "runs"))
    fixed = {"draws": 5}
    first = experiment(invariances.xor, 2, fixed=fixed, norm=("layernorm",), width=(3, 4))
    kept = {path: path.stat().st_mtime_ns for path in Path(tmp_path / "runs").rglob("*.run")}
    assert len(kept) == 4
    again = experiment(invariances.xor, 2, fixed=fixed, norm=("layernorm",), width=(4, 3))
    np.testing.assert_array_equal(first.values("parted", width=3), again.values("parted", width=3))
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list(Path(tmp_path / "runs").rglob("*.run"))) == 4


def test_an_entry_of_another_trial_is_none(tmp_path):
    store = RunStore(tmp_path)
    trial = Trial("normlab.experiments.x.f", (("widths", (1, 2)), ("seed", 0)))
    store.put("ab12", Outcome(trial, {"a": np.arange(3.0), "b": np.array(1)}))
    found = store.get("ab12", trial)
    assert found.config == trial
    np.testing.assert_array_equal(found.arrays["a"], np.arange(3.0))
    assert store.get("ab12", Trial(trial.experiment, (("widths", (1, 2)), ("seed", 1)))) is None
