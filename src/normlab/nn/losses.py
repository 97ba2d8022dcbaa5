"""Losses of a classifier: how wrong the scores are, as a mean over the batch."""

import numpy as np

from normlab.nn import checks

REMEDY = "lower the learning rate or look for it in the input"


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
    rows = _check("softmax_loss", x, y)
    shifted = x - x.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probabilities[rows, y].mean()
    dx = np.exp(log_probabilities)
    dx[rows, y] -= 1
    dx /= len(y)
    return loss, dx


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
    rows = _check("svm_loss", x, y)
    margins = x - x[rows, y][:, None] + 1
    margins[rows, y] = 0
    violated = margins.real > 0
    loss = margins[violated].sum() / len(y)
    dx = violated.astype(x.dtype)
    dx[rows, y] -= violated.sum(axis=1)
    dx /= len(y)
    return loss, dx


def _check(where, x, y):
    """Refuse bad scores and labels; return the row numbers 0 ... N - 1."""
    checks.float_arrays(where, x=x)
    if x.ndim != 2:
        raise ValueError(f"{where}: x has shape {x.shape}; expected scores of shape (N, C)")
    checks.labels(where, y, x.shape[0], x.shape[1])
    checks.finite(where, "x", x, REMEDY)
    return np.arange(x.shape[0])
