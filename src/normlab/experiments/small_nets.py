"""Small fully connected nets, and a short loop that trains them and can be watched."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from normlab import nn
from normlab.nn.network import Node

_EVALUATED = 500  # images in a forward pass


class Images(NamedTuple):
    """Rows of pixels, (N, D), with one standard deviation for all, and their labels, (N,)."""

    X: np.ndarray
    y: np.ndarray


def streams(seed):
    """Generators of weights, minibatches, training images and the rest, apart from one seed.

    So nets of one seed that differ in a normalization alone share the first three.
    """
    return [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(4)]


def images_of(data, part, number=None, rng=None):
    """The images of a part of the data, "train", "val" or "test", or so many drawn from them.

    All parts are divided by the standard deviation of all pixels of the training images.
    """
    X, y = data[f"X_{part}"], data[f"y_{part}"]
    if number is not None:
        chosen = rng.choice(len(y), min(number, len(y)), replace=False)
        X, y = X[chosen], y[chosen]
    return Images(X.reshape(len(X), -1) / data["X_train"].std(), y)


def widths_of(data, hidden_dims):
    """The widths of a net from the pixels of an image to the classes."""
    return data["X_train"][0].size, *hidden_dims, len(np.unique(data["y_train"]))


def small_net(widths, normalization, rng, activation="relu", keep=1.0, masks=None):
    """{affine - [norm] - activation - [dropout]} x (L - 1) - affine - softmax.

    Parameters
    ----------
    widths : sequence of int
        From the pixels of an image to the classes.
    normalization : "none" | a name in NORMALIZATIONS
    rng : Generator
        Draws the weights, normal with standard deviation sqrt(2 / fan_in).
    activation : "relu" | "sigmoid" | "tanh"
    keep : float
        Probability that dropout keeps a unit; 1 means no dropout.
    masks : Generator
        Draws what dropout keeps.

    Returns
    -------
    Network, float32, with "W1", "b1", and with a normalization "gamma1", "beta1", ... in params
    """
    nodes, params = [], {}
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths), start=1):
        weights = np.sqrt(2 / fan_in) * rng.standard_normal((fan_in, fan_out))
        params[f"W{layer}"] = weights.astype(np.float32)
        params[f"b{layer}"] = np.zeros(fan_out, np.float32)
        nodes.append(Node(nn.LAYERS["affine"], (f"W{layer}", f"b{layer}")))
        if layer == len(widths) - 1:
            break
        if normalization != "none":
            norm = nn.LAYERS[normalization]
            names = {name: f"{name}{layer}" for name in norm.parameters}
            for name, shape in norm.parameters.items():
                params[names[name]] = np.full(fan_out, shape.initial, np.float32)
            start = norm.options.initial(fan_out, np.float32)
            nodes.append(Node(norm, tuple(names.values()), start))
        nodes.append(Node(nn.LAYERS[activation]))
        if keep < 1:
            nodes.append(Node(nn.LAYERS["dropout"], param={"p": keep, "rng": masks}))
    return nn.Network(nodes, params)


def random_batches(rng, number, size, updates):
    """Numbers of examples, drawn with replacement: (updates, size)."""
    return rng.integers(0, number, (updates, size))


def descend(net, images, batches, rule="sgd", config=None, masks=None, watch=None):
    """Train a net in place, one update a batch, and return the loss of each, (updates,).

    Parameters
    ----------
    net : Network
    images : Images
    batches : integer array, (updates, size)
    rule : name in UPDATE_RULES
    config : dict
        That of the rule.
    masks : dict, optional
        Name of a parameter -> which of its entries are trained; others are frozen. Without it
        all are trained.
    watch : callable, optional
        Called before each update with its number, from 0 on, and the numbers of its examples.

    A net whose loss is no longer finite is left as it is; the rest of the losses is infinite.
    """
    configs = {name: dict(config or {}) for name in (net.params if masks is None else masks)}
    losses = np.full(len(batches), np.inf)
    for t, batch in enumerate(batches):
        if watch:
            watch(t, batch)
        try:
            loss, grads = net.loss(images.X[batch], images.y[batch])
        except nn.NonFiniteError:
            break
        if not np.isfinite(loss):
            break
        losses[t] = loss
        for name, own in configs.items():
            grad = grads[name] if masks is None else grads[name] * masks[name]
            net.params[name], _ = nn.UPDATE_RULES[rule](net.params[name], grad, own)
    return losses


def accuracy(net, images):
    """The share of images whose highest score in test mode is that of their label.

    Scores that are not finite count as a guess, that is as one of the classes.
    """
    right = 0
    for start in range(0, len(images.y), _EVALUATED):
        batch = slice(start, start + _EVALUATED)
        try:
            scores = net.loss(images.X[batch])
        except nn.NonFiniteError:
            scores = np.full((1, 1), np.nan)
        if not np.isfinite(scores).all():
            return 1 / len(np.unique(images.y))
        right += np.sum(scores.argmax(axis=1) == images.y[batch])
    return float(right / len(images.y))
