import autograd_oracle as oracle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.nn import (
    affine_norm_relu_backward,
    affine_norm_relu_forward,
    affine_relu_backward,
    affine_relu_forward,
)

NORMS = {"batchnorm": oracle.batchnorm, "layernorm": oracle.layernorm}


def draw(seed, n, m):
    rng = np.random.default_rng(seed)
    shapes = [(n, 2, 3), (6, m), (m,), (m,), (m,), (n, m)]
    return [rng.standard_normal(shape) for shape in shapes]


@given(seed=oracle.seeds, n=st.integers(1, 8), m=st.integers(1, 8))
def test_affine_relu_is_autograds(seed, n, m):
    x, w, b, _, _, dout = draw(seed, n, m)

    def theirs(x, w, b):
        return oracle.relu(oracle.affine(x, w, b))

    out, cache = affine_relu_forward(x, w, b)
    np.testing.assert_allclose(out, theirs(x, w, b), atol=1e-14)
    expected = oracle.gradients(theirs, dout, x, w, b)
    for ours, theirs_ in zip(affine_relu_backward(dout, cache), expected, strict=True):
        oracle.assert_agree(ours, theirs_)


@pytest.mark.parametrize("normalization", NORMS)
@given(seed=oracle.seeds, n=st.integers(3, 8), m=st.integers(3, 8))
def test_affine_norm_relu_is_autograds(normalization, seed, n, m):
    *args, dout = draw(seed, n, m)

    def theirs(x, w, b, gamma, beta):
        return oracle.relu(NORMS[normalization](oracle.affine(x, w, b), gamma, beta))

    out, cache = affine_norm_relu_forward(*args, {"mode": "train"}, normalization)
    np.testing.assert_allclose(out, theirs(*args), atol=1e-12)
    gradients = affine_norm_relu_backward(dout, cache)
    for name, ours, theirs_ in zip(
        ("dx", "dw", "db", "dgamma", "dbeta"),
        gradients,
        oracle.gradients(theirs, dout, *args),
        strict=True,
    ):
        # The bias in front of batch normalization has no effect: its gradient is rounding noise.
        vanishes = name == "db" and normalization == "batchnorm"
        oracle.assert_agree(ours, theirs_, floor=1e-12 if vanishes else 1e-14)


def test_batchnorm_is_the_default_and_updates_its_param():
    *args, _ = draw(0, 4, 5)
    bn_param = {"mode": "train"}
    out, _ = affine_norm_relu_forward(*args, bn_param)
    assert bn_param["running_mean"].shape == (5,)
    named, _ = affine_norm_relu_forward(*args, {"mode": "train"}, normalization="batchnorm")
    np.testing.assert_array_equal(out, named)
