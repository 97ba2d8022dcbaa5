import autograd_oracle as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.nn import complex_step_gradient, rel_error, softmax_loss, svm_loss

PAIRS = [(softmax_loss, oracle.softmax_loss), (svm_loss, oracle.svm_loss)]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@given(seed=oracle.seeds, n=st.integers(1, 8), c=st.integers(2, 8))
def test_loss_and_gradient_are_autograds(ours, theirs, seed, n, c):
    rng = np.random.default_rng(seed)
    x, y = 3 * rng.standard_normal((n, c)), rng.integers(c, size=n)
    loss, dx = ours(x, y)
    assert loss == pytest.approx(theirs(x, y), rel=1e-12)
    oracle.assert_agree(dx, oracle.gradients(lambda x: theirs(x, y), 1.0, x)[0], floor=1e-15)


def test_losses_as_published():
    # CS231n assignment 2, FullyConnectedNets.ipynb, "Loss layers: Softmax and SVM"
    rng = np.random.RandomState(231)
    x, y = 0.001 * rng.randn(50, 10), rng.randint(10, size=50)
    assert svm_loss(x, y)[0] == pytest.approx(8.999602749096233, rel=1e-14)
    assert softmax_loss(x, y)[0] == pytest.approx(2.3025458445007376, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_survives_large_logits(dtype):
    x = np.array([[1e4, 0, -1e4], [-1e4, 0, 1e4]], dtype)
    loss, dx = softmax_loss(x, np.array([0, 0]))
    assert loss == 1e4  # 0 and 2e4
    np.testing.assert_array_equal(dx, [[0, 0, 0], [-0.5, 0, 0.5]])
    assert dx.dtype == loss.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_takes_the_maximum_of_each_row(dtype):
    loss, dx = softmax_loss(np.array([[1e4, 1e4], [-1e4, -1e4]], dtype), np.array([0, 1]))
    assert loss == pytest.approx(np.log(2))
    np.testing.assert_allclose(dx, [[-0.25, 0.25], [0.25, -0.25]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_svm_by_hand(dtype):
    x = np.array([[1, 3, 0], [0, 0.5, 2]], dtype)  # margins 3 and 0, then -1 and -0.5
    loss, dx = svm_loss(x, np.array([0, 2]))
    assert loss == 1.5
    np.testing.assert_array_equal(dx, [[-0.5, 0.5, 0], [0, 0, 0]])
    assert dx.dtype == loss.dtype == dtype


@given(seed=oracle.seeds, shift=st.floats(-1e3, 1e3))
def test_shifting_all_scores_changes_nothing(seed, shift):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((4, 5)), rng.integers(5, size=4)
    for function in (softmax_loss, svm_loss):
        (loss, dx), (shifted_loss, shifted_dx) = function(x, y), function(x + shift, y)
        assert shifted_loss == pytest.approx(loss, abs=1e-11)
        np.testing.assert_allclose(shifted_dx, dx, atol=1e-12)
        np.testing.assert_allclose(dx.sum(axis=1), 0, atol=1e-15)


def test_a_margin_of_exactly_0_is_not_violated():
    loss, dx = svm_loss(np.array([[1.0, 0.0]]), np.array([0]))
    assert loss == 0
    np.testing.assert_array_equal(dx, 0)


@pytest.mark.parametrize("function", [softmax_loss, svm_loss])
@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64])
def test_any_integer_labels(function, kind):
    x = np.random.default_rng(0).standard_normal((3, 4))
    before = x.copy()
    assert function(x, np.array([0, 3, 1], kind))[0] == function(x, np.array([0, 3, 1]))[0]
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("function", [softmax_loss, svm_loss])
def test_complex_step_agrees(function):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((4, 5)), rng.integers(5, size=4)
    measured = complex_step_gradient(lambda z: function(z, y)[0], x)
    assert rel_error(measured, function(x, y)[1]) < 1e-12
