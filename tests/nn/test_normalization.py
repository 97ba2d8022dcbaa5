import autograd_oracle as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.nn import (
    NonFiniteError,
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    complex_step_gradient_array,
    layernorm_backward,
    layernorm_forward,
    measuring_gradients,
    rel_error,
)

BACKWARDS = [batchnorm_backward, batchnorm_backward_alt]
LAYERS = [
    (batchnorm_forward, batchnorm_backward, oracle.batchnorm, 0),
    (batchnorm_forward, batchnorm_backward_alt, oracle.batchnorm, 0),
    (layernorm_forward, layernorm_backward, oracle.layernorm, 1),
]
every_layer = pytest.mark.parametrize(
    ("forward", "backward", "theirs", "axis"), LAYERS, ids=["node by node", "alt", "layernorm"]
)


def draw(seed, n, d):
    rng = np.random.default_rng(seed)
    x, dout = 2 * rng.standard_normal((n, d)) + 1, rng.standard_normal((n, d))
    return x, rng.standard_normal(d), rng.standard_normal(d), dout


def train():
    return {"mode": "train"}


# Gradients


@every_layer
@given(seed=oracle.seeds, n=st.integers(3, 9), d=st.integers(3, 9))
def test_gradients_are_autograds(forward, backward, theirs, axis, seed, n, d):
    x, gamma, beta, dout = draw(seed, n, d)
    out, cache = forward(x, gamma, beta, train())
    np.testing.assert_allclose(out, theirs(x, gamma, beta), rtol=1e-12, atol=1e-13)
    expected = oracle.gradients(theirs, dout, x, gamma, beta)
    for ours, theirs_ in zip(backward(dout, cache), expected, strict=True):
        oracle.assert_agree(ours, theirs_)


@every_layer
@given(seed=oracle.seeds)
def test_gradients_of_two(forward, backward, theirs, axis, seed):
    # Of two numbers only the order is left, so dx is nearly zero and needs an absolute floor.
    x, gamma, beta, dout = draw(seed, 2, 2)
    _, cache = forward(x, gamma, beta, train())
    expected = oracle.gradients(theirs, dout, x, gamma, beta)
    scale = np.linalg.norm(dout) / cache.std.min()
    for ours, theirs_ in zip(backward(dout, cache), expected, strict=True):
        oracle.assert_agree(ours, theirs_, floor=1e-14 * max(1, scale))


@pytest.mark.parametrize("backward", BACKWARDS)
@given(seed=oracle.seeds, n=st.integers(1, 5), d=st.integers(1, 5))
def test_gradients_in_test_mode(backward, seed, n, d):
    x, gamma, beta, dout = draw(seed, n, d)
    rng = np.random.default_rng(seed)
    mean, var = rng.standard_normal(d), rng.random(d)

    def theirs(x, gamma, beta):
        return gamma * (x - mean) / (var + 1e-5) ** 0.5 + beta

    bn_param = {"mode": "test", "running_mean": mean, "running_var": var}
    out, cache = batchnorm_forward(x, gamma, beta, bn_param)
    np.testing.assert_allclose(out, theirs(x, gamma, beta), rtol=1e-12, atol=1e-13)
    expected = oracle.gradients(theirs, dout, x, gamma, beta)
    for ours, theirs_ in zip(backward(dout, cache), expected, strict=True):
        oracle.assert_agree(ours, theirs_)


@every_layer
def test_complex_step_agrees(forward, backward, theirs, axis):
    x, gamma, beta, dout = draw(0, 5, 4)
    gradients = backward(dout, forward(x, gamma, beta, train())[1])
    for i, (argument, gradient) in enumerate(zip((x, gamma, beta), gradients, strict=True)):

        def out(z, i=i):
            arguments = [x, gamma, beta]
            arguments[i] = z
            return forward(*arguments, train())[0]

        assert rel_error(complex_step_gradient_array(out, argument, dout), gradient) < 1e-12


# Properties


@every_layer
@given(seed=oracle.seeds, shift=st.floats(-100, 100), scale=st.floats(0.1, 100))
def test_shift_and_scale_invariance(forward, backward, theirs, axis, seed, shift, scale):
    x, gamma, beta, _ = draw(seed, 6, 5)
    out, _ = forward(x, gamma, beta, {**train(), "eps": 1e-12})
    moved, _ = forward(scale * x + shift, gamma, beta, {**train(), "eps": 1e-12 * scale**2})
    np.testing.assert_allclose(moved, out, atol=1e-9)


@every_layer
@given(seed=oracle.seeds, n=st.integers(3, 9), d=st.integers(3, 9))
def test_dx_neither_shifts_nor_scales(forward, backward, theirs, axis, seed, n, d):
    x, gamma, beta, dout = draw(seed, n, d)
    _, cache = forward(x, gamma, beta, train())
    dx, _, _ = backward(dout, cache)
    np.testing.assert_allclose(dx.sum(axis=axis), 0, atol=1e-11)
    along_xhat = (dx * cache.xhat).sum(axis=axis)
    dxhat_along = (dout * gamma * cache.xhat).mean(axis=axis)
    # exactly: what eps takes from the variance of xhat is left over
    eps_share = 1e-5 / cache.std.reshape(-1) ** 2
    expected = dxhat_along * eps_share / cache.std.reshape(-1) * x.shape[axis]
    np.testing.assert_allclose(along_xhat, expected, atol=1e-11)


@pytest.mark.parametrize("backward", BACKWARDS)
@given(seed=oracle.seeds)
def test_permuting_examples_permutes_the_results(backward, seed):
    x, gamma, beta, dout = draw(seed, 7, 3)
    order = np.random.default_rng(seed).permutation(7)
    out, cache = batchnorm_forward(x, gamma, beta, train())
    permuted, permuted_cache = batchnorm_forward(x[order], gamma, beta, train())
    np.testing.assert_allclose(permuted, out[order], atol=1e-12)
    dx, *rest = backward(dout, cache)
    permuted_dx, *permuted_rest = backward(dout[order], permuted_cache)
    np.testing.assert_allclose(permuted_dx, dx[order], atol=1e-12)
    for a, b in zip(rest, permuted_rest, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_layernorm_is_batchnorm_of_the_transpose():
    x, _, _, dout = draw(0, 6, 5)
    out, cache = layernorm_forward(x, np.ones(5), np.zeros(5), {})
    bn_out, bn_cache = batchnorm_forward(x.T.copy(), np.ones(6), np.zeros(6), train())
    np.testing.assert_allclose(out, bn_out.T, atol=1e-14)
    dx = batchnorm_backward_alt(dout.T.copy(), bn_cache)[0].T
    np.testing.assert_allclose(layernorm_backward(dout, cache)[0], dx, atol=1e-14)


def test_test_mode_agrees_with_train_mode_on_the_statistics_of_the_batch():
    x, gamma, beta, _ = draw(0, 8, 4)
    bn_param = {"mode": "train", "momentum": 0.0}
    trained, _ = batchnorm_forward(x, gamma, beta, bn_param)
    tested, _ = batchnorm_forward(x, gamma, beta, {**bn_param, "mode": "test"})
    np.testing.assert_allclose(tested, trained, rtol=1e-12, atol=1e-14)


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_stays_and_inputs_stay(forward, backward, theirs, axis, dtype):
    arrays = [a.astype(dtype) for a in draw(0, 5, 4)]
    before = [a.copy() for a in arrays]
    x, gamma, beta, dout = arrays
    out, cache = forward(x, gamma, beta, train())
    gradients = backward(dout, cache)
    assert {a.dtype for a in (out, *gradients)} == {np.dtype(dtype)}
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


# Running statistics


def test_running_statistics():
    x, gamma, beta, _ = draw(0, 8, 4)
    bn_param = {"mode": "train", "momentum": 0.8}
    mean, var = np.zeros(4), np.zeros(4)
    for _ in range(3):
        batchnorm_forward(x, gamma, beta, bn_param)
        mean = 0.8 * mean + 0.2 * x.mean(axis=0)
        var = 0.8 * var + 0.2 * x.var(axis=0)
    np.testing.assert_allclose(bn_param["running_mean"], mean, rtol=1e-13)
    np.testing.assert_allclose(bn_param["running_var"], var, rtol=1e-13)


def test_training_replaces_the_running_arrays_and_testing_leaves_them():
    x, gamma, beta, _ = draw(0, 8, 4)
    old = np.zeros(4)
    bn_param = {"mode": "train", "running_mean": old, "running_var": old}
    batchnorm_forward(x, gamma, beta, bn_param)
    np.testing.assert_array_equal(old, 0)
    trained = dict(bn_param, mode="test")
    batchnorm_forward(x, gamma, beta, trained)
    assert trained["running_mean"] is bn_param["running_mean"]
    untrained = {"mode": "test"}
    out, _ = batchnorm_forward(x, gamma, beta, untrained)
    np.testing.assert_allclose(out, gamma * x / np.sqrt(1e-5) + beta)
    assert untrained == {"mode": "test"}


def test_running_statistics_of_float32_are_float32():
    x, gamma, beta, _ = (a.astype(np.float32) for a in draw(0, 8, 4))
    bn_param = {"mode": "train", "momentum": np.float64(0.9), "eps": np.float64(1e-5)}
    out, _ = batchnorm_forward(x, gamma, beta, bn_param)
    assert out.dtype == bn_param["running_mean"].dtype == bn_param["running_var"].dtype
    assert out.dtype == np.float32


def test_measuring_gradients_moves_no_running_statistic():
    x, gamma, beta, _ = draw(0, 8, 4)
    bn_param = train()
    with measuring_gradients():
        batchnorm_forward(x, gamma, beta, bn_param)
    assert bn_param == train()
    batchnorm_forward(x, gamma, beta, bn_param)
    assert bn_param.keys() == {"mode", "running_mean", "running_var"}


def test_a_refused_batch_leaves_bn_param_alone():
    bn_param = train()
    x = np.ones((3, 2))
    x[1, 1] = np.nan
    with pytest.raises(NonFiniteError):
        batchnorm_forward(x, np.ones(2), np.zeros(2), bn_param)
    assert bn_param == train()


# Hard numbers


@every_layer
@pytest.mark.parametrize("mean", [1e2, 1e4])
def test_float32_far_from_zero(forward, backward, theirs, axis, mean):
    rng = np.random.default_rng(0)
    x = (mean + rng.standard_normal((300, 300))).astype(np.float32)
    one, zero, dout = np.ones(300), np.zeros(300), rng.standard_normal((300, 300))
    exact, exact_cache = forward(x.astype(float), one, zero, train())
    single = (a.astype(np.float32) for a in (one, zero))
    out, cache = forward(x, *single, train())
    np.testing.assert_allclose(out, exact, atol=2e-6)
    dx = backward(dout.astype(np.float32), cache)[0]
    np.testing.assert_allclose(dx, backward(dout, exact_cache)[0], atol=2e-6)


def test_running_statistics_far_from_zero():
    x = (1e4 + np.random.default_rng(0).standard_normal((2000, 50))).astype(np.float32)
    bn_param = {"mode": "train", "momentum": 0.0}
    batchnorm_forward(x, np.ones(50, np.float32), np.zeros(50, np.float32), bn_param)
    exact = x.astype(float)
    spacing = np.spacing(np.float32(1e4))
    np.testing.assert_allclose(bn_param["running_mean"], exact.mean(axis=0), atol=0.6 * spacing)
    np.testing.assert_allclose(bn_param["running_var"], exact.var(axis=0), rtol=2e-5)


@every_layer
def test_constant_input_gives_beta(forward, backward, theirs, axis):
    x, beta = np.full((4, 4), 0.1), np.arange(4.0)
    out, cache = forward(x, np.ones(4), beta, train())
    np.testing.assert_allclose(out, np.tile(beta, (4, 1)), atol=1e-12)
    assert np.isfinite(backward(np.ones((4, 4)), cache)[0]).all()


# Published values


def test_batchnorm_statistics_as_published():
    # CS231n assignment 2, BatchNormalization.ipynb, "Batch normalization: forward"
    rng = np.random.RandomState(231)
    x, w1, w2 = rng.randn(200, 50), rng.randn(50, 60), rng.randn(60, 3)
    a = np.maximum(0, x.dot(w1)).dot(w2)
    np.testing.assert_allclose(a.mean(axis=0), [-2.3814598, -13.18038246, 1.91780462], atol=5e-9)
    np.testing.assert_allclose(a.std(axis=0), [27.18502186, 34.21455511, 37.68611762], atol=5e-9)
    out, _ = batchnorm_forward(a, np.ones(3), np.zeros(3), train())
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(out.std(axis=0), [0.99999999, 1, 1], atol=5e-9)
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([11.0, 12.0, 13.0])
    out, _ = batchnorm_forward(a, gamma, beta, train())
    np.testing.assert_allclose(out.mean(axis=0), beta, rtol=1e-14)
    published = [0.99999999, 1.99999999, 2.99999999]
    np.testing.assert_allclose(out.std(axis=0), published, atol=5e-9)


def test_layernorm_statistics_as_published():
    # CS231n assignment 2, BatchNormalization.ipynb, "Layer Normalization: Implementation"
    rng = np.random.RandomState(231)
    x, w1, w2 = rng.randn(4, 50), rng.randn(50, 60), rng.randn(60, 3)
    a = np.maximum(0, x.dot(w1)).dot(w2)
    means = [-59.06673243, -47.60782686, -43.31137368, -26.40991744]
    stds = [10.07429373, 28.39478981, 35.28360729, 4.01831507]
    np.testing.assert_allclose(a.mean(axis=1), means, atol=5e-9)
    np.testing.assert_allclose(a.std(axis=1), stds, atol=5e-9)
    out, _ = layernorm_forward(a, np.ones(3), np.zeros(3), train())
    np.testing.assert_allclose(out.mean(axis=1), 0, atol=1e-15)
    published = [0.99999995, 0.99999999, 1, 0.99999969]
    np.testing.assert_allclose(out.std(axis=1), published, atol=5e-9)
    out, _ = layernorm_forward(a, np.full(3, 3.0), np.full(3, 5.0), train())
    np.testing.assert_allclose(out.mean(axis=1), 5, rtol=1e-14)
    published = [2.99999985, 2.99999998, 2.99999999, 2.99999907]
    np.testing.assert_allclose(out.std(axis=1), published, atol=5e-9)
