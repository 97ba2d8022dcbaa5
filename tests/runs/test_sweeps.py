import itertools
import os
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from normlab import arithmetic
from normlab.handover import PROGRESS_FILE, STORE_FOLDER
from normlab.runs import dispatch
from normlab.runs.sweeps import sweep
from normlab.training.config import METHODS, TrainingConfig
from normlab.training.course import train

BASE = TrainingConfig(
    hidden_dims=(8, 6),
    batch_size=10,
    epochs=2,
    evaluations=4,
    weight_scale=0.3,
    learning_rate=1e-2,
    signals=True,
)


@pytest.fixture(autouse=True)
def _quiet_and_without_a_store(tmp_path, monkeypatch):
    monkeypatch.setenv(PROGRESS_FILE, str(tmp_path / "progress"))
    monkeypatch.delenv(STORE_FOLDER, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


class Here(Executor):
    """Runs each job at once in this thread, and remembers what was submitted."""

    def __init__(self):
        self.groups = []

    def submit(self, function, *arguments):
        if arguments:
            self.groups.append(arguments[0])
        future = Future()
        future.set_result(function(*arguments))
        return future


def test_the_grid_is_in_the_order_given(blobs):
    runs = sweep(BASE, blobs, (4, 2), Here(), batch_size=[20, 10], normalization=METHODS)
    assert list(runs.fields) == ["batch_size", "normalization"]
    assert runs.seeds == (4, 2)
    assert runs.histories.shape == (2, 3, 2)
    for (i, j, k), history in np.ndenumerate(runs.histories):
        expected = replace(BASE, batch_size=(20, 10)[i], normalization=METHODS[j], seed=(4, 2)[k])
        assert history.config == expected


def test_each_run_is_what_train_gives(blobs):
    runs = sweep(BASE, blobs, 2, Here(), normalization=METHODS)
    for history in runs.histories.flat:
        np.testing.assert_array_equal(history.loss, train(history.config, blobs).loss)


def test_a_number_of_seeds_counts_from_zero(blobs):
    runs = sweep(BASE, blobs, 3, Here())
    assert runs.seeds == (0, 1, 2)
    assert runs.values("final_loss").shape == (3,)


def test_the_longest_runs_start_first(blobs):
    here = Here()
    sweep(BASE, blobs, 2, here, batch_size=(30, 5, 10))
    assert [group[0].batch_size for group in here.groups] == [5, 5, 10, 10, 30, 30]


@pytest.fixture(scope="module")
def runs(blobs, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PROGRESS_FILE, os.devnull)
        patch.delenv(STORE_FOLDER, raising=False)
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        return sweep(BASE, blobs, 3, Here(), normalization=METHODS, weight_scale=(0.1, 1.0))


def test_values(runs):
    assert runs.values("final_loss").shape == (3, 2, 3)
    assert runs.values("final_loss", normalization="batchnorm").shape == (2, 3)
    assert runs.values("loss", weight_scale=0.1).shape == (3, 3, 12)
    one = runs.values("loss", normalization="layernorm", weight_scale=1.0)
    np.testing.assert_array_equal(one[2], runs.histories[2, 1, 2].loss)


def test_difference_is_paired_by_seed(runs):
    difference = runs.difference("final_loss", "batchnorm", "layernorm", weight_scale=1.0)
    ours = [runs.histories[1, 1, seed].final_loss for seed in range(3)]
    theirs = [runs.histories[2, 1, seed].final_loss for seed in range(3)]
    np.testing.assert_array_equal(difference, np.subtract(ours, theirs))
    np.testing.assert_array_equal(
        runs.difference("final_loss", "batchnorm"),
        runs.values("final_loss", normalization="batchnorm")
        - runs.values("final_loss", normalization="none"),
    )


def test_signals(runs):
    quantiles = runs.signals("end", "gradient", "quantiles", normalization="batchnorm")
    assert quantiles.shape == (2, 3, 2, 5)  # scales, seeds, hidden layers, quantiles
    expected = runs.histories[1, 0, 2].signals["end"]["gradient"].quantiles
    np.testing.assert_array_equal(quantiles[0, 2], expected)
    assert runs.signals("start", "activation", "zeros").shape == (3, 2, 3, 2)


def test_updates_are_those_of_the_evaluations(runs):
    np.testing.assert_array_equal(runs.updates, [1, 3, 6, 9, 12])


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        ({"normalisation": "none"}, "unknown field 'normalisation'; did you mean 'normalization'"),
        ({"weight_scale": 0.2}, r"weight_scale 0.2 was not swept; choose from \(0.1, 1.0\)"),
        ({"batch_size": 10}, "unknown field 'batch_size'"),
    ],
)
def test_a_value_that_was_not_swept_is_refused(runs, fixed, message):
    with pytest.raises(ValueError, match=f"^Sweep: {message}"):
        runs.values("final_loss", **fixed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seeds": 1}, "sweep: 1 seed; expected two or more"),
        ({"seeds": 0}, "sweep: 0 seed; expected two or more"),
        ({"seeds": [7]}, "sweep: 1 seed; expected two or more"),
        ({"batchsize": (1, 2)}, "sweep: unknown field of TrainingConfig 'batchsize'; did you mean"),
        ({"seeds": 10**9}, "sweep: 1,000,000,000 runs, and 1,000,000 are allowed; part it into"),
        ({"seeds": 10**30}, "sweep: 1,000,000,0"),
        ({"seeds": itertools.count()}, "sweep: 1,000,001 runs"),
        ({"seeds": range(2000), "learning_rate": np.logspace(-9, 0, 999)}, "sweep: 1,998,000 runs"),
        ({"batch_size": ()}, "sweep: batch_size has no values; give at least one"),
        ({"normalization": ("none", "group")}, "TrainingConfig: unknown normalization 'group'"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused_before_any_run(arguments, message, blobs):
    here = Here()
    with pytest.raises(ValueError, match=f"^{message}"):
        sweep(BASE, blobs, **{"seeds": 2, "executor": here} | arguments)
    assert not here.groups


@pytest.mark.parametrize(
    "arguments",
    [
        {"seeds": (0, 0)},  # the same run twice has no spread
        {"seed": (1, 2)},
        {"batch_size": 5},
        {"normalization": "batchnorm"},  # one method, not nine letters
        {"seeds": 2.5},
    ],
    ids=str,
)
def test_more_sweeps_that_make_no_sense(arguments, blobs):
    with pytest.raises((TypeError, ValueError), match=r"^sweep: "):
        sweep(BASE, blobs, **{"seeds": 2, "executor": Here()} | arguments)


def test_diverged_runs_are_counted(blobs):
    wild = replace(BASE, update_rule="sgd")
    runs = sweep(wild, blobs, 2, Here(), learning_rate=(1e-2, 1e30))
    assert runs.num_diverged == 2
    assert np.isnan(runs.values("final_loss", learning_rate=1e30)).any()
    # the axes of signals hold though half of the runs have none at the end
    assert runs.signals("end", "activation", "quantiles").shape == (2, 2, 2, 5)


def test_a_failing_run_is_raised_and_the_rest_cancelled(blobs, monkeypatch):
    def fail(configs, data):
        if configs[0].seed == 0:
            raise ArithmeticError("seed 0")
        time.sleep(0.2)
        done.append(configs[0].seed)

    done = []
    monkeypatch.setattr(dispatch, "make_runs", fail)
    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(ArithmeticError, match="seed 0"),
    ):
        sweep(BASE, blobs, 10, executor)
    assert len(done) <= 2


def test_progress_counts_runs_and_updates(blobs, tmp_path, monkeypatch):
    ticks = []

    class Ticks:
        def __init__(self, *total):
            ticks.append(total)

        def __enter__(self):
            return ticks.append

        def __exit__(self, *_):
            return False

    monkeypatch.setattr(dispatch, "progress", Ticks)
    sweep(BASE, blobs, 2, Here(), batch_size=(10, 20))
    assert ticks[0] == (4, 2 * (12 + 6))
    assert sorted(ticks[1:]) == [6, 6, 12, 12]


def test_runs_that_differ_in_their_length_are_trained_once(blobs, threads):
    class Counting(Here):
        def submit(self, function, *arguments):
            submitted.append(len(arguments[0]))
            return super().submit(function, *arguments)

    submitted, bases = [], [BASE, replace(BASE, epochs=None, updates=5)]
    both = sweep(bases, blobs, 2, Counting(), normalization=("none", "batchnorm"))
    assert submitted == [2] * 4
    for base, ours in zip(bases, both, strict=True):
        alone = sweep(base, blobs, 2, Here(), normalization=("none", "batchnorm"))
        for mine, other in zip(ours.histories.flat, alone.histories.flat, strict=True):
            assert mine.config == other.config
            np.testing.assert_array_equal(mine.loss, other.loss)
            assert mine.batch_mode_val_accuracy == other.batch_mode_val_accuracy


@pytest.fixture
def _same_environment_after():
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.slow
@pytest.mark.usefixtures("_same_environment_after")
def test_threads_and_worker_processes_give_the_same_runs(blobs, threads):
    """The same bits where this process has the workers' arithmetic, near ones elsewhere."""
    ours = sweep(BASE, blobs, 2, threads, normalization=("none", "batchnorm")).histories
    theirs = sweep(BASE, blobs, 2, normalization=("none", "batchnorm")).histories
    tolerance = 0 if arithmetic.in_force().is_reference else 1e-3
    for mine, other in zip(ours.flat, theirs.flat, strict=True):
        assert mine.config == other.config
        np.testing.assert_allclose(mine.loss, other.loss, rtol=tolerance)
        np.testing.assert_allclose(
            mine.signals["end"]["gradient"].quantiles,
            other.signals["end"]["gradient"].quantiles,
            rtol=10 * tolerance,
        )
    again = sweep(BASE, blobs, 2, normalization=("none", "batchnorm")).histories
    for mine, other in zip(again.flat, theirs.flat, strict=True):
        for name in ("loss", "evaluated_at", "train_accuracy", "val_accuracy"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(other, name))
