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


def test_rel_error():
    assert rel_error(1.0, 1.0) == 0
    assert rel_error(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 0.5
    assert rel_error(np.zeros(2), np.zeros(2)) == 0
    noise = np.array([1e-12]), np.array([-1e-12])
    assert rel_error(*noise) == pytest.approx(2e-4)
    assert rel_error(*noise, floor=1) == pytest.approx(2e-12)
    assert np.isnan(rel_error(np.nan, 1.0))
