"""The experiments on training, on tiny nets, against what can be computed otherwise."""

from types import SimpleNamespace

import numpy as np
import pytest

from normlab import ledger, nn
from normlab.experiments import smoothness, trained
from normlab.experiments.small_nets import (
    accuracy,
    descend,
    images_of,
    random_batches,
    small_net,
    streams,
    widths_of,
)
from normlab.ledger.trained_measures import rounding_share
from normlab.runs.experiments import Measured
from normlab.runs.trials import Outcome

SMALL = {"hidden_dims": (8, 8), "num_train": 60, "batch_size": 12, "updates": 6}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    centres = 3 * rng.standard_normal((3, 1, 4, 5))
    parts = {}
    for part, number in (("train", 90), ("val", 60), ("test", 60)):
        y = np.arange(number) % 3
        X = 50 * (centres[y] + rng.standard_normal((number, 1, 4, 5)))
        parts |= {f"X_{part}": X.astype(np.float32), f"y_{part}": y}
    return parts


def start(data, seed, normalization, activation="relu"):
    """The net, the images and the minibatches with which an experiment of SMALL begins."""
    weights, batches, images, other = streams(seed)
    train = images_of(data, "train", SMALL["num_train"], images)
    net = small_net(widths_of(data, SMALL["hidden_dims"]), normalization, weights, activation)
    order = random_batches(batches, len(train.y), SMALL["batch_size"], SMALL["updates"])
    return net, train, order, other


def test_images_are_rows_of_one_scale(data):
    images = images_of(data, "train")
    assert images.X.shape == (90, 20)
    assert images.X.std() == pytest.approx(1, rel=1e-5)
    some = images_of(data, "train", 10, np.random.default_rng(1))
    assert len(some.y) == 10
    assert all(any(np.array_equal(row, other) for other in images.X) for row in some.X)


@pytest.mark.parametrize("normalization", ["none", "batchnorm", "layernorm", "rmsnorm"])
def test_descend_steps_against_the_gradient(data, normalization):
    net, train, order, _ = start(data, 0, normalization)
    twin, *_ = start(data, 0, normalization)
    descend(net, train, order[:1], config={"learning_rate": 0.1})
    _, grads = twin.loss(train.X[order[0]], train.y[order[0]])
    assert set(grads) == set(net.params)
    for name, w in twin.params.items():
        np.testing.assert_allclose(net.params[name], w - 0.1 * grads[name], rtol=1e-6)


def test_accuracy_counts_what_the_scores_say(data):
    net, *_ = start(data, 0, "batchnorm")
    images = images_of(data, "test")
    assert accuracy(net, images) == np.mean(net.loss(images.X).argmax(axis=1) == images.y)


def test_a_net_learns_at_one_rate_and_diverges_at_another(data):
    arguments = SMALL | {"updates": 60, "normalization": "none", "activation": "relu"}
    good = trained.at_rate(0, learning_rate=0.05, data=data, **arguments)
    assert good["test"] > 0.9
    assert good["loss"] < 0.3
    with np.errstate(all="ignore"):
        bad = trained.at_rate(0, learning_rate=1e30, data=data, **arguments)
    assert bad["test"] == pytest.approx(1 / 3)
    assert bad["loss"] == np.inf


@pytest.mark.parametrize("classes", [1, 2, 3])
def test_batches_hold_so_many_classes(classes):
    y = np.arange(90) % 3
    batches = trained.batches_of_classes(np.random.default_rng(0), y, classes, 40, 20)
    assert batches.shape == (20, 40)
    assert {len(np.unique(y[batch])) for batch in batches} == {classes}
    assert len(np.unique(y[batches])) == 3


@pytest.mark.parametrize("part", ["norms", "weights"])
def test_only_a_part_is_trained(data, part):
    net, train, order, other = start(data, 0, "batchnorm")
    before = dict(net.params)
    masks = trained.masks_of(net, part, other)
    descend(net, train, order, "adam", {"learning_rate": 0.01}, masks)
    moved = {name: net.params[name] != before[name] for name in net.params}
    assert sum(mask.sum() for mask in masks.values()) == 4 * 8
    for name, each in moved.items():
        assert not np.any(each & (masks.get(name, 0) == 0)), name
    assert sum(each.sum() for each in moved.values()) > 20
    assert trained.part_trained(0, part, 0.01, data=data, **SMALL)["trained"] == 32


def test_noise_of_no_strength_is_the_net_itself(data):
    arguments = SMALL | {"learning_rate": 0.05, "data": data}
    quiet = trained.with_noise(0, "batchnorm", 0.0, **arguments)
    plain = trained.at_rate(0, "batchnorm", activation="relu", **arguments)
    assert quiet["test"] == plain["test"]


@pytest.mark.parametrize("name", ["gamma1", "beta2", "W2"])
def test_noise_carries_the_gradient(data, name):
    net, train, order, _ = start(data, 0, "batchnorm")
    net.params = {key: w.astype(np.float64) for key, w in net.params.items()}
    net.dtype = np.dtype(np.float64)
    for param in net.bn_params:
        param |= {key: param[key].astype(np.float64) for key in ("running_mean", "running_var")}
    X, y = train.X[order[0]].astype(np.float64), train.y[order[0]]

    def loss_at(value):
        noisy = trained.NoisyNet(net, 1.0, np.random.default_rng(5))
        noisy.params = noisy.params | {name: value}
        return noisy.loss(X, y)

    w = net.params[name]
    nudge = np.zeros_like(w)
    nudge.flat[3] = 1e-6
    slope = (loss_at(w + nudge)[0] - loss_at(w - nudge)[0]) / 2e-6
    assert loss_at(w)[1][name].flat[3] == pytest.approx(slope, rel=1e-4, abs=1e-8)


def test_dropout_is_in_force(data):
    arguments = SMALL | {"learning_rate": 0.01, "data": data, "updates": 40}
    without, with_it = (
        trained.with_dropout(0, "batchnorm", keep, **arguments)["train"] for keep in (1.0, 0.3)
    )
    assert without > with_it


def test_a_look_along_the_gradient(data):
    rate, arguments = 0.05, SMALL | {"updates": 1}
    found = smoothness.along_gradient(0, "batchnorm", rate, data=data, **arguments)
    net, train, *_ = start(data, 0, "batchnorm")
    batch = start(data, 0, "batchnorm")[2][0]
    X, y = train.X[batch], train.y[batch]
    _, grads = net.loss(X, y)
    params, losses = net.params, []
    for step in smoothness.STEPS:
        net.params = {name: w - step * rate * grads[name] for name, w in params.items()}
        losses.append(net.loss(X, y)[0])
    assert found["range"] == pytest.approx(np.ptp(losses), rel=1e-4)
    below = ("W1", "b1", "gamma1", "beta1")
    net.params = params | {name: params[name] - rate * grads[name] for name in below}
    after = net.loss(X, y)[1]["W2"]
    shift = np.linalg.norm(after - grads["W2"]) / np.linalg.norm(grads["W2"])
    assert found["shift"] == pytest.approx(shift, rel=1e-4)


def test_the_gradient_of_a_tiny_step_hardly_changes(data):
    found = smoothness.along_gradient(0, "none", 1e-5, data=data, **SMALL)
    assert found["shift"] < 1e-2
    assert found["cosine"] == pytest.approx(1, abs=1e-4)


def test_inputs_of_the_last_sigmoid(data):
    found = smoothness.layer_inputs(0, "batchnorm", 0.5, data=data, **SMALL)["quantiles"]
    assert found.shape == (6, 3, 8)
    net, *_ = start(data, 0, "batchnorm", "sigmoid")
    X = images_of(data, "val").X
    hidden = X @ net.params["W1"]
    hidden = 1 / (1 + np.exp(-(hidden - hidden.mean(0)) / hidden.std(0)))
    inputs = hidden @ net.params["W2"]
    inputs = (inputs - inputs.mean(0)) / inputs.std(0)
    expected = np.quantile(inputs, smoothness.QUANTILES, axis=0)
    np.testing.assert_allclose(found[0], expected, atol=1e-2)


def test_the_predicted_angle_is_that_of_random_gradients():
    rng, rate, decay = np.random.default_rng(0), 1e-2, 1.0
    w, config, angles = rng.standard_normal((400, 20)), {"learning_rate": rate}, []
    for step in range(800):
        w = (1 - rate * decay) * w
        before = w / np.linalg.norm(w, axis=0)
        w, config = nn.adam(w, rng.standard_normal(w.shape), config)
        if step > 400:
            angles.append(np.linalg.norm(w / np.linalg.norm(w, axis=0) - before, axis=0))
    found = np.sqrt(np.mean(np.square(angles)))
    assert found == pytest.approx(smoothness.predicted_angle(rate, decay), rel=0.03)


def test_rotation_is_reported(data):
    found = smoothness.rotation(0, 0.01, 1.0, data=data, **SMALL | {"updates": 400})
    assert 0.5 < found["ratio"] < 1.5
    assert found["spread"] < 0.5


def grid(values, **fields):
    """A Measured whose outcomes hold ``values``, name -> array of the shape of the grid."""
    shape = next(iter(values.values())).shape
    outcomes = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        arrays = {name: np.asarray(each[place]) for name, each in values.items()}
        outcomes[place] = Outcome(None, arrays)
    return Measured(fields, tuple(range(shape[-1])), outcomes)


def test_largest_and_best_rate():
    values = {
        "loss": np.array([[[0.5, 0.9], [0.6, 0.9], [np.inf, 0.9]]]),
        "val": np.array([[[0.7, 0.2], [0.8, 0.1], [0.1, 0.1]]]),
        "test": np.array([[[0.6, 0.3], [0.5, 0.1], [0.1, 0.1]]]),
    }
    rates = grid(values, normalization=("none",), learning_rate=(1.0, 2.0, 4.0))
    np.testing.assert_array_equal(ledger.largest_rate(rates, "none"), [2.0, 0.5])
    np.testing.assert_array_equal(ledger.at_best_rate(rates, "none"), [0.5, 0.3])


def test_spread_and_centre():
    quantiles = np.zeros((1, 2), dtype=object)
    for place in np.ndindex(1, 2):
        quantiles[place] = np.array([[[-1.0], [0.0], [1.0]], [[-1.0], [2.0], [7.0]]])
    inputs = grid({"quantiles": quantiles}, normalization=("none",))
    doublings, shift = ledger.spread_and_centre(inputs, "none")
    np.testing.assert_allclose(doublings, 2)
    np.testing.assert_allclose(shift, 2 / 8)


def test_rounding_against_seeds():
    runs = np.array([[0.5, 0.7, 0.6], [0.6, 0.7, 0.8]])
    rounding = SimpleNamespace(values=lambda _: runs)
    by_seed = np.mean([0.1, 0.2, 0.1, 0.2, 0.1, 0.1])
    np.testing.assert_allclose(rounding_share(rounding), np.array([0.1, 0, 0.2]) / by_seed)
