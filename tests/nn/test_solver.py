import numpy as np
import pytest

from normlab.nn import (
    FullyConnectedNet,
    NonFiniteError,
    Solver,
    affine_backward,
    affine_forward,
    softmax_loss,
)


def make_data(n=60, seed=0):
    rng = np.random.default_rng(seed)
    centres = 2 * rng.standard_normal((3, 5))
    y = rng.integers(3, size=2 * n)
    X = centres[y] + rng.standard_normal((2 * n, 5))
    return {"X_train": X[:n], "y_train": y[:n], "X_val": X[n:], "y_val": y[n:]}


def make_model(normalization="batchnorm", **more):
    more = {"dtype": np.float64, "rng": 0, "weight_scale": 0.1, **more}
    return FullyConnectedNet(
        [8, 8], input_dim=5, num_classes=3, normalization=normalization, **more
    )


def make_solver(model=None, data=None, **more):
    more = {"batch_size": 10, "num_epochs": 4, "verbose": False, "rng": 0, **more}
    return Solver(model or make_model(), data or make_data(), **more)


@pytest.mark.parametrize("rule", ["sgd", "sgd_momentum", "rmsprop", "adam"])
@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_it_learns(rule, normalization):
    rate = {"sgd": 0.3, "sgd_momentum": 0.05}.get(rule, 0.01)
    solver = make_solver(
        make_model(normalization, weight_scale=0.5),
        update_rule=rule,
        optim_config={"learning_rate": rate},
        num_epochs=20,
    )
    solver.train()
    assert solver.best_val_acc > 0.9
    assert np.mean(solver.loss_history[-6:]) < 0.5 * solver.loss_history[0]


def test_histories_and_log(capsys):
    solver = make_solver(verbose=True, print_every=10)
    solver.train()
    assert len(solver.loss_history) == 24  # 6 iterations in each of 4 epochs
    assert len(solver.train_acc_history) == len(solver.val_acc_history) == 5
    assert solver.best_val_acc == max(solver.val_acc_history)
    assert solver.epoch == 4
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"(Iteration 1 / 24) loss: {solver.loss_history[0]:.6f}"
    assert lines[1] == (
        f"(Epoch 0 / 4) train acc: {solver.train_acc_history[0]:.6f}; "
        f"val_acc: {solver.val_acc_history[0]:.6f}"
    )
    assert lines[3] == f"(Iteration 11 / 24) loss: {solver.loss_history[10]:.6f}"
    assert [line.split()[0] for line in lines].count("(Epoch") == 5


def test_an_epoch_has_at_least_one_iteration():
    solver = make_solver(batch_size=1000, num_epochs=3)
    solver.train()
    assert len(solver.loss_history) == 3


def test_minibatches_are_the_assignments():
    data = make_data()
    solver = make_solver(make_model(None), data, rng=np.random.RandomState(7), num_train_samples=20)
    twin, rng = make_model(None), np.random.RandomState(7)
    solver.train()
    losses = []
    for t in range(24):
        batch = rng.choice(60, 10)
        loss, grads = twin.loss(data["X_train"][batch], data["y_train"][batch])
        losses.append(float(loss))
        for name in twin.params:
            twin.params[name] = twin.params[name] - 1e-2 * grads[name]
        if t == 0 or (t + 1) % 6 == 0:
            rng.choice(60, 20)
    assert solver.loss_history == losses


def test_train_is_made_of_steps():
    trained, stepped = make_solver(num_val_samples=None), make_solver()
    trained.train()
    for _ in range(24):
        stepped.step()
    assert trained.loss_history == stepped.loss_history


def test_equal_seeds_give_equal_runs():
    histories = []
    for rng in (3, np.random.default_rng(3)):
        solver = make_solver(rng=rng)
        solver.train()
        histories.append(solver.loss_history)
    assert histories[0] == histories[1]


def test_every_parameter_has_its_own_config():
    optim_config = {"learning_rate": 1e-3}
    solver = make_solver(update_rule="adam", optim_config=optim_config, lr_decay=0.5)
    solver.train()
    assert optim_config == {"learning_rate": 1e-3}
    assert len({id(config) for config in solver.optim_configs.values()}) == 10
    for name, config in solver.optim_configs.items():
        assert config["learning_rate"] == 1e-3 / 2**4
        assert config["m"].shape == solver.model.params[name].shape


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_the_best_model_is_back_at_the_end(normalization):
    data = make_data()
    model = make_model(normalization)
    for bn_param in model.bn_params:
        if normalization == "batchnorm":
            bn_param["momentum"] = 0.1  # running statistics that follow the last batches closely
    solver = make_solver(
        model, data, optim_config={"learning_rate": 3.0}, num_epochs=30, batch_size=5
    )
    solver.train()
    assert solver.val_acc_history[-1] < solver.best_val_acc
    assert solver.check_accuracy(data["X_val"], data["y_val"]) == solver.best_val_acc
    for name, array in model.params.items():
        np.testing.assert_array_equal(array, solver.best_params[name])
        assert array is not solver.best_params[name]
    for i, bn_param in enumerate(model.bn_params, start=1):
        for name in ("running_mean", "running_var"):
            if name in bn_param:
                best = solver.best_snapshot.statistics[f"{name}{i}"]
                np.testing.assert_array_equal(bn_param[name], best)


def test_check_accuracy():
    data = make_data()
    solver = make_solver(data=data)
    X, y = data["X_val"], data["y_val"]
    expected = np.mean(solver.model.loss(X).argmax(axis=1) == y)
    for batch_size in (1, 7, 60, 1000):
        assert solver.check_accuracy(X, y, batch_size=batch_size) == expected
    state = solver.rng.bit_generator.state
    solver.check_accuracy(X, y, num_samples=60)  # all of them: nothing is drawn
    assert solver.rng.bit_generator.state == state
    assert 0 <= solver.check_accuracy(X, y, num_samples=10) <= 1
    assert solver.rng.bit_generator.state != state


# Divergence


def test_a_diverging_run_names_iteration_and_rate_and_keeps_what_was_good():
    data = make_data()
    model = make_model(None, weight_scale=1)
    solver = make_solver(model, data, optim_config={"learning_rate": 0.01}, num_epochs=2)
    solver.train()
    best = solver.best_val_acc
    for config in solver.optim_configs.values():
        config["learning_rate"] = 1e200
    with pytest.raises(NonFiniteError, match=r"Solver: .* iteration 1[3-9] .* rate 1e\+200"):
        solver.train()
    assert 12 < len(solver.loss_history) < 19
    assert np.isfinite(solver.loss_history).all()
    assert solver.check_accuracy(data["X_val"], data["y_val"]) == best


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
def test_divergence_before_the_first_accuracy(normalization):
    solver = make_solver(make_model(normalization), optim_config={"learning_rate": 1e300})
    with pytest.raises(NonFiniteError, match="learning rate 1e") as caught:
        solver.train()
    assert len(str(caught.value).splitlines()) == 1
    assert len(solver.loss_history) == 1
    assert solver.val_acc_history == []


def test_a_penalty_that_overflows_is_a_divergence_too():
    model = make_model(None, reg=1.0, weight_scale=0)
    model.params["W1"] += 1e200
    with pytest.raises(NonFiniteError, match=r"iteration 1 with .*loss is inf"):
        make_solver(model).step()


def test_an_interrupted_run_leaves_the_best_model(monkeypatch):
    data = make_data()
    solver = make_solver(data=data, optim_config={"learning_rate": 0.3})
    step = solver.step

    def interrupted_step():
        step()
        if len(solver.loss_history) == 15:
            raise KeyboardInterrupt

    monkeypatch.setattr(solver, "step", interrupted_step)
    with pytest.raises(KeyboardInterrupt):
        solver.train()
    assert solver.check_accuracy(data["X_val"], data["y_val"]) == solver.best_val_acc


# Checkpoints


def test_checkpoints(tmp_path):
    solver = make_solver(num_epochs=2, checkpoint_name=tmp_path / "run")
    solver.train()
    names = [f"run_epoch_{n}.npz" for n in (0, 1, 2)]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    with np.load(tmp_path / names[2], allow_pickle=False) as file:
        assert {"W1", "gamma2", "b3", "running_mean1", "running_var2"} <= set(file)
        np.testing.assert_array_equal(file["loss_history"], solver.loss_history)
        np.testing.assert_array_equal(file["val_acc_history"], solver.val_acc_history)


def test_a_failed_checkpoint_leaves_no_file(tmp_path, monkeypatch):
    solver = make_solver(checkpoint_name=tmp_path / "run")

    def full(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="disk full"):
        solver.train()
    assert list(tmp_path.iterdir()) == []


def test_a_model_with_params_and_loss_alone_is_enough():
    """A student's model, as the assignment's own Solver asks for no more."""

    class Softmax:
        def __init__(self):
            self.params = {"W": np.zeros((4, 3))}

        def loss(self, X, y=None):
            scores, cache = affine_forward(X, self.params["W"], np.zeros(3))
            if y is None:
                return scores
            loss, dscores = softmax_loss(scores, y)
            return loss, {"W": affine_backward(dscores, cache)[1]}

    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 4))
    y = X[:, :3].argmax(axis=1)
    data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    solver = Solver(Softmax(), data, optim_config={"learning_rate": 0.5}, verbose=False, rng=rng)
    solver.train()
    assert solver.best_val_acc > 0.7
    assert solver.check_accuracy(X, y) == solver.best_val_acc


def test_a_parameter_may_have_options_of_its_own():
    solver = make_solver(
        update_rule="adam",
        optim_config={"learning_rate": 1e-3},
        own_configs={"W1": {"learning_rate": 0.0}},
    )
    before = solver.model.params["W1"].copy(), solver.model.params["W2"].copy()
    solver.step()
    np.testing.assert_array_equal(solver.model.params["W1"], before[0])
    assert not np.array_equal(solver.model.params["W2"], before[1])
    assert solver.optim_configs["W2"]["learning_rate"] == 1e-3
