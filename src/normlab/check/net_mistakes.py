"""Usual mistakes in nets, as nets of the library's layers that have them."""

import copy

import numpy as np

from normlab import nn

_OF_PENALTY = "the gradient of the penalty; that of 0.5 * reg * W**2 is reg * W"


def wrong_nets(model):
    """Pairs of words and a function (X, y) -> loss, for a net as it was before the call."""
    yield from _penalties(model)
    norms = [node for node in model.nodes if "eps" in node.layer.options]
    if norms:
        yield (
            "normalization that is never applied",
            _loss(model, lambda nodes: _without(nodes, norms)),
        )
        for number, norm in enumerate(norms, start=1):
            words = f"normalization that is missing in layer {number}"
            yield words, _loss(model, lambda nodes, norm=norm: _without(nodes, [norm]))
        yield "normalization after the relu; it comes in front", _loss(model, _norm_after_relu)
        yield "running statistics in training; pass mode 'train' on", _in_test_mode(model)
    relus = [node for node in model.nodes if node.layer.name == "relu"]
    yield "relus that are missing", _loss(model, lambda nodes: _without(nodes, relus))
    for number, relu in enumerate(relus, start=1):
        words = f"a relu that is missing in layer {number}"
        yield words, _loss(model, lambda nodes, relu=relu: _without(nodes, [relu]))
    yield "a relu after the last layer, too", _loss(model, lambda nodes: [*nodes, relus[0]])
    pools = [node for node in model.nodes if node.layer.name.startswith("max_pool")]
    if pools:
        yield "a convolution without padding that keeps the size", _loss(model, _unpadded)


def _penalties(model):
    """Of the loss without a penalty, with others than that of the weights."""
    if not model.reg:
        return

    def data_loss(X, y):
        net = copy.deepcopy(model)
        net.reg = 0.0
        return net.loss(X, y)[0]

    def penalty(names, half=0.5):
        return sum(half * model.reg * np.sum(model.params[name] ** 2) for name in names)

    weights = model.weights()
    yield "a loss without the penalty", data_loss
    yield "a penalty without the factor 0.5", lambda X, y: data_loss(X, y) + penalty(weights, 1.0)
    for more in (("b",), ("gamma",), ("gamma", "beta"), ("b", "gamma", "beta")):
        words = " and ".join("biases" if name == "b" else name for name in more)
        names = [*weights, *(name for name in model.params if name.rstrip("0123456789") in more)]
        yield (
            f"a penalty on {words}; it is on the weights W alone",
            lambda X, y, names=names: data_loss(X, y) + penalty(names),
        )
    for left in weights:
        names = [name for name in weights if name != left]
        yield (
            f"a penalty that leaves out {left}",
            lambda X, y, names=names: data_loss(X, y) + penalty(names),
        )
        yield (
            f"a penalty on {left} alone",
            lambda X, y, left=left: data_loss(X, y) + penalty([left]),
        )
    yield "a penalty that is divided by N", lambda X, y: data_loss(X, y) + penalty(weights) / len(X)
    yield (
        "a penalty of the norm that is not squared",
        lambda X, y: (
            data_loss(X, y)
            + sum(0.5 * model.reg * np.linalg.norm(model.params[name]) for name in weights)
        ),
    )


def gradient_mistakes(key, value, right, model, same):
    """Words for a wrong gradient of one parameter, where the loss is right; None without any."""
    w, reg = model.params[key], model.reg
    ways = {
        "a forgotten gradient": np.zeros_like(right),
        "the wrong sign": -right,
        "a gradient that is not averaged over the minibatch, or added twice": 2 * right,
    }
    if reg and key in model.weights():
        data = right - reg * w
        ways = {
            "a gradient without that of the penalty": data,
            f"a factor 2 in {_OF_PENALTY}": data + 2 * reg * w,
            f"a factor 0.5 in {_OF_PENALTY}": data + 0.5 * reg * w,
            "a gradient of the penalty of the other sign": data - reg * w,
            "a gradient of the penalty alone": reg * w,
            "a gradient of the penalty without reg": data + w,
        } | ways  # fmt: skip
    elif reg:
        ways = {"a penalty's gradient on what has no penalty": right + reg * w} | ways
    return next((words for words, wrong in ways.items() if same(value, wrong)), None)


def _loss(model, change):
    """The loss of a net with other nodes."""

    def loss_of(X, y):
        net = copy.deepcopy(model)
        net.nodes = copy.deepcopy(change(model.nodes))
        return net.loss(X, y)[0]

    return loss_of


def _without(nodes, left):
    return [node for node in nodes if not any(node is other for other in left)]


def _norm_after_relu(nodes):
    order = list(nodes)
    for i, node in enumerate(nodes[:-1]):
        if "eps" in node.layer.options:
            order[i], order[i + 1] = order[i + 1], order[i]
    return order


def _unpadded(nodes):
    return [
        node._replace(param=node.param | {"pad": 0}) if node.layer.name.startswith("conv") else node
        for node in nodes
    ]


def _in_test_mode(model):
    def loss_of(X, y):
        scores, _ = copy.deepcopy(model).forward(X, "test")
        return model.penalized(nn.softmax_loss(scores, y)[0])

    return loss_of
