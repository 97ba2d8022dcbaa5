import autograd_oracle as oracle
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from normlab.nn import complex_step_gradient_array, relu_backward, relu_forward


@given(seed=oracle.seeds, shape=st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_gradient_is_autograds(seed, shape):
    rng = np.random.default_rng(seed)
    x, dout = rng.standard_normal(shape), rng.standard_normal(shape)
    dx = relu_backward(dout, relu_forward(x)[1])
    oracle.assert_agree(dx, oracle.gradients(oracle.relu, dout, x)[0])


def test_forward_as_published():
    # CS231n assignment 2, FullyConnectedNets.ipynb, "ReLU activation: forward"
    out, _ = relu_forward(np.linspace(-0.5, 0.5, num=12).reshape(3, 4))
    published = [
        [0, 0, 0, 0],
        [0, 0, 0.04545455, 0.13636364],
        [0.22727273, 0.31818182, 0.40909091, 0.5],
    ]
    np.testing.assert_allclose(out, published, atol=5e-9)


def test_special_values():
    x = np.array([0.0, -0.0, np.nan, np.inf, -np.inf])
    out, cache = relu_forward(x)
    np.testing.assert_array_equal(out, [0, 0, np.nan, np.inf, 0])
    np.testing.assert_array_equal(relu_backward(np.ones(5), cache)[[0, 1]], [0, 0])


def test_complex_step_takes_the_derivative_0_at_0():
    x, df = np.array([-1.0, 0.0, 2.0]), np.ones(3)
    gradient = complex_step_gradient_array(lambda z: relu_forward(z)[0], x, df)
    np.testing.assert_array_equal(gradient, [0, 0, 1])


def test_float32_stays_and_input_stays():
    x = np.array([[-1.0, 2.0]], np.float32)
    out, cache = relu_forward(x)
    assert out.dtype == relu_backward(out, cache).dtype == np.float32
    np.testing.assert_array_equal(x, [[-1, 2]])
