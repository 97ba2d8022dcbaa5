"""What is measured of a net beside its loss."""

import copy

import numpy as np

from normlab import nn
from normlab.training.histories import SIGNAL_QUANTILES, LayerSignals

SIGNAL_EXAMPLES = 200


def batch_mode_accuracy(model, X, y, batch_size, rng):
    """Accuracy when each minibatch is standardized by its own statistics.

    Parameters
    ----------
    model : Network
        Its running statistics are not moved, and it drops no units.
    X : array, (N, ...)
    y : integer array, (N,)
    batch_size : int
        The least size of a batch; images that would not fill the last one are spread.
    rng : Generator
        Shuffles the images first: a file may hold its classes in turn, and such batches
        would be more even than those of training.

    Returns
    -------
    float, a fraction
    """
    model = copy.copy(model)
    model.nodes = [node for node in model.nodes if node.layer.name != "dropout"]
    batches = np.array_split(rng.permutation(len(X)), max(len(X) // batch_size, 1))
    right = 0
    with nn.measuring_gradients():
        for batch in batches:
            scores, _ = model.forward(X[batch], "train")
            right += int((scores.argmax(axis=1) == y[batch]).sum())
    return right / len(X)


def signals(model, data):
    """Sizes of activations and gradients by depth, over the first training images."""
    pairs = model.layer_signals(
        data["X_train"][:SIGNAL_EXAMPLES], data["y_train"][:SIGNAL_EXAMPLES]
    )
    activations, gradients = zip(*pairs, strict=True)
    return {"activation": _sizes(activations), "gradient": _sizes(gradients)}


def no_signals(config):
    """What is known of the signals of a net that diverged."""
    depth = len(config.filters or config.hidden_dims)
    lost = LayerSignals(np.full((depth, len(SIGNAL_QUANTILES)), np.nan), np.full(depth, np.nan))
    return {"activation": lost, "gradient": lost}


def _sizes(layers):
    quantiles = np.full((len(layers), len(SIGNAL_QUANTILES)), np.nan)
    for row, values in zip(quantiles, layers, strict=True):
        magnitudes = np.abs(values[values != 0]).astype(np.float64)
        if magnitudes.size:
            row[:] = np.quantile(magnitudes, SIGNAL_QUANTILES)
    return LayerSignals(quantiles, np.array([np.mean(values == 0) for values in layers]))
