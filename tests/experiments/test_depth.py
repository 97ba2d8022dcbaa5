"""Each experiment on tiny sizes, against something independent."""

import numpy as np
import pytest

from normlab.experiments import collapse, depth
from normlab.ledger.mean_field import below, correlation_map, harmonic, limit_rate, moments


def gradient_by_differences(normalization, batch=5, width=6):
    """The squared gradient with respect to ``h @ w`` of the last of one layer, entry by entry."""
    rng = np.random.default_rng(0)
    h = rng.standard_normal((batch, width))
    x = h @ (rng.standard_normal((width, width)) * np.sqrt(2 / width))
    dout = rng.standard_normal(x.shape)

    def loss(x):
        axis = {"batchnorm": 0, "layernorm": 1}.get(normalization)
        if axis is not None:
            x = (x - x.mean(axis, keepdims=True)) / x.std(axis, keepdims=True)
        return np.sum(np.maximum(x, 0) * dout)

    gradient = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        gradient[place] = (loss(x + step) - loss(x - step)) / 2e-6
    return np.log(np.mean(gradient**2))


@pytest.mark.parametrize("normalization", ["none", "batchnorm", "layernorm"])
def test_gradient_of_a_layer(normalization):
    found = depth.plain_net(0, normalization=normalization, batch=5, width=6, depth=1)
    assert found["gradient"][0] == pytest.approx(gradient_by_differences(normalization), abs=1e-6)


def test_signal_and_cosine_of_a_layer():
    rng = np.random.default_rng(3)
    h = rng.standard_normal((4, 6))
    x = h @ (rng.standard_normal((6, 6)) * np.sqrt(2 / 6))
    found = depth.plain_net(3, "linear", "none", batch=4, width=6, depth=1)
    assert found["signal"][0] == pytest.approx(np.log((x * x).mean()))
    pairs = [
        x[i] @ x[j] / np.linalg.norm(x[i]) / np.linalg.norm(x[j])
        for i in range(4)
        for j in range(i)
    ]
    assert found["cosine"][0] == pytest.approx(np.mean(pairs))
    squares = np.linalg.svd(x, compute_uv=False) ** 2
    assert found["rank"][0] == pytest.approx(squares.sum() ** 2 / (squares**2).sum())


def test_residual_net_of_one_block():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((3, 4))
    branch = np.maximum(x, 0) @ (rng.standard_normal((4, 4)) * np.sqrt(1 / 2))
    found = depth.residual_net(1, "none", width=4, batch=3, blocks=1)
    assert found["square"] == pytest.approx([np.mean(x**2), np.mean((x + branch) ** 2)])
    assert found["share"] == pytest.approx([np.mean(branch**2) / np.mean((x + branch) ** 2)])


@pytest.mark.parametrize(("scaling", "expected"), [("block", [1, 2, 3]), ("depth", [3, 3, 3])])
def test_scale_of_the_branch(scaling, expected, monkeypatch):
    scales = []
    relu = depth.nn.relu_forward

    def spy(x):
        scales.append(1 / np.mean(x**2))
        return relu(x)

    monkeypatch.setattr(depth.nn, "relu_forward", spy, raising=False)
    depth.residual_net(0, "layernorm", scaling, width=8, batch=3, blocks=3)
    assert scales == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["plain", "residual"])
def test_gradient_along_the_input(kind):
    found = depth.shattered(2, kind, "none", depth=3, width=7, points=2001)
    rng = np.random.default_rng(2)
    first, bias = rng.standard_normal((2, 1, 7))
    inputs = np.linspace(-2, 2, 2001)
    x = inputs[:, None] @ first + bias
    for _ in range(3):
        added = np.maximum(x, 0) @ (rng.standard_normal((7, 7)) * np.sqrt(2 / 7))
        x = added if kind == "plain" else x + 0.1 * added
    slope = np.gradient(x @ rng.standard_normal(7), inputs)
    assert np.median(np.abs(found["gradient"] - slope)) < 1e-9


def test_correlation_of_neighbours():
    assert depth.lag_one(np.tile([1.0, -1.0], 500)) == pytest.approx(-0.999)
    assert depth.lag_one(np.sin(np.linspace(0, 6, 1000))) > 0.99


def test_jacobian_and_statistics():
    singular = depth.layer_jacobian(0, width=20, batch=5000)["singular"]
    assert np.sum(singular**2) == pytest.approx(20, rel=0.05)
    assert depth.batch_statistics(0, batch=4)["ratios"] == pytest.approx(1, abs=0.03)


def test_rates_of_theory():
    assert limit_rate("relu") == pytest.approx(np.pi / (np.pi - 1), rel=1e-8)
    for batch in (8, 16):
        rate, cosine = moments("linear", batch)
        assert rate == pytest.approx((batch - 2) / (batch - 3))
        assert cosine == pytest.approx(-1 / (batch - 1))
    assert moments("relu", 200)[0] == pytest.approx(limit_rate("relu"), rel=0.01)
    assert correlation_map(1) == pytest.approx(1 / np.pi)
    assert below(2) == pytest.approx(1)
    assert harmonic(3) == pytest.approx(11 / 6)


def test_theory_holds_for_a_wide_net():
    gradient = depth.plain_net(0, batch=8, width=400, depth=12)["gradient"]
    assert np.exp((gradient[2] - gradient[9]) / 7) == pytest.approx(moments("relu", 8)[0], rel=0.1)


def test_gap_of_one_layer():
    found = collapse.orthogonality_gap(0, width=5, batch=3, depth=1)["gap"][0]
    rng = np.random.default_rng(0)
    h = rng.standard_normal((3, 5))
    x = h @ rng.standard_normal((5, 5))
    x /= np.sqrt(np.sum(x**2, axis=0) / 3)
    gram = x @ x.T / np.trace(x @ x.T)
    assert found == pytest.approx(np.sqrt(np.sum((gram - np.eye(3) / 3) ** 2)))


def test_gradient_of_a_chain():
    size = 4
    found = collapse.linear_chain(5, "gaussian", size, depth=2)["gradient"]
    rng = np.random.default_rng(5)
    h = rng.standard_normal((size, size))
    first, second = (rng.standard_normal((size, size)) / 2 for _ in range(2))
    dout = rng.standard_normal((size, size))
    assert found[1] == pytest.approx(np.log(np.sum(dout**2)))
    h = h @ first
    h /= np.sqrt(np.mean(h**2, axis=0))

    def loss(h):
        x = h @ second
        return np.sum(dout * x / np.sqrt(np.mean(x**2, axis=0)))

    gradient = np.zeros_like(h)
    for place in np.ndindex(size, size):
        step = np.zeros_like(h)
        step[place] = 1e-6
        gradient[place] = (loss(h + step) - loss(h - step)) / 2e-6
    assert found[0] == pytest.approx(np.log(np.sum(gradient**2)), abs=1e-6)


@pytest.mark.parametrize("rescaled", [True, False])
def test_the_odd_one_lies_furthest_off(rescaled):
    found = collapse.odd_one_out(0, rescaled, batch=6, width=20, depth=5)
    assert np.all(np.array(found["inside"]) >= found["outside"])
