"""Losses of a classifier: how wrong the scores are, as a mean over the batch."""

import numpy as np

from normlab.nn import checks
from normlab.nn.layers.layer import forward


def finite_scores(where, x, y):
    """A loss of scores that are not finite says nothing."""
    checks.finite(where, "x", x, "lower the learning rate or look for it in the input")


@forward("x: N C, y: N < C", title="softmax loss", rule=finite_scores)
def softmax_loss(x, y):
    """Compute the cross-entropy of the softmax of the scores, and its gradient.

    For one example the loss is ``log(sum(exp(x))) - x[y]``. The maximum is subtracted first, so
    that the exponential cannot overflow.

    Parameters
    ----------
    x : array, (N, C)
        Scores, one row per example.
    y : integer array, (N,)
        Labels from 0 to C - 1.

    Returns
    -------
    loss : scalar, in nats
    dx : array, (N, C)
        Gradient of the loss with respect to x.

    Source: CS231n notes, "Linear classification", section "Softmax classifier".
    """
    rows = np.arange(len(y))
    shifted = x - x.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probabilities[rows, y].mean()
    dx = np.exp(log_probabilities)
    dx[rows, y] -= 1
    dx /= len(y)
    return loss, dx


@forward("x: N C, y: N < C", title="svm loss", rule=finite_scores)
def svm_loss(x, y):
    """Compute the multiclass hinge loss with margin 1, and its gradient.

    For one example the loss is the sum over the wrong classes j of
    ``max(0, x[j] - x[y] + 1)``.

    Parameters
    ----------
    x : array, (N, C)
        Scores, one row per example.
    y : integer array, (N,)
        Labels from 0 to C - 1.

    Returns
    -------
    loss : scalar, in units of the scores
    dx : array, (N, C)
        Gradient of the loss with respect to x.

    Source: CS231n notes, "Linear classification", section "Multiclass support vector machine".
    """
    rows = np.arange(len(y))
    margins = x - x[rows, y][:, None] + 1
    margins[rows, y] = 0
    violated = margins.real > 0
    loss = margins[violated].sum() / len(y)
    dx = violated.astype(x.dtype)
    dx[rows, y] -= violated.sum(axis=1)
    dx /= len(y)
    return loss, dx
