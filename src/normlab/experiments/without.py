"""Dynamic tanh from several starts of its alpha: what it learns, and how far it saturates."""

import numpy as np

from normlab import nn
from normlab.nn.layers.normalization.dyt import DytCache

SATURATED = 0.9
"""Where the tanh is beyond this in size, its slope is below a fifth of that at 0."""


def train_from_alpha(
    seed,
    alpha,
    hidden_dims=(100,) * 5,
    weight_scale=0.14,
    learning_rate=1e-3,
    batch_size=50,
    updates=200,
    num_train=1000,
    data=None,
):
    """Train a net with dynamic tanh, by Adam, whose alpha starts at ``alpha`` in all layers.

    Parameters
    ----------
    seed : int
        Draws the training images, the weights and the minibatches.
    alpha : float
    hidden_dims : tuple of int
    weight_scale, learning_rate : float
    batch_size, updates, num_train : int
    data : dict
        X_train (N, ...), y_train (N,), and the same of val and test.

    Returns
    -------
    dict
        "train_accuracy" and "test_accuracy" at the end; "alpha", (layers,), at the end;
        "saturated_before" and "saturated", the share of entries of all layers whose tanh is
        beyond 0.9 in size on the training images, before training and at the end.
    """
    weights, batches, images = np.random.default_rng(seed).spawn(3)
    chosen = images.permutation(len(data["X_train"]))[:num_train]
    data = data | {name: data[name][chosen] for name in ("X_train", "y_train")}
    X = data["X_train"]
    net = nn.FullyConnectedNet(
        hidden_dims,
        X[0].size,
        num_classes=int(data["y_train"].max()) + 1,
        normalization="dyt",
        weight_scale=weight_scale,
        dtype=X.dtype,
        rng=weights,
    )
    names = [f"alpha{layer}" for layer in range(1, net.num_layers)]
    for name in names:
        net.params[name] = np.full(1, alpha, X.dtype)
    before = saturation(net, X)
    solver = nn.Solver(
        net,
        data,
        "adam",
        {"learning_rate": learning_rate},
        batch_size=batch_size,
        rng=batches,
        verbose=False,
    )
    solver.run(updates)
    return {
        "train_accuracy": solver.check_accuracy(X, data["y_train"]),
        "test_accuracy": solver.check_accuracy(data["X_test"], data["y_test"]),
        "alpha": np.concatenate([net.params[name] for name in names]),
        "saturated_before": before,
        "saturated": saturation(net, X),
    }


def saturation(net, X):
    """The share of entries of all dynamic tanhs of a net whose tanh is beyond 0.9 in size."""
    _, caches = net.forward(X, "test")
    tanhs = [cache.tanh for cache in caches.nodes if isinstance(cache, DytCache)]
    return float(np.mean([np.mean(np.abs(tanh) > SATURATED) for tanh in tanhs]))
