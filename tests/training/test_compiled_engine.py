"""The compiled engine against the readable Solver, bit for bit, and when it stands aside."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from normlab import data, nn
from normlab.nn.layers.normalization import standardize
from normlab.training import METHODS, TrainingConfig, engine, train
from normlab.training.engine import compiler, rules, solver_for, sums, twins, versions
from normlab.training.engine.products import times, times_turned, turned_times
from normlab.training.engine.solver import FastSolver

RATES = {"sgd": 1e-1, "sgd_momentum": 1e-2, "rmsprop": 1e-3, "adam": 1e-3}
NORMALIZATIONS = [None, *METHODS[1:]]  # rmsnorm and dyt train by their readable code
DTYPES = [np.float32, np.float64]
OPTIONS = [{}, {"reg": 0.01, "dropout_keep_ratio": 0.7}]
SMALL = TrainingConfig(
    hidden_dims=(8, 6),
    batch_size=10,
    epochs=2,
    evaluations=4,
    weight_scale=0.3,
    learning_rate=1e-2,
    signals=True,
)


def data_of(dtype, features=40, n=300):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((n, features)).astype(dtype), rng.integers(0, 10, n)
    return {"X_train": X, "y_train": y, "X_val": X[:120], "y_val": y[:120]}


def trained(
    kind,
    steps,
    rule="adam",
    batch_size=10,
    dtype=np.float32,
    hidden_dims=(20, 33, 20),
    rate=None,
    between=None,
    own_configs=None,
    **options,
):
    """What a solver of a kind makes of a net: losses, accuracies, all arrays."""
    images = data_of(dtype)
    model = nn.FullyConnectedNet(
        hidden_dims, 40, 10, rng=0, **{"weight_scale": 0.1} | options, dtype=dtype
    )
    config = {"learning_rate": rate or RATES[rule]}
    how = {"own_configs": own_configs, "batch_size": batch_size, "verbose": False, "rng": 1}
    solver = kind(model, images, rule, config, **how)
    accuracies = []

    def after(t):
        if t % 50 == 0:
            X, y = images["X_train"], images["y_train"]
            accuracies.append(solver.check_accuracy(X, y, batch_size=120))
        if between:
            between(solver, t)

    try:
        solver.run(steps, after)
    except nn.NonFiniteError as error:
        accuracies.append(str(error).partition(" with")[0])
    snapshot = nn.take_snapshot(model)
    memory = {
        f"{name} {key}": np.asarray(value)
        for name, config in solver.optim_configs.items()
        for key, value in config.items()
    }
    return solver.loss_history, accuracies, snapshot.params | snapshot.statistics | memory


def assert_same_bits(ours, theirs):
    assert ours[:2] == theirs[:2]
    assert ours[2].keys() == theirs[2].keys()
    for name, array in ours[2].items():
        assert array.dtype == theirs[2][name].dtype
        np.testing.assert_array_equal(array, theirs[2][name], err_msg=name)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("rule", nn.UPDATE_RULES)
@pytest.mark.parametrize("batch_size", [2, 5, 50])
@pytest.mark.parametrize("options", OPTIONS, ids=["", "reg and dropout"])
def test_the_engine_has_the_bits_of_the_solver(dtype, normalization, rule, batch_size, options):
    how = {"steps": 200, "rule": rule, "batch_size": batch_size, "dtype": dtype}
    how |= {"normalization": normalization, **options}
    assert_same_bits(trained(FastSolver, **how), trained(nn.Solver, **how))


@pytest.mark.parametrize("rule", nn.UPDATE_RULES)
def test_parameters_with_options_of_their_own(rule):
    own = {"W1": {"learning_rate": 1e-4}, "b1": {"learning_rate": 1e-4}}
    own |= {"beta1": {"learning_rate": 3e-4}}
    how = {"steps": 50, "rule": rule, "normalization": "batchnorm", "own_configs": own}
    assert_same_bits(trained(FastSolver, **how), trained(nn.Solver, **how))


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("hidden_dims", [(2,), (7, 130), (100,) * 5, (9, 8, 300)])
def test_odd_widths(normalization, hidden_dims):
    how = {"steps": 30, "normalization": normalization, "hidden_dims": hidden_dims}
    assert_same_bits(trained(FastSolver, **how), trained(nn.Solver, **how))


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("change", [{"rate": 1e30}, {"rate": 1e3}, {"weight_scale": 1e30}], ids=str)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_stops_being_finite_at_the_same_update(normalization, change):
    how = {"steps": 100, "rule": "sgd", "normalization": normalization, **change}
    assert trained(FastSolver, **how)[:2] == trained(nn.Solver, **how)[:2]


def test_what_others_do_to_model_and_rule_is_followed():
    def between(solver, t):
        model = solver.model
        if t == 10:
            nn.restore_snapshot(model, nn.take_snapshot(model))
            model.params["W1"] = model.params["W1"] * 0.5
            model.bn_params[0]["running_mean"] = model.bn_params[0]["running_mean"] + 1
        if t == 20:
            model.loss(solver.X_train[:7], solver.y_train[:7])
            for config in solver.optim_configs.values():
                config["learning_rate"] *= 0.5
                config["m"] = config["m"] * 0

    how = {"steps": 30, "normalization": "batchnorm", "between": between}
    assert_same_bits(trained(FastSolver, **how), trained(nn.Solver, **how))


@pytest.mark.parametrize("normalization", METHODS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_histories_do_not_tell_what_trained(normalization, dtype, blobs, monkeypatch):
    config = replace(SMALL, normalization=normalization, dtype=dtype, dropout_keep_ratio=0.8)
    fast = train(config, blobs)
    monkeypatch.setattr(engine, "_fast_solver", lambda: None)
    plain = train(config, blobs)
    for name in ("loss", "train_accuracy", "val_accuracy", "test_accuracy"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(plain, name))
    assert fast.batch_mode_val_accuracy == plain.batch_mode_val_accuracy


PUBLISHED = [
    {"hidden_dims": (100,) * 5, "batch_size": 50},  # 02
    {"hidden_dims": (50,) * 7, "batch_size": 50, "weight_scale": 1e-4},  # 03
    {"hidden_dims": (50,) * 7, "batch_size": 50, "weight_scale": 1.0},
    {"hidden_dims": (50,) * 7, "weight_scale": 1e-4, "reference_scale": 0.05, "eps": 1e-12},
    {"hidden_dims": (100,) * 5, "batch_size": 2, "learning_rate": 10**-3.5},  # 04
    {"hidden_dims": (100,) * 5, "batch_size": 200, "learning_rate": 10**-3.5},
]


@pytest.mark.slow
@pytest.mark.parametrize("normalization", METHODS)
@pytest.mark.parametrize("how", PUBLISHED, ids=str)
def test_published_runs_have_the_bits_of_the_readable_code(how, normalization, monkeypatch):
    images = data.load("fashion-mnist").arrays()
    config = TrainingConfig(
        normalization=normalization, num_train=1000, epochs=None, updates=200, **how
    )
    fast = train(config, images)
    monkeypatch.setattr(engine, "_fast_solver", lambda: None)
    plain = train(config, images)
    assert fast.diverged_at == plain.diverged_at
    for name in ("loss", "train_accuracy", "val_accuracy", "test_accuracy"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(plain, name))
    assert fast.batch_mode_val_accuracy == plain.batch_mode_val_accuracy


# Which solver trains


def kind_for(batch_size=10, **options):
    model = nn.FullyConnectedNet([8, 6], 40, 10, rng=0, **options)
    return type(solver_for(model, data_of(np.float32), "adam", None, batch_size))


def test_the_engine_trains_what_it_can():
    for normalization in NORMALIZATIONS:
        assert kind_for(normalization=normalization, dropout_keep_ratio=0.5) is FastSolver
    assert kind_for(batch_size=1) is nn.Solver
    assert kind_for(dropout_keep_ratio=0.5, seed=0) is nn.Solver


def test_every_twin_is_that_of_the_layer_as_it_is():
    """Where this fails, compare the twin with its layer, and write the new hash beside it."""
    assert {name: versions.version(name) for name in versions.TWINS} == {
        name: modules[-1] for name, modules in versions.TWINS.items()
    }
    assert versions.edited() == []


def replace_helper(monkeypatch):
    center = standardize.center
    monkeypatch.setattr(standardize, "center", lambda x, axis: center(x, axis))
    return {"batchnorm", "layernorm"}


def replace_name_of_helper(monkeypatch):
    from normlab.nn.layers.normalization import batchnorm

    center = standardize.center
    monkeypatch.setattr(batchnorm, "center", lambda x, axis: center(x, axis))
    return {"batchnorm"}


def replace_layer(monkeypatch):
    layer = nn.LAYERS["batchnorm"]
    forward = layer.forward
    monkeypatch.setattr(layer, "forward", lambda *args: forward(*args))
    return {"batchnorm"}


def replace_method(monkeypatch):
    step = nn.Solver.step
    monkeypatch.setattr(nn.Solver, "step", lambda self: step(self))
    return {"net"}


@pytest.mark.parametrize(
    "replacing", [replace_helper, replace_name_of_helper, replace_layer, replace_method]
)
def test_a_twin_stands_aside_where_its_layer_is_another(replacing, monkeypatch):
    assert kind_for(normalization="batchnorm") is FastSolver
    names = replacing(monkeypatch)
    assert set(versions.edited()) == names
    assert kind_for(normalization="batchnorm") is nn.Solver
    if names == {"batchnorm"}:
        assert kind_for(normalization="layernorm") is FastSolver


# The pieces


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [*range(1, 40), 127, 128, 129, 136, 200, 257, 1000, 1003])
def test_sums_are_numpys(dtype, n):
    x = np.random.default_rng(n).standard_normal((3, n)).astype(dtype)
    expected = x.sum(axis=1)
    assert [sums.sum_of(row) for row in x] == list(expected)
    out = np.empty(n, dtype)
    sums.add_rows(x, out)
    np.testing.assert_array_equal(out, x.sum(axis=0))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(2, 3, 4), (50, 784, 100), (5, 100, 10), (33, 2, 7)])
def test_products_are_numpys(dtype, shape):
    m, k, n = shape
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((m, k)).astype(dtype), rng.standard_normal((k, n)).astype(dtype)
    for product, left, right, expected in (
        (times, a, b, a @ b),
        (turned_times, a.T.copy(), b, a.T.copy().T @ b),
        (times_turned, a, b.T.copy(), a @ b.T.copy().T),
    ):
        out = np.empty((m, n), dtype)
        product(left, right, out)
        np.testing.assert_array_equal(out, expected)


def test_each_layer_and_rule_has_a_twin():
    assert set(rules.RULES) == set(nn.UPDATE_RULES)
    assert set(METHODS[1:]) <= set(versions.TWINS)
    assert twins.batchnorm_forward.py_func.__doc__


# The cache


def test_the_cache_is_named_by_all_that_is_compiled(monkeypatch):
    name = compiler._name()
    source = compiler.codehash.AT_IMPORT["normlab.training.engine.sums"]
    monkeypatch.setitem(
        compiler.codehash.AT_IMPORT, "normlab.training.engine.sums", source + b"# edited\n"
    )
    assert compiler._name() != name
    monkeypatch.undo()
    monkeypatch.setattr(compiler, "FEATURES", compiler.FEATURES + ",+avx512f")
    assert compiler._name() != name


WITHOUT = """
import sys
sys.modules["numba"] = None
import numpy as np
from normlab import data, nn
from normlab.training.engine import solver_for, warm
warm("float32")
X, y = np.eye(4, dtype=np.float32), np.arange(4)
data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
solver = solver_for(nn.FullyConnectedNet([3], 4, 4, rng=0), data, "adam", None, batch_size=2)
print(type(solver).__name__)
"""


def test_without_numba_the_readable_code_trains():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    assert done.stdout.split() == ["Solver"], done.stderr
