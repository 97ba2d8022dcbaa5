import copy
from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest

from normlab import arithmetic, nn
from normlab.training import measures
from normlab.training.config import METHODS, TrainingConfig
from normlab.training.course import course, stratified, train, train_course
from normlab.training.histories import SIGNAL_QUANTILES
from normlab.training.measures import batch_mode_accuracy

SMALL = TrainingConfig(
    hidden_dims=(8, 6),
    batch_size=10,
    epochs=2,
    evaluations=4,
    weight_scale=0.3,
    learning_rate=1e-2,
)
EXPLODING = replace(SMALL, update_rule="sgd", learning_rate=1e30)


def assert_same(ours, theirs):
    """Two histories are the same bits, but for the config."""
    for field in fields(ours):
        if field.name not in ("config", "signals"):
            mine, other = getattr(ours, field.name), getattr(theirs, field.name)
            np.testing.assert_array_equal(mine, other, err_msg=field.name)


def arrays_of(model):
    """Copies of all parameters and running statistics, by name."""
    state = {name: array.copy() for name, array in model.params.items()}
    for number, bn_param in enumerate(model.bn_params):
        for name in ("running_mean", "running_var"):
            if name in bn_param:
                state[f"{name} {number}"] = bn_param[name].copy()
    return state


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"normalization": "batchnrom"}, "unknown normalization 'batchnrom'; did you mean 'batchn"),
        ({"normalization": None}, "unknown normalization None; did you mean 'none'"),
        ({"update_rule": "adams"}, "unknown update_rule 'adams'; did you mean 'adam'"),
        ({"dtype": "float16"}, "unknown dtype 'float16'; did you mean"),
        ({"updates": 5}, "epochs is 10 and updates is 5; give one of the two"),
        ({"epochs": None}, "epochs is None and updates is None; give one of the two"),
        ({"epochs": 0}, "epochs is 0; expected "),
        ({"epochs": 1.5}, "epochs is 1.5; expected "),
        ({"epochs": None, "updates": -1}, "updates is -1; expected "),
        ({"batch_size": 0}, "batch_size is 0; expected "),
        ({"batch_size": "50"}, "batch_size is '50'; expected "),
        ({"evaluations": 0}, "evaluations is 0; expected "),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(change, message):
    with pytest.raises((TypeError, ValueError), match=r"^TrainingConfig: [^\n]+$") as caught:
        TrainingConfig(**change)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": True},
        {"hidden_dims": "100"},
        {"hidden_dims": ()},
        {"hidden_dims": 5},
        {"learning_rate": -1.0},
        {"learning_rate": float("nan")},
        {"weight_scale": -1.0},
        {"dropout_keep_ratio": 0.0},
        {"seed": -1},
        {"normalization": "batchnorm", "batch_size": 1},
    ],
    ids=str,
)
def test_a_config_that_cannot_be_trained_is_refused(change):
    with pytest.raises((TypeError, ValueError), match=r"^TrainingConfig: [^\n]+$"):
        TrainingConfig(**change)


def test_a_config_is_frozen_and_compares_by_value():
    config = TrainingConfig(hidden_dims=[3, 2])
    assert config == TrainingConfig(hidden_dims=(3, 2))
    with pytest.raises(FrozenInstanceError):
        config.seed = 1


@pytest.mark.parametrize(
    ("change", "length"),
    [
        ({"epochs": 2, "batch_size": 10}, 12),
        ({"epochs": 2, "batch_size": 50}, 2),  # the ten images that do not fill a batch wait
        ({"epochs": 2, "batch_size": 500}, 2),  # at least one minibatch an epoch
        ({"epochs": None, "updates": 7}, 7),
    ],
)
def test_length_of_a_run(change, length, blobs):
    config = replace(SMALL, **change)
    history = train(config, blobs)
    assert config.num_updates(60) == len(history.loss) == history.evaluated_at[-1] == length


@pytest.mark.parametrize(
    ("num_updates", "evaluations", "expected"),
    [
        (200, 10, [1, *range(20, 201, 20)]),
        (12, 4, [1, 3, 6, 9, 12]),
        (10, 3, [1, 3, 7, 10]),
        (4, 4, [1, 2, 3, 4]),
        (1, 1, [1]),
        (3, 10, [1, 2, 3]),
        (1, 5, [1]),
    ],
)
def test_accuracy_is_measured_after_the_first_update_and_evenly_from_there(
    num_updates, evaluations, expected, blobs
):
    config = replace(SMALL, epochs=None, updates=num_updates, evaluations=evaluations)
    history = train(config, blobs)
    assert list(history.evaluated_at) == expected
    assert len(history.train_accuracy) == len(history.val_accuracy) == len(expected)


@pytest.mark.parametrize("normalization", METHODS)
def test_a_run_depends_on_its_config_alone(normalization, blobs):
    config = replace(SMALL, normalization=normalization, dropout_keep_ratio=0.8, seed=3)
    first = train(config, blobs)
    np.random.default_rng().random(5)
    np.random.random(5)  # the global generator must not matter
    before = {name: array.copy() for name, array in blobs.items()}
    assert_same(first, train(config, blobs))
    for name, array in blobs.items():
        np.testing.assert_array_equal(array, before[name])


def test_another_seed_is_another_run(blobs):
    assert not np.array_equal(train(SMALL, blobs).loss, train(replace(SMALL, seed=1), blobs).loss)


def test_it_learns(blobs):
    history = train(replace(SMALL, epochs=30, normalization="batchnorm"), blobs)
    assert history.final_val_accuracy > 0.9
    assert history.final_loss < 0.5 * history.loss[0]
    assert history.diverged_at is None


@pytest.fixture
def seen(monkeypatch):
    """Initial weights, and minibatches, of each net that is trained in this test."""
    nets = []
    build, step = nn.FullyConnectedNet.__init__, nn.Solver.step

    def spy_build(self, *args, **kwargs):
        build(self, *args, **kwargs)
        nets.append({"weights": arrays_of(self), "batches": []})

    def spy_step(self):
        twin = copy.deepcopy(self.rng)
        nets[-1]["batches"].append(twin.choice(len(self.X_train), self.batch_size))
        step(self)

    monkeypatch.setattr(nn.FullyConnectedNet, "__init__", spy_build)
    monkeypatch.setattr(nn.Solver, "step", spy_step)
    return nets


@pytest.mark.parametrize(
    "rival",
    [
        {"normalization": "batchnorm"},
        {"normalization": "layernorm"},
        {"dropout_keep_ratio": 0.5},
        {"normalization": "batchnorm", "dropout_keep_ratio": 0.5},
        {"learning_rate": 1e-4},
        {"signals": True},
    ],
    ids=str,
)
def test_rivals_share_initial_weights_and_minibatches(rival, seen, blobs):
    train(SMALL, blobs)
    train(replace(SMALL, **rival), blobs)
    ours, theirs = seen
    for name in ("W1", "b1", "W2", "b2", "W3", "b3"):
        np.testing.assert_array_equal(ours["weights"][name], theirs["weights"][name])
    assert len(ours["batches"]) == 12
    np.testing.assert_array_equal(ours["batches"], theirs["batches"])


def test_weights_are_those_of_one_seed_at_another_scale(seen, blobs):
    train(SMALL, blobs)
    train(replace(SMALL, weight_scale=0.6), blobs)
    ours, theirs = seen
    np.testing.assert_allclose(2 * ours["weights"]["W1"], theirs["weights"]["W1"], rtol=1e-6)
    np.testing.assert_array_equal(ours["batches"], theirs["batches"])


@pytest.mark.parametrize("normalization", METHODS)
@pytest.mark.parametrize("update_rule", ["sgd", "adam"])
def test_loss_is_that_of_a_solver_driven_by_hand(normalization, update_rule, blobs):
    config = replace(
        SMALL,
        normalization=normalization,
        update_rule=update_rule,
        dtype="float64",
        seed=5,
        reg=0.01,
    )
    data = {name: a.astype(np.float64) if name.startswith("X") else a for name, a in blobs.items()}
    weights, batches = map(np.random.default_rng, np.random.SeedSequence(5).spawn(2))
    net = nn.FullyConnectedNet(
        [8, 6],
        9,
        3,
        normalization=None if normalization == "none" else normalization,
        reg=0.01,
        weight_scale=0.3,
        dtype=np.float64,
        rng=weights,
    )
    solver = nn.Solver(
        net,
        data,
        update_rule,
        {"learning_rate": 1e-2},
        batch_size=10,
        num_epochs=2,
        num_train_samples=None,
        verbose=False,
        rng=batches,
    )
    solver.train()
    history = train(config, data)
    assert list(history.loss) == solver.loss_history
    # the solver measures after update 1, 6 and 12; the run after 1, 3, 6, 9 and 12
    np.testing.assert_array_equal(history.val_accuracy[[0, 2, 4]], solver.val_acc_history)
    np.testing.assert_array_equal(history.train_accuracy[[0, 2, 4]], solver.train_acc_history)


@pytest.mark.parametrize("normalization", METHODS)
def test_divergence_is_recorded_and_not_raised(normalization, blobs, recwarn):
    history = train(replace(EXPLODING, normalization=normalization, signals=True), blobs)
    at = history.diverged_at  # the loss of this update, or the scores after it
    assert 1 <= at <= 12
    assert np.isfinite(history.loss[: at - 1]).all()
    assert np.isnan(history.loss[at:]).all()
    after = history.evaluated_at >= at
    np.testing.assert_array_equal(history.train_accuracy[after], 1 / 3)
    np.testing.assert_array_equal(history.val_accuracy[after], 1 / 3)
    assert np.isnan(history.final_loss)
    assert history.mode_gap == 0
    assert np.isfinite(history.signals["start"]["activation"].quantiles).all()
    assert np.isnan(history.signals["end"]["gradient"].quantiles).all()
    assert not recwarn


def test_divergence_between_two_evaluations(blobs):
    history = train(replace(EXPLODING, learning_rate=1e7, seed=1), blobs)
    at = history.diverged_at
    assert 1 < at < 12
    assert history.train_accuracy[0] != 1 / 3  # measured, not made up
    assert np.isnan(history.loss[at:]).all()


def test_the_final_loss_of_a_run_that_diverged_is_nan(blobs):
    history = train(replace(EXPLODING, epochs=None, updates=1), blobs)
    assert history.diverged_at == 1
    assert np.isnan(history.final_loss)


@pytest.mark.parametrize("normalization", ["none", "batchnorm"])
def test_a_net_that_overflows_at_once_is_recorded_too(normalization, blobs):
    config = replace(SMALL, weight_scale=1e30, signals=True, normalization=normalization)
    assert train(config, blobs).diverged_at == 1


def test_a_net_that_overflows_in_its_first_update(blobs):
    history = train(replace(SMALL, weight_scale=1e30), blobs)
    assert history.diverged_at == 1
    assert np.isnan(history.loss).all()
    assert history.best_val_accuracy == pytest.approx(1 / 3)


def trained_net(blobs, normalization="batchnorm"):
    data = blobs | {"X_train": blobs["X_train"] + 2, "X_val": blobs["X_val"] + 2}
    net = nn.FullyConnectedNet(
        [8, 6], 9, 3, normalization=normalization, weight_scale=0.3, rng=np.random.default_rng(0)
    )
    solver = nn.Solver(
        net,
        data,
        "adam",
        {"learning_rate": 1e-2},
        batch_size=10,
        num_epochs=5,
        verbose=False,
        rng=0,
    )
    solver.train()
    return net, solver, data


class Unshuffled:
    """In the place of a Generator: leaves the images as they are."""

    def permutation(self, number):
        return np.arange(number)


def batch_mode(net, X, y, batch_size=10, rng=None):
    return batch_mode_accuracy(net, X, y, batch_size, rng or np.random.default_rng(0))


def test_batch_mode_accuracy_moves_nothing(blobs):
    net, _, data = trained_net(blobs)
    before = arrays_of(net)
    batch_mode(net, data["X_val"], data["y_val"])
    for name, array in arrays_of(net).items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)


def test_batch_mode_uses_the_batch_and_test_mode_the_running_statistics(blobs):
    net, solver, data = trained_net(blobs)
    X, y = data["X_val"], data["y_val"]
    by_batch, by_running = batch_mode(net, X, y), solver.check_accuracy(X, y)
    for bn_param in net.bn_params:
        bn_param["running_mean"][:] = 1e6
    assert batch_mode(net, X, y) == by_batch > 0.5
    assert solver.check_accuracy(X, y) < by_running


def test_images_are_shuffled_lest_a_batch_holds_one_class(blobs):
    net, _, data = trained_net(blobs)
    order = np.argsort(data["y_val"], kind="stable")
    X, y = data["X_val"][order], data["y_val"][order]
    assert batch_mode(net, X, y, rng=Unshuffled()) < batch_mode(net, X, y)


@pytest.mark.parametrize("normalization", [None, "layernorm"])
def test_without_batch_statistics_both_modes_are_one(normalization, blobs):
    net, solver, data = trained_net(blobs, normalization)
    X, y = data["X_val"], data["y_val"]
    assert batch_mode(net, X, y) == solver.check_accuracy(X, y)


def test_images_that_do_not_fill_a_batch_are_spread(blobs):
    net, solver, data = trained_net(blobs, normalization=None)
    X, y = data["X_val"], data["y_val"]
    for batch_size in (7, 20, 500):
        assert batch_mode(net, X, y, batch_size) == solver.check_accuracy(X, y)


def test_the_gap_between_the_modes_holds_no_dropout(blobs):
    history = train(replace(SMALL, dropout_keep_ratio=0.5, epochs=20), blobs)
    assert history.mode_gap == 0


@pytest.mark.parametrize("normalization", METHODS)
def test_signals(normalization, blobs):
    config = replace(SMALL, normalization=normalization, signals=True, dropout_keep_ratio=0.8)
    history = train(config, blobs)
    assert set(history.signals) == {"start", "end"}
    for kinds in history.signals.values():
        assert set(kinds) == {"activation", "gradient"}
        for sizes in kinds.values():
            assert sizes.quantiles.shape == (2, len(SIGNAL_QUANTILES))
            assert (np.diff(sizes.quantiles, axis=1) >= 0).all()
            assert sizes.zeros.shape == (2,)
            assert ((sizes.zeros >= 0) & (sizes.zeros < 1)).all()
    assert (history.signals["start"]["activation"].zeros > 0.1).all()  # relu
    assert_same(history, train(replace(config, signals=False), blobs))


def test_signals_of_a_layer_that_is_all_zero_are_nan():
    sizes = measures._sizes([np.zeros((4, 3)), np.array([[-2.0, 0.0, 2.0]])])
    assert np.isnan(sizes.quantiles[0]).all()
    np.testing.assert_array_equal(sizes.quantiles[1], 2)
    np.testing.assert_allclose(sizes.zeros, [1, 1 / 3])


def test_summaries_of_a_history(blobs):
    history = train(replace(SMALL, epochs=None, updates=150, evaluations=3), blobs)
    assert history.final_loss == history.loss[50:].mean()
    assert history.best_train_accuracy == max(history.train_accuracy)
    assert history.best_val_accuracy == max(history.val_accuracy)
    assert history.final_train_accuracy == history.train_accuracy[-1]
    assert history.mode_gap == history.val_accuracy[-1] - history.batch_mode_val_accuracy


def test_float64_is_not_float32(blobs):
    ours = train(SMALL, blobs).loss
    double = train(replace(SMALL, dtype="float64"), blobs).loss
    assert not np.array_equal(ours, double)
    np.testing.assert_allclose(ours, double, rtol=1e-3)


LONG = replace(SMALL, epochs=None, updates=9, evaluations=2, signals=True, dropout_keep_ratio=0.8)


@pytest.mark.parametrize("normalization", METHODS)
def test_a_course_gives_each_run_as_if_alone(normalization, blobs):
    lengths = [{}, {"updates": 4, "signals": False}, {"epochs": 2, "updates": None}]
    lengths += [{"evaluations": 3}, {"updates": 1}]
    configs = [replace(LONG, normalization=normalization, **change) for change in lengths]
    assert len({course(config) for config in configs}) == 1
    for config, history in zip(configs, train_course(configs, blobs), strict=True):
        alone = train(config, blobs)
        assert_same(history, alone)
        assert history.config == config
        for when, kinds in alone.signals.items():
            for kind, sizes in kinds.items():
                ours = history.signals[when][kind]
                np.testing.assert_array_equal(ours.quantiles, sizes.quantiles)


@pytest.mark.parametrize("rate", [1e7, 1e30])
def test_runs_of_a_course_that_diverges(rate, blobs):
    base = replace(EXPLODING, learning_rate=rate, seed=1)
    lengths = ((1, 1), (3, 3), (12, 1), (12, 12))
    configs = [replace(base, epochs=None, updates=n, evaluations=e) for n, e in lengths]
    for config, history in zip(configs, train_course(configs, blobs), strict=True):
        assert_same(history, train(config, blobs))


def test_runs_that_are_not_of_one_course_are_refused(blobs):
    with pytest.raises(ValueError, match=r"^train_course: the configs differ in more than their"):
        train_course([SMALL, replace(SMALL, seed=1)], blobs)


def test_denormals_are_flushed_while_it_trains(blobs, monkeypatch):
    def tenth():
        return np.float32(1e-38) * np.float32(0.1)

    def spy_step(self):
        seen.append(tenth())
        step(self)

    seen, step = [], nn.Solver.step
    monkeypatch.setattr(nn.Solver, "step", spy_step)
    train(SMALL, blobs)
    assert len(seen) == 12
    assert not any(seen) or arithmetic.in_force().denormals == "kept"
    assert tenth() > 0


# Images of a run, and steps in proportion to the weights


def test_a_run_may_train_on_a_part_of_the_images(blobs):
    config = replace(SMALL, num_train=30)
    chosen = stratified(blobs["y_train"], 30, np.random.default_rng(_stream(config.seed, 4)))
    part = blobs | {name: blobs[name][chosen] for name in ("X_train", "y_train")}
    assert_same(train(config, blobs), replace(train(SMALL, part), config=config))


def _stream(seed, number):
    return np.random.SeedSequence(seed).spawn(5)[number]


def test_rivals_of_one_seed_share_their_images_and_seeds_do_not(blobs):
    y = blobs["y_train"]
    draws = [stratified(y, 30, np.random.default_rng(_stream(seed, 4))) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


@pytest.mark.parametrize("number", [1, 7, 30, 60])
def test_each_class_has_its_share(number, blobs):
    chosen = stratified(blobs["y_train"], number, np.random.default_rng(0))
    assert len(set(chosen)) == number
    assert list(chosen) == sorted(chosen)
    counts = np.bincount(blobs["y_train"][chosen], minlength=3)
    assert counts.max() - counts.min() <= 1
    uneven = np.repeat([0, 1], [90, 30])
    drawn = stratified(uneven, 40, np.random.default_rng(0))
    assert np.bincount(uneven[drawn]).tolist() == [30, 10]


def test_more_images_than_there_are_cannot_be_drawn(blobs):
    with pytest.raises(ValueError, match="num_train is 61; there are 60 training images"):
        train(replace(SMALL, num_train=61), blobs)


def test_test_images_are_measured_where_there_are_any(blobs):
    assert np.isnan(train(SMALL, blobs).test_accuracy).all()
    with_test = blobs | {"X_test": blobs["X_val"], "y_test": blobs["y_val"]}
    history = train(SMALL, with_test)
    np.testing.assert_array_equal(history.test_accuracy, history.val_accuracy)
    assert history.selected_test_accuracy == history.best_val_accuracy
    assert history.final_test_accuracy == history.final_val_accuracy
    np.testing.assert_array_equal(history.loss, train(SMALL, blobs).loss)


@pytest.mark.parametrize("rule", ["sgd", "sgd_momentum", "rmsprop", "adam"])
@pytest.mark.parametrize("normalization", ["batchnorm", "layernorm"])
def test_steps_in_proportion_make_the_scale_of_the_weights_vanish(normalization, rule, blobs):
    data = blobs | {name: blobs[name].astype(np.float64) for name in ("X_train", "X_val")}
    config = replace(
        SMALL, normalization=normalization, update_rule=rule, dtype="float64", eps=1e-30
    )
    usual = train(replace(config, weight_scale=0.3), data)
    for scale in (1e-3, 0.3, 20.0):
        run = train(replace(config, weight_scale=scale, reference_scale=0.3), data)
        np.testing.assert_allclose(run.loss, usual.loss, atol=1e-9)
    other = train(replace(config, weight_scale=20.0), data)
    assert np.abs(other.loss - usual.loss).max() > 1e-3


def test_eps_is_that_of_the_normalization(blobs):
    config = replace(SMALL, normalization="layernorm")
    assert_same(train(config, blobs), train(replace(config, eps=1e-5), blobs))
    other = train(replace(config, eps=1.0), blobs)
    assert not np.array_equal(train(config, blobs).loss, other.loss)
