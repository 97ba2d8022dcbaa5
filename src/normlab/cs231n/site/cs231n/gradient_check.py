"""Numerical gradients."""

from normlab.nn import eval_numerical_gradient as _eval_numerical_gradient
from normlab.nn import eval_numerical_gradient_array, rel_error


def eval_numerical_gradient(f, x, verbose=True, h=1e-5):
    """As of normlab.nn, which is silent unless it is asked."""
    return _eval_numerical_gradient(f, x, verbose, h)


__all__ = ["eval_numerical_gradient", "eval_numerical_gradient_array", "rel_error"]
