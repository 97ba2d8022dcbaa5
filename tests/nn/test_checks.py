from contextlib import suppress

import numpy as np
import pytest

from normlab import nn
from normlab.nn import checks


class Counted(np.ndarray):
    """Counts the ufunc calls made with it."""

    calls = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **kwargs):
        Counted.calls += 1
        plain = [a.view(np.ndarray) if isinstance(a, Counted) else a for a in inputs]
        if out:
            kwargs["out"] = tuple(a.view(np.ndarray) if isinstance(a, Counted) else a for a in out)
        return np.asarray(getattr(ufunc, method)(*plain, **kwargs)).view(Counted)


def test_subclasses_of_ndarray_pass_through():
    rng = np.random.default_rng(0)
    x, dout = (rng.standard_normal((5, 4)).view(Counted) for _ in range(2))
    counts = {}
    for backward in (nn.batchnorm_backward, nn.batchnorm_backward_alt):
        out, cache = nn.batchnorm_forward(x, np.ones(4), np.zeros(4), {"mode": "train"})
        Counted.calls = 0
        gradients = backward(dout, cache)
        counts[backward] = Counted.calls
        assert {type(a) for a in (out, *gradients)} == {Counted}
    assert 0 < counts[nn.batchnorm_backward_alt] < counts[nn.batchnorm_backward]


def test_measuring_gradients_ends_with_its_block():
    z = np.ones((2, 3), complex)
    with nn.measuring_gradients():
        with nn.measuring_gradients():
            nn.relu_forward(z)
        nn.relu_forward(z)
    with suppress(ZeroDivisionError), nn.measuring_gradients():
        raise ZeroDivisionError
    with pytest.raises(TypeError, match="complex128"):
        nn.relu_forward(z)


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.float64(2), np.int64(2)])
def test_numbers_become_python_floats(value):
    assert type(checks.number("f", "x", value)) is float


@pytest.mark.parametrize("value", [True, None, "2", np.ones(1), np.ones((2, 2)), 2j])
def test_other_things_are_no_numbers(value):
    with pytest.raises(TypeError, match=r"^f: x is .*; expected a number$"):
        checks.number("f", "x", value)


def test_generators():
    for rng in (np.random.default_rng(0), np.random.RandomState(0)):
        assert checks.generator("f", rng) is rng
    assert checks.generator("f", 5).random() == np.random.default_rng(5).random()
    assert checks.generator("f", None).random() != checks.generator("f", None).random()
