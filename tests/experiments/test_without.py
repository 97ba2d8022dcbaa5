"""What the page on dynamic tanh measures, beside other ways to get there."""

from types import SimpleNamespace

import numpy as np
import pytest

from normlab import nn
from normlab.experiments.without import saturation, train_from_alpha
from normlab.ledger import without

RNG = np.random.default_rng(0)
DATA = {
    f"{name}_{part}": value
    for part in ("train", "val", "test")
    for name, value in (("X", RNG.standard_normal((30, 6))), ("y", np.arange(30) % 3))
}
SMALL = {"hidden_dims": (5, 4), "weight_scale": 0.5, "batch_size": 7, "num_train": 20}


def test_a_short_run_is_adam_on_the_formula():
    """One update, by hand: Adam's first step is the rate times the sign of the gradient."""
    found = train_from_alpha(3, 0.5, **SMALL, learning_rate=0.01, updates=1, data=DATA)
    assert np.allclose(np.abs(found["alpha"] - 0.5), 0.01, atol=1e-6)
    weights, batches, images = np.random.default_rng(3).spawn(3)
    chosen = images.permutation(30)[:20]
    X, y = DATA["X_train"][chosen], DATA["y_train"][chosen]
    shapes = ((6, 5), (5, 4), (4, 3))
    W = [0.5 * weights.standard_normal(shape) for shape in shapes]
    batch = batches.integers(0, 20, 7)

    def loss(alphas):
        h = X[batch]
        for w, alpha in zip(W, alphas, strict=False):
            h = np.maximum(np.tanh(alpha * (h @ w)), 0)
        scores = h @ W[-1]
        return np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(7), y[batch]])

    slopes = [
        loss(np.array([0.5, 0.5]) + 1e-6 * unit) - loss(np.array([0.5, 0.5]) - 1e-6 * unit)
        for unit in np.eye(2)
    ]
    assert np.array_equal(np.sign(found["alpha"] - 0.5), -np.sign(slopes))


def test_another_alpha_changes_nothing_else():
    """Runs that do not learn differ in the alpha they started from alone."""
    one, two = (
        train_from_alpha(0, alpha, **SMALL, learning_rate=0.0, updates=2, data=DATA)
        for alpha in (0.5, 3.0)
    )
    assert one["alpha"].tolist() == [0.5, 0.5]
    assert two["alpha"].tolist() == [3.0, 3.0]
    assert two["saturated"] == two["saturated_before"] > one["saturated"]


def test_saturation_counts_entries():
    net = nn.FullyConnectedNet([2], 2, 2, normalization="dyt", dtype=np.float64, rng=0)
    net.params["W1"], net.params["b1"] = np.eye(2), np.zeros(2)
    edge = 2 * np.arctanh(0.9)  # where 0.5 x has a tanh of 0.9
    X = np.array([[1.01 * edge, 0.99 * edge], [-1.01 * edge, 0.0]])
    assert saturation(net, X) == pytest.approx(0.5)


def test_layers_of_ten_times_the_input():
    x = np.random.default_rng(0).standard_normal((16, 100))
    assert without.change_by_scale("layernorm") < 1e-13
    assert without.change_by_scale("rmsnorm") < 1e-13
    assert without.change_by_scale("dyt, alpha") < 1e-13
    expected = np.abs(np.tanh(5 * x) - np.tanh(x / 2)).max()
    assert without.change_by_scale("dyt") == pytest.approx(expected)


class Planted:
    """A sweep whose accuracies are given, (points, seeds) by method."""

    def __init__(self, accuracies, **fields):
        self.accuracies, self.fields = accuracies, fields

    def values(self, measure, normalization):
        return np.array(self.accuracies[normalization])

    def difference(self, measure, method, rival):
        return self.values(measure, method) - self.values(measure, rival)


def test_slope_of_the_lead():
    images = (10, 100, 1000)
    leads = [[0.05, 0.1], [0.03, 0.0], [0.01, -0.1]]  # 2 and 10 points a tenfold
    sizes = Planted({"dyt": leads, "layernorm": np.zeros((3, 2))}, num_train=images)
    assert np.allclose(without.slope(sizes), (-0.02, -0.1))


def test_decades_and_largest_rate():
    accuracy = {"dyt": [[0.1, 0.1], [0.3, 0.1], [0.9, 0.1], [0.1, 0.1]]}
    scales = Planted(accuracy, weight_scale=(0.001, 0.01, 0.1, 1.0))
    assert np.allclose(without.decades(scales, "dyt"), (2, 0))
    rates = Planted(accuracy, learning_rate=(0.001, 0.01, 0.1, 1.0))
    assert np.allclose(without.largest_rate(rates, "dyt"), (-1, -3))


def test_a_lead_of_alpha_is_paired_by_seed():
    values = {0.5: [[0.5, 0.6]], 1.0: [[0.7, 0.5]]}
    grid = SimpleNamespace(values=lambda name, alpha: np.array(values[alpha]))
    assert np.allclose(without.lead_of_alpha(grid, 1.0), (0.2, -0.1))
