"""The compiled twin of each layer: the same operations in the same order, without temporaries.

A twin reads like its layer in `normlab.nn.layers`, which is its test, bit for bit. Arrays are
(N, D) and C-contiguous, vectors (D,) or (N,); ``out`` and what follows it is written.
"""

import numpy as np

from normlab.training.engine.compiler import compiled
from normlab.training.engine.products import times, times_turned, turned_times
from normlab.training.engine.sums import add_rows, sum_of


@compiled
def affine_forward(x, w, b, out):
    """``out = x @ w + b``."""
    times(x, w, out)
    add_bias(b, out)


@compiled
def add_bias(b, out):
    """``out = out + b``."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] += b[j]


@compiled
def affine_backward(dout, x, dw, db):
    """The gradients of the parameters; see `affine_backward_input`."""
    turned_times(x, dout, dw)
    add_rows(dout, db)


@compiled
def affine_backward_input(dout, w, dx):
    """``dx = dout @ w.T``, which the first layer need not make."""
    times_turned(dout, w, dx)


@compiled
def relu_forward(x, out):
    """``out = maximum(x, 0)``."""
    zero = x.dtype.type(0)
    for i in range(x.size):
        out[i] = zero if x[i] <= zero else x[i]


@compiled
def relu_backward(dout, x, dx):
    """``dx = dout * (x > 0)``."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        dx[i] = dout[i] * (one if x[i] > zero else zero)


@compiled
def multiply(x, mask, out):
    """``out = x * mask``: dropout both ways."""
    for i in range(x.size):
        out[i] = x[i] * mask[i]


@compiled
def batchnorm_forward(x, gamma, beta, eps, out, xhat, std, mean, var, rounding):
    """Train mode; mean and var are those of the minibatch."""
    rows, columns = x.shape
    n = x.dtype.type(rows)
    add_rows(x, mean)
    for j in range(columns):
        mean[j] /= n
        rounding[j] = 0
    for i in range(rows):
        for j in range(columns):
            xhat[i, j] = x[i, j] - mean[j]
    add_rows(xhat, rounding)
    for j in range(columns):
        rounding[j] /= n
        mean[j] += rounding[j]
        var[j] = 0
    for i in range(rows):
        for j in range(columns):
            xhat[i, j] -= rounding[j]
            var[j] += xhat[i, j] * xhat[i, j]
    for j in range(columns):
        var[j] /= n
        std[j] = np.sqrt(var[j] + eps)
    for i in range(rows):
        for j in range(columns):
            xhat[i, j] /= std[j]
            out[i, j] = gamma[j] * xhat[i, j] + beta[j]


@compiled
def move(running, momentum, rest, sample):
    """``running = momentum * running + (1 - momentum) * sample``."""
    for j in range(running.size):
        running[j] = momentum * running[j] + rest * sample[j]


@compiled
def batchnorm_forward_test(x, gamma, beta, eps, running_mean, running_var, out, std):
    """Test mode."""
    for j in range(x.shape[1]):
        std[j] = np.sqrt(running_var[j] + eps)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            xhat = (x[i, j] - running_mean[j]) / std[j]
            out[i, j] = gamma[j] * xhat + beta[j]


@compiled
def batchnorm_backward(dout, xhat, std, gamma, dx, dgamma, dbeta, scale, mean, mean_xhat):
    """`batchnorm_backward_alt` in train mode."""
    rows, columns = dout.shape
    n = dout.dtype.type(rows)
    add_rows(dout, dbeta)
    for j in range(columns):
        dgamma[j] = dout[0, j] * xhat[0, j]
    for i in range(1, rows):
        for j in range(columns):
            dgamma[j] += dout[i, j] * xhat[i, j]
    for j in range(columns):
        scale[j] = gamma[j] / std[j]
        mean[j] = dbeta[j] / n
        mean_xhat[j] = dgamma[j] / n
    for i in range(rows):
        for j in range(columns):
            dx[i, j] = scale[j] * (dout[i, j] - mean[j] - xhat[i, j] * mean_xhat[j])


@compiled
def layernorm_forward(x, gamma, beta, eps, out, xhat, std, var):
    """Both modes; var (N,) says whether all was finite."""
    rows, columns = x.shape
    d = x.dtype.type(columns)
    for i in range(rows):
        mean = sum_of(x[i]) / d
        for j in range(columns):
            xhat[i, j] = x[i, j] - mean
        rounding = sum_of(xhat[i]) / d
        for j in range(columns):
            xhat[i, j] -= rounding
            out[i, j] = xhat[i, j] * xhat[i, j]
        var[i] = sum_of(out[i]) / d
        std[i] = np.sqrt(var[i] + eps)
        for j in range(columns):
            xhat[i, j] /= std[i]
            out[i, j] = gamma[j] * xhat[i, j] + beta[j]


@compiled
def layernorm_backward(dout, xhat, std, gamma, dx, dgamma, dbeta, dxhat, product):
    """`layernorm_backward`; dxhat and product (D,) are scratch."""
    rows, columns = dout.shape
    d, one = dout.dtype.type(columns), dout.dtype.type(1)
    add_rows(dout, dbeta)
    for j in range(columns):
        dgamma[j] = dout[0, j] * xhat[0, j]
    for i in range(1, rows):
        for j in range(columns):
            dgamma[j] += dout[i, j] * xhat[i, j]
    for i in range(rows):
        for j in range(columns):
            dxhat[j] = dout[i, j] * gamma[j]
            product[j] = dxhat[j] * xhat[i, j]
        mean, mean_xhat = sum_of(dxhat) / d, sum_of(product) / d
        scale = one / std[i]
        for j in range(columns):
            dx[i, j] = scale * (dxhat[j] - mean - xhat[i, j] * mean_xhat)
