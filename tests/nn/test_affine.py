import autograd_oracle as oracle
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from normlab.nn import affine_backward, affine_forward, complex_step_gradient_array, rel_error


@given(
    seed=oracle.seeds,
    n=st.integers(1, 8),
    dims=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    m=st.integers(1, 6),
)
def test_gradients_are_autograds(seed, n, dims, m):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, *dims))
    w = rng.standard_normal((np.prod(dims), m))
    b, dout = rng.standard_normal(m), rng.standard_normal((n, m))
    _, cache = affine_forward(x, w, b)
    for ours, theirs in zip(
        affine_backward(dout, cache), oracle.gradients(oracle.affine, dout, x, w, b), strict=True
    ):
        oracle.assert_agree(ours, theirs)


def test_forward_as_published():
    # CS231n assignment 2, FullyConnectedNets.ipynb, "Affine layer: forward"
    x = np.linspace(-0.1, 0.5, num=240).reshape(2, 4, 5, 6)
    w = np.linspace(-0.2, 0.3, num=360).reshape(120, 3)
    b = np.linspace(-0.3, 0.1, num=3)
    out, _ = affine_forward(x, w, b)
    published = [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]]
    np.testing.assert_allclose(out, published, atol=5e-9)


def test_complex_step_agrees():
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((3, 2, 2)), rng.standard_normal((4, 5)), rng.standard_normal(5)
    dout = rng.standard_normal((3, 5))
    dx, dw, db = affine_backward(dout, affine_forward(x, w, b)[1])
    for i, (argument, gradient) in enumerate([(x, dx), (w, dw), (b, db)]):

        def forward(z, i=i):
            return affine_forward(*(z if j == i else a for j, a in enumerate((x, w, b))))[0]

        assert rel_error(complex_step_gradient_array(forward, argument, dout), gradient) < 1e-12


def test_float32_stays_and_inputs_stay():
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(s).astype(np.float32) for s in [(3, 4), (4, 5), (5,)])
    before = [a.copy() for a in (x, w, b)]
    out, cache = affine_forward(x, w, b)
    gradients = affine_backward(out, cache)
    assert all(a.dtype == np.float32 for a in (out, *gradients))
    for array, copy in zip((x, w, b), before, strict=True):
        np.testing.assert_array_equal(array, copy)
