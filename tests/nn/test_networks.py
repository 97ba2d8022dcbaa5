import copy

import autograd_oracle as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.nn import (
    FullyConnectedNet,
    complex_step_gradient,
    dropout_forward,
    eval_numerical_gradient,
    rel_error,
    restore_snapshot,
    softmax_loss,
    take_snapshot,
)

NORMALIZATIONS = [None, "batchnorm", "layernorm"]
every_normalization = pytest.mark.parametrize("normalization", NORMALIZATIONS)


def make(normalization=None, dims=(6, 5), rng=0, **more):
    more = {"dtype": np.float64, "weight_scale": 0.5, **more}
    return FullyConnectedNet(
        list(dims), input_dim=12, num_classes=4, normalization=normalization, rng=rng, **more
    )


def draw(seed=0, n=7):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 3, 4)), rng.integers(4, size=n)


def state(model):
    """Everything that could move, copied."""
    return copy.deepcopy((model.params, model.bn_params, model.dropout_param))


def assert_same(a, b):
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for left, right in zip(a, b, strict=True):
            assert_same(left, right)
    elif isinstance(a, np.random.Generator):
        assert_same(a.bit_generator.state, b.bit_generator.state)
    else:
        np.testing.assert_array_equal(a, b)


# Gradients


@every_normalization
@given(
    seed=oracle.seeds,
    n=st.integers(3, 8),
    dims=st.lists(st.integers(3, 7), min_size=1, max_size=3),
    reg=st.sampled_from([0, 0.7]),
    keep=st.sampled_from([1, 0.6]),
)
def test_loss_and_gradients_are_autograds(normalization, seed, n, dims, reg, keep):
    X, y = draw(seed, n)
    model = make(normalization, dims, rng=seed, reg=reg, dropout_keep_ratio=keep, seed=seed)
    masks = []
    if keep < 1:
        masks = [(np.random.RandomState(seed).rand(n, d) < keep) / keep for d in dims]
    loss, grads = model.loss(X, y)
    args = (X, y, model.num_layers, normalization, reg, masks)
    assert loss == pytest.approx(oracle.net_loss(model.params, *args), rel=1e-12)
    expected = oracle.net_gradients(model.params, *args)
    assert grads.keys() == model.params.keys()
    for name, ours in grads.items():
        # The bias in front of batch normalization has no effect: its gradient is rounding noise.
        vanishes = name[0] == "b" and normalization == "batchnorm"
        oracle.assert_agree(ours, expected[name], floor=1e-12 if vanishes else 1e-14)


@every_normalization
def test_complex_step_and_central_differences_agree(normalization):
    X, y = draw()
    model = make(normalization, reg=0.3, dropout_keep_ratio=0.7, seed=5)
    before = state(model)
    _, grads = make(normalization, reg=0.3, dropout_keep_ratio=0.7, seed=5).loss(X, y)
    for name, w in list(model.params.items()):

        def loss(z, name=name):
            model.params[name] = z
            return model.loss(X, y)[0]

        measured = complex_step_gradient(loss, w)
        model.params[name] = w
        floor = 1e-2 if normalization == "batchnorm" and name in ("b1", "b2") else 1e-8
        assert rel_error(measured, grads[name], floor=floor) < 1e-11
        differences = eval_numerical_gradient(lambda _: model.loss(X, y)[0], w)
        assert rel_error(differences, grads[name], floor=1e-2) < 1e-6
    assert_same(state(model)[:2], before[:2])


@every_normalization
def test_forward_and_backward_are_the_loss_in_two_halves(normalization):
    X, y = draw()
    model, twin = make(normalization), make(normalization)
    scores, caches = model.forward(X, "train")
    loss, dscores = softmax_loss(scores, y)
    grads, _ = model.backward(dscores, caches)
    assert_same((loss, grads), twin.loss(X, y))
    np.testing.assert_array_equal(model.forward(X, "test")[0], twin.loss(X))


# Published values


@pytest.mark.parametrize(
    ("normalization", "published"),
    [
        (None, [2.3004790897684924, 7.052114776533016]),
        ("batchnorm", [2.2611955101340957, 6.996533220108303]),
    ],
)
def test_initial_losses_as_published(normalization, published):
    # CS231n assignment 2, FullyConnectedNets.ipynb, "Initial Loss and Gradient Check", and
    # BatchNormalization.ipynb, "Fully Connected Networks with Batch Normalization"
    rng = np.random.RandomState(231)
    X, y = rng.randn(2, 15), rng.randint(10, size=(2,))
    losses = []
    for reg in (0, 3.14):
        model = FullyConnectedNet(
            [20, 30],
            input_dim=15,
            num_classes=10,
            reg=reg,
            weight_scale=5e-2,
            dtype=np.float64,
            normalization=normalization,
            rng=rng,
        )
        losses.append(model.loss(X, y)[0])
    np.testing.assert_allclose(losses, published, rtol=1e-14)


def test_initial_losses_with_dropout_as_published():
    # CS231n assignment 2, Dropout.ipynb, "Fully Connected Networks with Dropout". There a seeded
    # mask reseeds the global generator, so the weights after the second net (two layers of masks,
    # the last of them (2, 30)) come from the stream of that seed.
    rng = np.random.RandomState(231)
    X, y = rng.randn(2, 15), rng.randint(10, size=(2,))
    reseeded = np.random.RandomState(123)
    reseeded.rand(2, 30)
    losses = []
    for keep, source in ((1, rng), (0.75, rng), (0.5, reseeded)):
        model = FullyConnectedNet(
            [20, 30],
            input_dim=15,
            num_classes=10,
            weight_scale=5e-2,
            dtype=np.float64,
            dropout_keep_ratio=keep,
            seed=123,
            rng=source,
        )
        losses.append(model.loss(X, y)[0])
    published = [2.3004790897684924, 2.302371489704412, 2.3042759220785896]
    np.testing.assert_allclose(losses, published, rtol=1e-14)


# Initialization and randomness


@pytest.mark.parametrize("source", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_are_drawn_layer_by_layer_in_float64(source, dtype):
    model = make("batchnorm", rng=source(3), dtype=dtype)
    rng = source(3)
    dims = [12, 6, 5, 4]
    for i in (1, 2, 3):
        drawn = (0.5 * rng.standard_normal((dims[i - 1], dims[i]))).astype(dtype)
        np.testing.assert_array_equal(model.params[f"W{i}"], drawn)
        np.testing.assert_array_equal(model.params[f"b{i}"], np.zeros(dims[i]))
    for i in (1, 2):
        np.testing.assert_array_equal(model.params[f"gamma{i}"], np.ones(dims[i]))
        np.testing.assert_array_equal(model.params[f"beta{i}"], np.zeros(dims[i]))
    assert len(model.params) == 3 * 2 + 2 * 2
    assert {array.dtype for array in model.params.values()} == {np.dtype(dtype)}


def test_rivals_of_one_seed_share_their_weights():
    models = [
        make(normalization, dropout_keep_ratio=k)
        for normalization in NORMALIZATIONS
        for k in (1, 0.5)
    ]
    for model in models[1:]:
        for i in (1, 2, 3):
            np.testing.assert_array_equal(model.params[f"W{i}"], models[0].params[f"W{i}"])


def test_dropout_without_a_seed_does_not_disturb_the_generator():
    rng = np.random.default_rng(0)
    model = make(dropout_keep_ratio=0.5, rng=rng)
    X, y = draw()
    first, second = model.loss(X, y)[0], model.loss(X, y)[0]
    assert first != second
    twin = np.random.default_rng(0)
    make(rng=twin)
    assert rng.random() == twin.random()


def test_dropout_draws_from_the_same_random_state():
    rng = np.random.RandomState(0)
    assert make(dropout_keep_ratio=0.5, rng=rng).dropout_param["rng"] is rng


def test_fresh_weights_without_rng():
    a, b = (FullyConnectedNet([3], input_dim=2, num_classes=2) for _ in range(2))
    assert (a.params["W1"] != b.params["W1"]).any()
    assert a.params["W1"].dtype == np.float32


# State


@every_normalization
def test_float32_stays(normalization):
    X, y = draw()
    model = make(normalization, dtype=np.float32, reg=0.1, dropout_keep_ratio=0.5, seed=0)
    loss, grads = model.loss(X, y)
    arrays = [loss, model.loss(X), *grads.values(), *take_snapshot(model).statistics.values()]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


@every_normalization
def test_scores_do_not_move_anything(normalization):
    X, y = draw()
    model = make(normalization, dropout_keep_ratio=0.5)
    model.loss(X, y)
    before, X_before = state(model)[2], X.copy()
    snapshot = take_snapshot(model)
    model.loss(X)
    assert_same(tuple(take_snapshot(model)), tuple(snapshot))
    assert_same(state(model)[2], before)
    np.testing.assert_array_equal(X, X_before)


@every_normalization
def test_layer_signals(normalization):
    X, y = draw()
    model = make(normalization, dropout_keep_ratio=0.6)
    model.loss(X, y)
    before, snapshot = state(model)[2], take_snapshot(model)
    signals = model.layer_signals(X, y)
    assert_same(state(model)[2], before)
    assert_same(tuple(take_snapshot(model)), tuple(snapshot))
    assert [a.shape for a, _ in signals] == [g.shape for _, g in signals] == [(7, 6), (7, 5)]
    assert all((a >= 0).all() for a, _ in signals)

    # From the last activation on, the net is dropout, affine, softmax.
    activation, gradient = signals[-1]
    mask_rng = copy.deepcopy(model.dropout_param["rng"])
    mask_rng.random((7, 6))

    def tail(a):
        param = {"mode": "train", "p": 0.6, "rng": copy.deepcopy(mask_rng)}
        out, _ = dropout_forward(a, param)
        return softmax_loss(out @ model.params["W3"] + model.params["b3"], y)[0]

    assert rel_error(complex_step_gradient(tail, activation), gradient) < 1e-12


def spoil(model):
    """Change every array of the model where it lies."""
    for arrays in (model.params, *model.bn_params):
        for value in arrays.values():
            if isinstance(value, np.ndarray):
                value += 1


@every_normalization
def test_restore_undoes_training(normalization):
    X, y = draw()
    model = make(normalization)
    model.loss(X, y)
    snapshot, scores = take_snapshot(model), model.loss(X)
    for _ in range(2):  # model and snapshot share no array, neither before nor after restore
        spoil(model)
        model.loss(X, y)
        assert (model.loss(X) != scores).any()
        restore_snapshot(model, snapshot)
        np.testing.assert_array_equal(model.loss(X), scores)


def test_parameters_are_read_where_they_live():
    X, y = draw()
    model = make()
    before = model.loss(X, y)[0]
    model.params["W1"][0, 0] += 1
    assert model.loss(X, y)[0] != before
