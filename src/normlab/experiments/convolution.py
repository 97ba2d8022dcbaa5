"""What a convolution shows a normalization before training: how far its statistics scatter."""

import numpy as np

from normlab import nn

_DRAWS = 200  # minibatches of a size


def scatter(seed, batch_sizes, filters, weight_scale, width=100, number=1000, data=None):
    """How far the variance that a minibatch shows of a feature lies from that of others.

    Parameters
    ----------
    seed : int
        Draws weights and minibatches.
    batch_sizes : sequence of int
    filters : tuple of int
        Of a ConvNet; the first counts.
    weight_scale : float
        Standard deviation of the weights.
    width : int
        Of the fully connected layer.
    number : int
        Of training images that minibatches are drawn from.
    data : dict
        X_train (N, C, H, W).

    Returns
    -------
    dict, "channel" and "unit", (sizes,)
        Standard deviation of the variance over minibatches, beside its mean; the median over the
        channels of the first convolution, or over the units of a fully connected layer.
    """
    X, rng = data["X_train"][:number], np.random.default_rng(seed)
    images = features(X, filters, weight_scale, rng)
    weights = weight_scale * rng.standard_normal((X[0].size, width))
    values = {
        "channel": images.reshape(*images.shape[:2], -1),
        "unit": (X.reshape(len(X), -1) @ weights)[:, :, None],
    }
    return {
        name: [_scatter(each, size, rng) for size in batch_sizes] for name, each in values.items()
    }


def features(X, filters, weight_scale, rng=0):
    """The first convolution of images, without training: (N, F, H', W')."""
    net = nn.ConvNet(filters, X[0].shape, weight_scale=weight_scale, rng=rng)
    w, b = net.params["W1"], net.params["b1"]
    return net.nodes[0].layer.forward(X, w, b, net.nodes[0].param)[0]


def _scatter(values, size, rng):
    """Of values (N, features, values of one example), the median over features."""
    batches = [values[rng.choice(len(values), size, replace=False)] for _ in range(_DRAWS)]
    variances = np.array([batch.var(axis=(0, 2)) for batch in batches])
    return float(np.median(variances.std(axis=0) / variances.mean(axis=0)))
