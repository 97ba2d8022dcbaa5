"""How well small nets do after a short training: at a rate, by few parameters, under noise."""

import numpy as np

from normlab.experiments.small_nets import (
    accuracy,
    descend,
    images_of,
    random_batches,
    small_net,
    streams,
    widths_of,
)

DISABLED = 0.01  # a feature whose |gamma| is below this is switched off
_LAST = 10  # the final loss is the mean over the last of so many parts of a run


def at_rate(
    seed,
    normalization,
    learning_rate,
    activation,
    hidden_dims,
    num_train,
    batch_size,
    updates,
    data,
):
    """Train by plain gradient descent at one learning rate.

    Parameters
    ----------
    seed : int
    normalization : "none" | a name in NORMALIZATIONS
    learning_rate : float
    activation : "relu" | "sigmoid" | "tanh"
    hidden_dims : tuple of int
    num_train, batch_size, updates : int
    data : dict, as `Dataset.arrays` gives it

    Returns
    -------
    dict
        "loss", the mean over the last tenth of the run, infinite where it diverged; "val" and
        "test", the accuracies at the end, at chance where it diverged.
    """
    weights, batches, images, _ = streams(seed)
    train = images_of(data, "train", num_train, images)
    net = small_net(widths_of(data, hidden_dims), normalization, weights, activation)
    order = random_batches(batches, len(train.y), batch_size, updates)
    losses = descend(net, train, order, config={"learning_rate": learning_rate})
    end = losses[-max(updates // _LAST, 1) :].mean()
    return {"loss": end, **_accuracies(net, data, np.isfinite(end))}


def of_few_classes(
    seed, normalization, classes, learning_rate, hidden_dims, num_train, batch_size, updates, data
):
    """Train on minibatches with images of so many classes each, drawn anew for each minibatch.

    Returns
    -------
    dict
        "val" and "test", the accuracies at the end.
    """
    weights, batches, images, _ = streams(seed)
    train = images_of(data, "train", num_train, images)
    net = small_net(widths_of(data, hidden_dims), normalization, weights)
    order = batches_of_classes(batches, train.y, classes, batch_size, updates)
    losses = descend(net, train, order, config={"learning_rate": learning_rate})
    return _accuracies(net, data, np.isfinite(losses[-1]))


def batches_of_classes(rng, y, classes, size, updates):
    """Numbers of examples, (updates, size), with so many of the classes in each row."""
    members = [np.flatnonzero(y == label) for label in np.unique(y)]
    rows = []
    for _ in range(updates):
        chosen = rng.choice(len(members), min(classes, len(members)), replace=False)
        pool = np.concatenate([members[label] for label in chosen])
        rows.append(pool[rng.integers(0, len(pool), size)])
    return np.array(rows)


def part_trained(seed, part, learning_rate, hidden_dims, num_train, batch_size, updates, data):
    """Train a part of a net with batch norm by Adam; all else stays as it was drawn.

    Parameters
    ----------
    part : "norms" | "weights" | "all"
        All gammas and betas, as many weights drawn at random from all layers, or everything.
    others
        As of `at_rate`.

    Returns
    -------
    dict
        "val" and "test", the accuracies at the end; "trained", how many numbers were trained;
        "disabled", the share of features whose gamma is below DISABLED in size.
    """
    weights, batches, images, other = streams(seed)
    train = images_of(data, "train", num_train, images)
    net = small_net(widths_of(data, hidden_dims), "batchnorm", weights)
    masks = masks_of(net, part, other)
    order = random_batches(batches, len(train.y), batch_size, updates)
    descend(net, train, order, "adam", {"learning_rate": learning_rate}, masks)
    gammas = np.concatenate([net.params[name] for name in net.params if "gamma" in name])
    return {
        "trained": sum(int(mask.sum()) for mask in masks.values()),
        "disabled": np.mean(np.abs(gammas) < DISABLED),
        **_accuracies(net, data),
    }


def masks_of(net, part, rng):
    """Name of a parameter -> 1 where it is trained and 0 where it is frozen; see `part_trained`."""
    norms = [name for name in net.params if name.startswith(("gamma", "beta"))]
    if part != "weights":
        names = net.params if part == "all" else norms
        return {name: np.ones_like(net.params[name]) for name in names}
    number = sum(net.params[name].size for name in norms)
    shapes = {name: net.params[name].shape for name in net.weights()}
    sizes = [int(np.prod(shape)) for shape in shapes.values()]
    flat = np.zeros(sum(sizes), net.dtype)
    flat[rng.choice(len(flat), number, replace=False)] = 1
    parts = np.split(flat, np.cumsum(sizes)[:-1])
    return {
        name: own.reshape(shape) for (name, shape), own in zip(shapes.items(), parts, strict=True)
    }


def with_noise(
    seed, normalization, strength, learning_rate, hidden_dims, num_train, batch_size, updates, data
):
    """Train by plain gradient descent, with noise behind batch norm; see `NoisyNet`.

    Parameters
    ----------
    normalization : "none" | "batchnorm"
        Without it there is no noise.
    strength : float
        Of the noise; 0 means none.
    others
        As of `at_rate`.

    Returns
    -------
    dict
        "val" and "test", the accuracies at the end.
    """
    weights, batches, images, other = streams(seed)
    train = images_of(data, "train", num_train, images)
    net = small_net(widths_of(data, hidden_dims), normalization, weights)
    order = random_batches(batches, len(train.y), batch_size, updates)
    noisy = NoisyNet(net, strength, other)
    losses = descend(noisy, train, order, config={"learning_rate": learning_rate})
    return _accuracies(net, data, np.isfinite(losses[-1]))


class NoisyNet:
    """A net with batch norm whose normalized features are moved in training, at each update anew.

    Feature j, of all examples of the minibatch, becomes ``s_j y_j + m_j``. With a ``strength`` of
    1, s lies from 1 to 3/2 and m from -1/2 to 1/2, evenly; other strengths are in proportion. That
    is the net whose gamma is ``s gamma`` and whose beta is ``s beta + m``, so no layer has to be
    written for it.
    """

    def __init__(self, net, strength, rng):
        self.net, self.strength, self.rng, self.params = net, strength, rng, net.params

    def loss(self, X, y):
        """The loss of the noisy net, and its gradient with respect to the parameters."""
        noisy, stretches = dict(self.params), {}
        for name in [name for name in self.params if name.startswith("gamma")]:
            beta = name.replace("gamma", "beta")
            gamma, size = self.params[name], self.params[name].shape
            drawn = self.strength * self.rng.uniform(0, 0.5, size).astype(gamma.dtype)
            shift = self.strength * self.rng.uniform(-0.5, 0.5, size).astype(gamma.dtype)
            noisy |= {name: (1 + drawn) * gamma, beta: (1 + drawn) * self.params[beta] + shift}
            stretches |= {name: 1 + drawn, beta: 1 + drawn}
        self.net.params = noisy
        try:
            loss, grads = self.net.loss(X, y)
        finally:
            self.net.params = self.params
        return loss, grads | {name: stretch * grads[name] for name, stretch in stretches.items()}


def with_dropout(
    seed, normalization, keep, learning_rate, hidden_dims, num_train, batch_size, updates, data
):
    """Train by Adam, with dropout that keeps so much; 1 means without.

    Returns
    -------
    dict
        "train", "val" and "test", the accuracies at the end.
    """
    weights, batches, images, other = streams(seed)
    train = images_of(data, "train", num_train, images)
    net = small_net(widths_of(data, hidden_dims), normalization, weights, keep=keep, masks=other)
    order = random_batches(batches, len(train.y), batch_size, updates)
    descend(net, train, order, "adam", {"learning_rate": learning_rate})
    return {"train": accuracy(net, train), **_accuracies(net, data)}


def _accuracies(net, data, went_well=True):
    """On validation and test images; at chance for a run that diverged."""
    parts = {part: images_of(data, part) for part in ("val", "test")}
    return {
        part: accuracy(net, images) if went_well else 1 / len(np.unique(images.y))
        for part, images in parts.items()
    }
