"""Hidden layers of K nets at once: affine - [norm] - relu, on arrays that are made once.

Shapes: x and dx (K, N, D), weights (K, D, H), the rest (K, 1, H) or (K, N, 1), so that they
broadcast. A block may use its arrays as scratch once they have done their service: forward,
then backward, then forward again.
"""

import numpy as np

from normlab.training.fast.arrays import aligned_zeros

EPS = 1e-5


class Block:
    """affine - relu, and what the normalized blocks share.

    Parameters
    ----------
    params, grads : dict
        "W", "b", "gamma", "beta" to arrays; grads are written by backward. Without "W" in
        grads, backward leaves the gradients of the weights and of the input to the caller.
    shape : (K, N, H)
        Of the output.
    dtype : numpy dtype
    """

    def __init__(self, params, grads, shape, dtype):
        self.params, self.grads, self.batch = params, grads, shape[1]
        self.a, self.out, self.dout = (aligned_zeros(shape, dtype) for _ in range(3))
        self.mask = np.zeros(shape, bool)
        self.sum_rows = np.ones((1, self.batch), dtype)

    def forward(self, x):
        """Compute and return ``out``, (K, N, H)."""
        self.x = x
        np.matmul(x, self.params["W"], out=self.a)
        self.normalize()
        np.maximum(self.out, 0, out=self.out)
        return self.out

    def normalize(self):
        """From ``a``, the product with the weights, to what goes into relu."""
        np.add(self.a, self.params["b"], out=self.out)

    def backward(self, dx):
        """Turn ``dout`` into the gradient at ``a``; write ``grads`` and, if asked to, ``dx``."""
        np.greater(self.out, 0, out=self.mask)
        np.multiply(self.dout, self.mask, out=self.dout)
        self.normalize_backward()
        if "W" in self.grads:
            np.matmul(self.x.transpose(0, 2, 1), self.dout, out=self.grads["W"])
            np.matmul(self.dout, self.params["W"].transpose(0, 2, 1), out=dx)

    def normalize_backward(self):
        """Turn ``dout``, the gradient before relu, into the gradient at ``a``."""
        np.matmul(self.sum_rows, self.dout, out=self.grads["b"])


class Dropout:
    """Silences units; each net draws from the generator of its model's dropout_param."""

    def __init__(self, models, shape, dtype):
        self.params = [model.dropout_param for model in models]
        self.mask = aligned_zeros(shape, dtype)

    def draw(self):
        """Draw which units are kept: 1 / p for those, 0 for the others."""
        for mask, param in zip(self.mask, self.params, strict=True):
            np.divide(param["rng"].random(mask.shape) < param["p"], param["p"], out=mask)

    def drop(self, values):
        """Multiply in place by the mask that was drawn last."""
        np.multiply(values, self.mask, out=values)


class BatchNormBlock(Block):
    """affine - batch normalization - relu; ``mean`` and ``var`` (K, 1, H) are of the batch."""

    def __init__(self, params, grads, shape, dtype, mean, var):
        super().__init__(params, grads, shape, dtype)
        self.mean, self.var = mean, var
        self.mean_rows = np.full((1, self.batch), 1 / self.batch, dtype)
        self.row, self.std, self.scale = (aligned_zeros(mean.shape, dtype) for _ in range(3))

    def normalize(self):
        """Center ``a`` in place; ``out`` is it times gamma / std, plus beta."""
        a, out = self.a, self.out
        np.matmul(self.mean_rows, a, out=self.mean)
        np.subtract(a, self.mean, out=a)
        np.multiply(a, a, out=out)
        np.matmul(self.mean_rows, out, out=self.var)
        np.add(self.var, EPS, out=self.std)
        np.sqrt(self.std, out=self.std)
        np.divide(self.params["gamma"], self.std, out=self.scale)
        np.multiply(a, self.scale, out=out)
        np.add(out, self.params["beta"], out=out)

    def normalize_backward(self):
        """The closed form: ``gamma / std * (dout - mean(dout) - xhat * mean(dout * xhat))``.

        xhat is ``a / std``, and it is never made: the factors 1 / std go to the rows.
        """
        a, dout, row, grads = self.a, self.dout, self.row, self.grads
        np.matmul(self.sum_rows, dout, out=grads["beta"])
        np.multiply(dout, a, out=self.out)
        np.matmul(self.mean_rows, self.out, out=row)
        np.divide(row, self.std, out=row)  # mean(dout * xhat)
        np.multiply(row, self.batch, out=grads["gamma"])
        np.divide(row, self.std, out=row)
        np.multiply(a, row, out=a)
        np.subtract(dout, a, out=dout)
        np.divide(grads["beta"], self.batch, out=row)  # mean(dout)
        np.subtract(dout, row, out=dout)
        np.multiply(dout, self.scale, out=dout)


class LayerNormBlock(Block):
    """affine - layer normalization - relu; ``var`` (K, N, 1) is of each example."""

    def __init__(self, params, grads, shape, dtype, var):
        super().__init__(params, grads, shape, dtype)
        nets, _, width = shape
        self.var = var
        self.mean_columns = np.full((width, 1), 1 / width, dtype)
        self.std, self.column, self.column2 = (aligned_zeros(var.shape, dtype) for _ in range(3))
        self.gamma_mean = aligned_zeros((nets, width, 1), dtype)

    def normalize(self):
        """Turn ``a`` into xhat in place; ``out`` is it times gamma, plus beta."""
        a, out = self.a, self.out
        np.add(a, self.params["b"], out=a)
        np.matmul(a, self.mean_columns, out=self.column)
        np.subtract(a, self.column, out=a)
        np.multiply(a, a, out=out)
        np.matmul(out, self.mean_columns, out=self.var)
        np.add(self.var, EPS, out=self.std)
        np.sqrt(self.std, out=self.std)
        np.divide(a, self.std, out=a)
        np.multiply(a, self.params["gamma"], out=out)
        np.add(out, self.params["beta"], out=out)

    def normalize_backward(self):
        """The closed form: ``(dxhat - mean(dxhat) - xhat * mean(dxhat * xhat)) / std``."""
        xhat, dout, out, grads = self.a, self.dout, self.out, self.grads
        gamma = self.params["gamma"]
        np.multiply(gamma.transpose(0, 2, 1), self.mean_columns, out=self.gamma_mean)
        np.matmul(self.sum_rows, dout, out=grads["beta"])
        np.multiply(dout, xhat, out=out)
        np.matmul(self.sum_rows, out, out=grads["gamma"])
        np.matmul(dout, self.gamma_mean, out=self.column)  # mean(dxhat), dxhat = dout * gamma
        np.matmul(out, self.gamma_mean, out=self.column2)  # mean(dxhat * xhat)
        np.multiply(dout, gamma, out=dout)
        np.multiply(xhat, self.column2, out=xhat)
        np.subtract(dout, xhat, out=dout)
        np.subtract(dout, self.column, out=dout)
        np.divide(dout, self.std, out=dout)
        np.matmul(self.sum_rows, dout, out=grads["b"])
