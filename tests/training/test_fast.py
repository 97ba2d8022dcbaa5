"""The fast way against the readable one, in float64, and what else it promises."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from normlab import arithmetic, nn
from normlab.training import METHODS, TrainingConfig, train
from normlab.training.fast import FastTrainer
from normlab.training.fast.updates import LARGEST_SCALE, RULES
from normlab.training.runs import group_key, group_size, train_group

RATES = {"sgd": 1e-1, "sgd_momentum": 1e-2, "rmsprop": 1e-3, "adam": 1e-3}
NORMALIZATIONS = [None, "batchnorm", "layernorm"]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((300, 40)), rng.integers(0, 10, 300)
    return {"X_train": X, "y_train": y, "X_val": X[:100], "y_val": y[:100]}


def nets(number, dtype=np.float64, hidden_dims=(20, 20, 20), **options):
    """``number`` nets, each with initial weights of its own."""
    return [
        nn.FullyConnectedNet(
            hidden_dims, 40, 10, weight_scale=0.1, dtype=dtype, rng=np.random.default_rng(k),
            **options,
        )
        for k in range(number)
    ]  # fmt: skip


def fast_trainer(models, data, rule="adam", batch_size=10, learning_rate=None):
    rngs = [np.random.default_rng([1, k]) for k in range(len(models))]
    rate = learning_rate or RATES[rule]
    return FastTrainer(models, data["X_train"], data["y_train"], rule, rate, batch_size, rngs)


def solver(model, k, data, rule="adam", batch_size=10):
    return nn.Solver(
        model, data, rule, {"learning_rate": RATES[rule]}, batch_size=batch_size, verbose=False,
        rng=np.random.default_rng([1, k]),
    )  # fmt: skip


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("rule", nn.UPDATE_RULES)
@pytest.mark.parametrize("batch_size", [10, 50])
@pytest.mark.parametrize("options", [{}, {"reg": 0.01, "dropout_keep_ratio": 0.7}], ids=str)
def test_both_ways_give_the_same_losses(normalization, rule, batch_size, options, data):
    options = {"normalization": normalization} | options
    trainer = fast_trainer(nets(2, **options), data, rule, batch_size)
    losses = np.array([trainer.step() for _ in range(200)])
    for k, model in enumerate(nets(2, **options)):
        plain = solver(model, k, data, rule, batch_size)
        for _ in range(200):
            plain.step()
        np.testing.assert_allclose(losses[:, k], plain.loss_history, rtol=0, atol=1e-10)


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_both_ways_end_in_the_same_model(normalization, data):
    (model,), (other,) = (nets(1, normalization=normalization) for _ in range(2))
    trainer, plain = fast_trainer([model], data), solver(other, 0, data)
    for _ in range(50):
        trainer.step()
        plain.step()
    assert model.params.keys() == other.params.keys()
    for name, value in model.params.items():
        np.testing.assert_allclose(value, other.params[name], atol=1e-9, err_msg=name)
    for bn_param, theirs in zip(model.bn_params, other.bn_params, strict=True):
        for name in {"running_mean", "running_var"} & bn_param.keys():
            np.testing.assert_allclose(bn_param[name], theirs[name], atol=1e-9, err_msg=name)
    X, y = data["X_val"], data["y_val"]
    assert plain.check_accuracy(X, y) == solver(model, 0, data).check_accuracy(X, y)


@pytest.mark.parametrize("hidden_dims", [(1,), (7,), (33, 1, 5)])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_odd_widths(hidden_dims, normalization, data):
    options = {"hidden_dims": hidden_dims, "normalization": normalization}
    trainer, plain = fast_trainer(nets(1, **options), data), solver(*nets(1, **options), 0, data)
    losses = [trainer.step()[0] for _ in range(20)]
    for _ in range(20):
        plain.step()
    np.testing.assert_allclose(losses, plain.loss_history, rtol=0, atol=1e-10)


def test_more_parameters_than_a_chunk(data, monkeypatch):
    expected = [fast_trainer(nets(1), data).step() for _ in range(3)]
    monkeypatch.setattr("normlab.training.fast.parameters.CHUNK", 50)
    assert [fast_trainer(nets(1), data).step() for _ in range(3)] == expected


@pytest.mark.parametrize("rule", ["rmsprop", "adam"])
def test_the_growing_scale_of_the_squares_is_taken_back(rule):
    """The scale passes its limit several times, and the step stays that of the plain rule."""
    fast = RULES[rule](1, np.float64, 1e-3)
    fast.decay = 0.5
    w, plain, scratch = np.ones(1), np.ones(1), np.zeros(1)
    name = {"rmsprop": "decay_rate", "adam": "beta2"}[rule]
    config, scales = {"learning_rate": 1e-3, name: 0.5}, []
    for gradient in np.random.default_rng(0).standard_normal((200, 1)):
        fast.begin()
        fast.apply(w, gradient * fast.gradient_scale, scratch, *fast.memory)
        plain, config = nn.UPDATE_RULES[rule](plain, gradient, config)
        scales.append(fast.gradient_scale)
        np.testing.assert_allclose(w, plain, rtol=1e-12)
    assert max(scales) < 2 * LARGEST_SCALE
    assert sum(after < before for before, after in pairwise(scales)) > 3


# Groups

SMALL = TrainingConfig(
    hidden_dims=(8, 6), batch_size=10, epochs=2, evaluations=4, weight_scale=0.3,
    learning_rate=1e-2, signals=True,
)  # fmt: skip


def bits(history):
    """All numbers of a history as bytes."""
    arrays = [history.loss, history.train_accuracy, history.val_accuracy]
    for kinds in history.signals.values():
        for sizes in kinds.values():
            arrays += [sizes.quantiles, sizes.zeros]
    return [array.tobytes() for array in arrays], history.batch_mode_val_accuracy


@pytest.mark.parametrize("normalization", METHODS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [5, 50])
def test_a_run_does_not_depend_on_its_group(normalization, dtype, batch_size, blobs):
    base = replace(SMALL, normalization=normalization, dtype=dtype, batch_size=batch_size,
                   dropout_keep_ratio=0.8)  # fmt: skip
    configs = [replace(base, seed=k, weight_scale=0.1 * (k + 1)) for k in range(5)]
    alone = [bits(train(config, blobs)) for config in configs]
    assert [bits(history) for history in train_group(configs, blobs)] == alone
    assert [bits(history) for history in train_group(configs[3:0:-1], blobs)] == alone[3:0:-1]
    assert len({str(one) for one in alone}) == 5


@pytest.mark.parametrize("normalization", METHODS)
def test_a_run_that_diverges_leaves_its_group_alone(normalization, blobs):
    base = replace(SMALL, normalization=normalization)
    configs = [base, replace(base, weight_scale=1e30), replace(base, seed=1)]
    first, lost, last = train_group(configs, blobs)
    assert lost.diverged_at == 1
    assert bits(first) == bits(train(configs[0], blobs))
    assert bits(last) == bits(train(configs[2], blobs))


def test_runs_of_other_shapes_are_refused(blobs):
    configs = [SMALL, replace(SMALL, batch_size=20)]
    with pytest.raises(ValueError, match=r"^train_group: the configs differ in more than seed"):
        train_group(configs, blobs)
    assert group_key(SMALL) == group_key(replace(SMALL, seed=3, weight_scale=1.0))


@pytest.mark.parametrize(
    ("hidden_dims", "features", "expected"),
    [((50,) * 7, 784, 8), ((100,) * 5, 784, 6), ((100,) * 5, 3072, 2), ((1000,) * 5, 3072, 1)],
)
def test_large_nets_are_trained_in_small_groups(hidden_dims, features, expected):
    assert group_size(TrainingConfig(hidden_dims=hidden_dims), features) == expected


def test_training_leaves_the_data_alone(blobs):
    before = {name: array.copy() for name, array in blobs.items()}
    train_group([SMALL, replace(SMALL, seed=1)], blobs)
    for name, array in blobs.items():
        np.testing.assert_array_equal(array, before[name])


def test_denormals_are_flushed_while_it_trains(blobs, monkeypatch):
    def tenth():
        return np.float32(1e-38) * np.float32(0.1)

    def step(trainer):
        seen.append(tenth())
        return np.ones(trainer.nets)

    seen = []
    monkeypatch.setattr(FastTrainer, "step", step)
    train(SMALL, blobs)
    assert len(seen) == 12
    assert not any(seen) or arithmetic.in_force().denormals == "kept"
    assert tenth() > 0
