from contextlib import suppress

import numpy as np
import pytest

from normlab.nn import (
    batchnorm_forward,
    complex_step_gradient,
    complex_step_gradient_array,
    eval_numerical_gradient,
    eval_numerical_gradient_array,
    rel_error,
)

X = np.random.default_rng(0).standard_normal((3, 4))
DF = np.random.default_rng(1).standard_normal((3, 4))


def test_scalar_functions():
    exact = np.cos(X)
    assert rel_error(eval_numerical_gradient(lambda x: np.sin(x).sum(), X), exact) < 1e-8
    assert rel_error(complex_step_gradient(lambda x: np.sin(x).sum(), X), exact) < 1e-14


def test_array_functions():
    exact = np.cos(X) * DF
    assert rel_error(eval_numerical_gradient_array(np.sin, X, DF), exact) < 1e-8
    assert rel_error(complex_step_gradient_array(np.sin, X, DF), exact) < 1e-14


def test_f_may_ignore_its_argument_and_return_one_array_twice():
    x, out = X.copy(), np.empty_like(X)
    measured = eval_numerical_gradient_array(lambda _: np.sin(x, out=out), x, DF)
    assert rel_error(measured, np.cos(X) * DF) < 1e-8


@pytest.mark.parametrize("f", [lambda x: x.sum(), lambda x: 1 / 0])
def test_x_is_put_back_exactly(f):
    x = X.copy()
    with suppress(ZeroDivisionError):
        eval_numerical_gradient(f, x, h=0.1)
    np.testing.assert_array_equal(x, X)


def test_no_running_statistic_moves():
    bn_param = {"mode": "train"}
    one, zero = np.ones(4), np.zeros(4)

    def out(x):
        return batchnorm_forward(x, one, zero, bn_param)[0]

    eval_numerical_gradient_array(out, X.copy(), DF)
    eval_numerical_gradient(lambda x: (out(x) * DF).sum(), X.copy())
    complex_step_gradient_array(out, X, DF)
    complex_step_gradient(lambda x: (out(x) * DF).sum(), X)
    assert bn_param == {"mode": "train"}


def test_verbose_prints_a_line_per_entry(capsys):
    eval_numerical_gradient(lambda x: x.sum(), X.copy(), verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    assert lines[0].startswith("(0, 0) ")


def test_a_function_that_counts_does_not_wrap():
    measured = eval_numerical_gradient(lambda x: np.uint8(x[0] < 0.5), np.array([0.5]), h=0.25)
    assert measured == -2


@pytest.mark.parametrize("h", [np.uint8(200), np.float16(6e4), np.float32(0.5)])
def test_a_step_of_a_narrow_type_is_a_number(h):
    measured = eval_numerical_gradient(lambda x: 3 * x.sum(), X.copy(), h=h)
    assert rel_error(measured, np.full_like(X, 3)) < 1e-11


def test_single_numbers():
    assert eval_numerical_gradient(np.sin, np.array(1.0)) == pytest.approx(np.cos(1))
    assert complex_step_gradient(np.sin, np.array(1.0)) == np.cos(1)


@pytest.mark.parametrize("x", [1e-300, 1.0, 1e5, 1e8])
def test_a_step_that_is_kept_is_right(x):
    assert eval_numerical_gradient(lambda x: x.sum(), np.array([x])) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("h", [1e-200, 1e-20, 1e-3])
def test_a_complex_step_may_be_tiny(h):
    measured = complex_step_gradient(lambda z: (z**2).sum(), X, h=h)
    assert rel_error(measured, 2 * X) < 1e-15
