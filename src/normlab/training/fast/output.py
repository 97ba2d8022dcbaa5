"""The last layer of K nets at once: affine - softmax."""

import numpy as np

from normlab.training.fast.arrays import aligned_zeros


class SoftmaxOutput:
    """affine - softmax - loss; shapes as in `blocks`, with C classes for H."""

    def __init__(self, params, grads, shape, dtype):
        nets, batch, classes = shape
        self.params, self.grads, self.batch = params, grads, batch
        self.scores = aligned_zeros(shape, dtype)
        self.largest, self.total = (aligned_zeros((nets, batch, 1), dtype) for _ in range(2))
        self.right = aligned_zeros((nets, batch), dtype)
        self.sum_rows, self.sum_classes = np.ones((1, batch), dtype), np.ones((classes, 1), dtype)
        self.at_row = np.arange(nets * batch) * classes

    def loss(self, x, labels):
        """Compute the mean loss of each net, (K,), from x (K, N, D) and labels (K * N,)."""
        self.x, self.at_label = x, self.at_row + labels
        scores = self.scores
        np.matmul(x, self.params["W"], out=scores)
        np.add(scores, self.params["b"], out=scores)
        np.maximum.reduce(scores, axis=2, keepdims=True, out=self.largest)
        np.subtract(scores, self.largest, out=scores)
        np.take(scores, self.at_label, out=self.right.reshape(-1), mode="clip")
        np.exp(scores, out=scores)
        np.matmul(scores, self.sum_classes, out=self.total)
        return (np.log(self.total[:, :, 0]) - self.right).sum(axis=1) / self.batch

    def backward(self, gradient_scale, dx):
        """Write the gradients, times a factor, of the parameters and of x, into ``dx``."""
        dscores, factor = self.scores, gradient_scale / self.batch
        np.divide(factor, self.total, out=self.total)
        np.multiply(dscores, self.total, out=dscores)
        dscores.reshape(-1)[self.at_label] -= factor
        np.matmul(self.x.transpose(0, 2, 1), dscores, out=self.grads["W"])
        np.matmul(self.sum_rows, dscores, out=self.grads["b"])
        np.matmul(dscores, self.params["W"].transpose(0, 2, 1), out=dx)
