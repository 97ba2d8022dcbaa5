import autograd_oracle as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.nn import complex_step_gradient_array, dropout_backward, dropout_forward, rel_error


@given(
    seed=oracle.seeds,
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    p=st.floats(0.05, 1),
)
def test_a_seed_draws_the_assignments_mask(seed, shape, p):
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal(shape), rng.standard_normal(shape)
    out, cache = dropout_forward(x, {"mode": "train", "p": p, "seed": seed})
    mask = (np.random.RandomState(seed).rand(*shape) < p) / p
    np.testing.assert_array_equal(out, x * mask)
    np.testing.assert_array_equal(dropout_backward(dout, cache), dout * mask)


@pytest.mark.parametrize(
    ("p", "mean", "zeros"),
    [
        (0.25, 10.014059116977283, 0.749784),
        (0.4, 9.977917658761159, 0.600796),
        (0.7, 9.987811912159426, 0.30074),
    ],
)
def test_statistics_as_published(p, mean, zeros):
    # CS231n assignment 2, Dropout.ipynb, "Dropout: Forward Pass"; there the three values of p
    # follow each other in one stream
    rng = np.random.RandomState(231)
    x = rng.randn(500, 500) + 10
    for earlier in (0.25, 0.4, 0.7):
        out, _ = dropout_forward(x, {"mode": "train", "p": earlier, "rng": rng})
        if earlier == p:
            break
    assert x.mean() == pytest.approx(10.000207878477502, rel=1e-14)
    assert out.mean() == pytest.approx(mean, rel=1e-14)
    assert (out == 0).mean() == pytest.approx(zeros, abs=1e-12)


def test_each_call_advances_the_generator_but_not_a_seed():
    x = np.ones((10, 10))
    rng = np.random.default_rng(0)
    drawn = [dropout_forward(x, {"mode": "train", "p": 0.5, "rng": rng})[0] for _ in range(2)]
    assert (drawn[0] != drawn[1]).any()
    seeded = [dropout_forward(x, {"mode": "train", "p": 0.5, "seed": 0})[0] for _ in range(2)]
    np.testing.assert_array_equal(*seeded)


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    dropout_forward(np.ones((3, 3)), {"mode": "train", "p": 0.5, "seed": 0})
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("param", [{"mode": "test", "p": 0.5}, {"mode": "train", "p": 1}])
def test_nothing_is_dropped_in_test_mode_or_at_p_1(param):
    x = np.random.default_rng(0).standard_normal((3, 4))
    out, cache = dropout_forward(x, param)
    np.testing.assert_array_equal(out, x)
    np.testing.assert_array_equal(dropout_backward(x, cache), x)
    assert not np.shares_memory(out, x)


def test_complex_step_agrees():
    rng = np.random.default_rng(0)
    x, dout = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
    param = {"mode": "train", "p": 0.5, "seed": 0}
    dx = dropout_backward(dout, dropout_forward(x, param)[1])
    measured = complex_step_gradient_array(lambda z: dropout_forward(z, param)[0], x, dout)
    assert rel_error(measured, dx) < 1e-12


def test_float32_stays():
    x = np.ones((2, 3), np.float32)
    for mode in ("train", "test"):
        out, cache = dropout_forward(x, {"mode": mode, "p": 0.3, "seed": 0})
        assert out.dtype == dropout_backward(x, cache).dtype == np.float32
