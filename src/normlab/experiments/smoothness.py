"""What an update does to a net: to its loss, its gradients, its inputs and its directions."""

import numpy as np

from normlab import nn
from normlab.experiments.small_nets import (
    descend,
    images_of,
    random_batches,
    small_net,
    streams,
    widths_of,
)

STEPS = (0.5, 1.0, 2.0, 4.0)  # along the gradient, in learning rates
QUANTILES = (0.15, 0.5, 0.85)
_EVERY = 5  # updates from one look to the next
_WATCHED = 200  # images on which inputs of a layer are watched


def along_gradient(
    seed, normalization, learning_rate, hidden_dims, num_train, batch_size, updates, data
):
    """Look along the gradient at every fifth update of a net that plain gradient descent trains.

    Returns
    -------
    dict, means over the looks of
        "range", of the loss between the steps STEPS along the gradient, in nats; "change", the
        largest change of the gradient on them, for its size; "beta", the largest change of the
        gradient for the length of the step; "shift", how far the gradient of the weights of the
        last hidden layer changes where all layers below make their update, for its size, and
        "cosine" between the two (Santurkar et al. 2018, definition 2.1).
    """
    weights, batches, images, _ = streams(seed)
    train = images_of(data, "train", num_train, images)
    net = small_net(widths_of(data, hidden_dims), normalization, weights)
    order = random_batches(batches, len(train.y), batch_size, updates)
    looks = []

    def watch(update, batch):
        if update % _EVERY == 0:
            with nn.measuring_gradients():
                looks.append(_look(net, train.X[batch], train.y[batch], learning_rate))

    descend(net, train, order, config={"learning_rate": learning_rate}, watch=watch)
    return {name: np.mean([look[name] for look in looks]) for name in looks[0]}


def _look(net, X, y, rate):
    """See `along_gradient`, at the weights of now and for one minibatch."""
    params = net.params
    _, grads = net.loss(X, y)

    def moved(step, names):
        net.params = params | {name: params[name] - step * rate * grads[name] for name in names}
        loss, there = net.loss(X, y)
        net.params = params
        return loss, there

    gradient = _flat(grads)
    size = np.linalg.norm(gradient)
    losses, changes = [], []
    for step in STEPS:
        loss, there = moved(step, params)
        losses.append(loss)
        changes.append(np.linalg.norm(_flat(there) - gradient))
    number = max(map(_layer, params)) - 1
    _, after = moved(1, [name for name in params if _layer(name) < number])
    last = f"W{number}"
    own, own_after = grads[last].ravel(), after[last].ravel()
    sizes = np.linalg.norm(own), np.linalg.norm(own_after)
    return {
        "range": max(losses) - min(losses),
        "change": max(changes) / size,
        "beta": max(
            change / (step * rate * size) for step, change in zip(STEPS, changes, strict=True)
        ),
        "shift": np.linalg.norm(own_after - own) / sizes[0],
        "cosine": own @ own_after / (sizes[0] * sizes[1]),
    }


def _layer(name):
    """The number of the layer that a parameter belongs to: 3 of "gamma3"."""
    return int("".join(filter(str.isdigit, name)))


def _flat(grads):
    """All gradients as one vector, in float64."""
    return np.concatenate([grads[name].ravel() for name in sorted(grads)]).astype(np.float64)


def layer_inputs(
    seed, normalization, learning_rate, hidden_dims, num_train, batch_size, updates, data
):
    """Watch what enters the last sigmoid of a net while plain gradient descent trains it.

    Returns
    -------
    dict
        "quantiles", (looks, 3, units), the QUANTILES over a fixed set of validation images, which
        batch norm standardizes by their own statistics; a look every fiftieth of the run.
    """
    weights, batches, images, _ = streams(seed)
    train = images_of(data, "train", num_train, images)
    watched = images_of(data, "val").X[:_WATCHED]
    net = small_net(widths_of(data, hidden_dims), normalization, weights, "sigmoid")
    order = random_batches(batches, len(train.y), batch_size, updates)
    looks, every = [], max(updates // 50, 1)

    def watch(update, _):
        if update % every == 0:
            with nn.measuring_gradients():
                _, caches = net.forward(watched, "train")
            looks.append(np.quantile(caches.nodes[-2].x, QUANTILES, axis=0))

    descend(net, train, order, config={"learning_rate": learning_rate}, watch=watch)
    return {"quantiles": np.array(looks)}


def rotation(seed, learning_rate, decay, hidden_dims, num_train, batch_size, updates, data):
    """How far AdamW turns the weights of a unit with batch norm at each update.

    Half of the labels are drawn at random, so that the gradient never dies away. The weights of
    the second layer are watched in the second half of the run.

    Returns
    -------
    dict
        "ratio", the root mean square angle, over updates and units, to that which is predicted,
        see `predicted_angle`; "spread", the standard deviation over units of their own root mean
        square angle, for its mean.
    """
    weights, batches, images, labels = streams(seed)
    train = images_of(data, "train", num_train, images)
    random = labels.random(len(train.y)) < 0.5
    train = train._replace(y=np.where(random, labels.permutation(train.y), train.y))
    net = small_net(widths_of(data, hidden_dims), "batchnorm", weights)
    order = random_batches(batches, len(train.y), batch_size, updates)
    last, squares = None, []

    def watch(update, _):
        nonlocal last
        for name in net.weights():  # the decay of AdamW, which stands apart from its step
            net.params[name] = net.params[name] * net.dtype.type(1 - learning_rate * decay)
        if update >= updates // 2:
            now = net.params["W2"] / np.linalg.norm(net.params["W2"], axis=0)
            if last is not None:
                squares.append(((now - last) ** 2).sum(axis=0))
            last = now

    descend(net, train, order, "adam", {"learning_rate": learning_rate}, watch=watch)
    angles = np.sqrt(np.mean(squares, axis=0, dtype=np.float64))
    total = np.sqrt(np.mean(squares, dtype=np.float64))
    return {
        "ratio": total / predicted_angle(learning_rate, decay),
        "spread": angles.std() / angles.mean(),
    }


def predicted_angle(learning_rate, decay, beta1=0.9):
    """The angle of a step of AdamW in equilibrium, sqrt(2 lr decay (1 - b1) / (1 + b1)).

    A step moves each weight by the learning rate times a mean of signs of random gradients, whose
    mean square is (1 - b1) / (1 + b1). Decay takes away as much length as all steps together add
    where the mean square of a weight is lr / (2 decay); the angle is the ratio of the two.

    Source: Kosson et al. 2024 (arXiv:2305.17212).
    """
    return np.sqrt(2 * learning_rate * decay * (1 - beta1) / (1 + beta1))
