"""Benchmarks are fair: each contender computes what it is said to compute."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import cluster, convolution, growth, growth_page, lineup, page, parts, speed
from benchmarks.contenders import bound, plain
from benchmarks.lineup import threads
from benchmarks.ratios import best, ratio
from benchmarks.rounds import Contender, measure
from benchmarks.workloads import Workload, examples
from normlab import nn

DOCS = Path(__file__).parents[1] / "docs"
SMALL = Workload(input_dim=20, hidden_dims=(8, 6), batch_size=10)


def test_live_processes_answer_in_turn():
    contenders = [
        Contender("ours", "ours", environment=threads(1)),
        Contender("plain", "plain", environment=threads(1), processes=2),
    ]
    speeds, versions = measure(contenders, SMALL, rounds=2, seconds=0.01)
    assert {name: len(values) for name, values in speeds.items()} == {"ours": 2, "plain": 2}
    assert all(speed > 0 for values in speeds.values() for speed in values)
    assert versions["NumPy"] == np.__version__


def test_process_that_ends_is_named(capfd):
    broken = Contender("the broken one", "ours", {"no_such_option": 1}, python=sys.executable)
    with pytest.raises(RuntimeError, match="the broken one"):
        measure([broken], SMALL, rounds=1, seconds=0.01)
    assert "no_such_option" in capfd.readouterr().err


@pytest.mark.parametrize("normalization", ["batchnorm", "layernorm"])
def test_plain_code_trains_as_the_solver_does(normalization):
    workload = SMALL._replace(normalization=normalization)
    X, y = examples(workload, "float64")
    step = plain.trainer(
        workload, X, y, np.random.default_rng(1), np.random.default_rng(2), np.float64
    )
    model = nn.FullyConnectedNet(
        workload.hidden_dims,
        workload.input_dim,
        normalization=normalization,
        dtype=np.float64,
        weight_scale=2e-2,
        rng=np.random.default_rng(1),
    )
    solver = nn.Solver(
        model,
        {"X_train": X, "y_train": y, "X_val": X[:1], "y_val": y[:1]},
        "adam",
        {"learning_rate": 1e-3},
        batch_size=10,
        verbose=False,
        rng=np.random.default_rng(2),
    )
    losses = [step() for _ in range(20)]
    for _ in range(20):
        solver.step()
    np.testing.assert_allclose(losses, solver.loss_history, rtol=1e-9)


@pytest.mark.skipif(not bound.has_compiler(), reason="no C compiler")
def test_adam_in_c_is_adam():
    rng = np.random.default_rng(0)
    w = rng.standard_normal(1003, np.float32)
    dw, m, v = np.empty_like(w), np.zeros_like(w), np.zeros_like(w)
    update = bound.adam_on(bound.compiled_adam(), w, dw, m, v, rate=1e-2)
    expected, config = w.copy(), {"learning_rate": 1e-2}
    for _ in range(5):
        dw[:] = rng.standard_normal(w.size)
        update()
        expected, config = nn.adam(expected, dw, config)
    np.testing.assert_allclose(w, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(v, config["v"], rtol=1e-5)


def test_bound_makes_the_products_of_the_solver():
    """Two of each matrix forward and backward, but none for the gradient of the images."""
    signals = [np.ones((SMALL.batch_size, dim)) for dim in SMALL.dims]
    shapes = list(zip(SMALL.dims, SMALL.dims[1:], strict=False))
    weights, grads = ([np.ones(shape) for shape in shapes] for _ in range(2))
    products = bound._products(signals, weights, grads)
    assert len(products) == 3 * len(weights) - 1
    for a, b, out in products:
        assert (a.shape[0], b.shape[1]) == out.shape
        assert a.shape[1] == b.shape[0]


def test_ratio_is_taken_within_rounds_and_against_the_best_of_a_family():
    speeds = {"ours": [2, 20, 200], "rival, slow": [0.1, 1, 10], "rival, fast": [1, 10, 100]}
    assert best(speeds, "rival") == "rival, fast"
    assert ratio(speeds, "ours", "rival") == (2, 2, 2)
    assert ratio(speeds, "ours", "absent") is None


def test_fitted_exponent():
    sizes = np.array([1, 2, 4, 8])
    slope, line = growth.exponent(sizes, 3.0 * sizes**1.5)
    assert slope == pytest.approx(1.5)
    np.testing.assert_allclose(line, 3.0 * sizes**1.5)


def test_parts_add_up_to_the_whole(monkeypatch):
    monkeypatch.setattr(parts, "UPDATES", 5)
    found = parts._parts_of(SMALL)
    assert len(found) == 6
    assert all(microseconds > 0 for microseconds in found.values())


@pytest.mark.parametrize("name", ["speed", "growth", "convolution"])
def test_page_is_that_of_the_measurements(name):
    measured = json.loads((DOCS / name / "measurements.json").read_text("utf-8"))
    made = {
        "speed": page.page,
        "growth": lambda m: growth_page.page(m, growth.BASE),
        "convolution": convolution.page,
    }[name]
    assert made(measured) == (DOCS / f"{name}.md").read_text("utf-8")


def test_everything_on_the_page_of_speed_is_measured(monkeypatch):
    def measure(contenders, workload, rounds, seconds, progress):
        return {contender.name: [1.0] for contender in contenders}, {}

    monkeypatch.setattr(speed, "measure", measure)
    monkeypatch.setattr(speed.parts, "parts", lambda: {"W1": {parts.REST: 1.0}})
    monkeypatch.setattr(speed.pipeline, "measure", lambda *_: {"build": [2.0], "papermill": [1.0]})
    measured = speed.speed(lineup.Pythons("python", "python"), 1, 0.1, _Silent)
    assert "readable layers" in page.page(measured)


class _Silent:
    @staticmethod
    def of(part):
        return print


def test_the_page_on_clusters_ends_with_what_was_measured():
    text = (DOCS / "cluster.md").read_text("utf-8")
    measured = json.loads((DOCS / "cluster/measurements.json").read_text("utf-8"))
    assert cluster.page(measured, text) == text
    assert cluster.page(measured, f"before\n{cluster.HEADING}\nold").startswith("before\n## What")
