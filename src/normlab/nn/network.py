"""A net is a list of layers, each with the names of its parameters."""

import copy
from typing import NamedTuple

import numpy as np

from normlab.nn import checks, door
from normlab.nn.layers.layer import Layer
from normlab.nn.layers.losses import softmax_loss
from normlab.nn.options import MODE


class Node(NamedTuple):
    """One layer of a net.

    ``names`` are those of its parameters in ``Network.params``, in the order of the layer's
    arguments; ``param`` is its param dict, if it takes one, and ``numbers`` stand in front of it.
    """

    layer: Layer
    names: tuple = ()
    param: dict | None = None
    numbers: tuple = ()

    def forward(self, x, params, mode):
        """Return the layer's output and cache."""
        args = [*(params[name] for name in self.names), *self.numbers]
        if self.layer.param:
            args.append(self._param_in(mode))
        return self.layer.forward(x, *args)

    def backward(self, dout, cache, grads, first=False):
        """Put the gradients of the parameters into ``grads``; return that of the input.

        The ``first`` node of a net may return None.
        """
        if first and self.layer.gradients_of_parameters:
            dx, own = None, self.layer.gradients_of_parameters(dout, cache)
        elif not self.names:
            return self.layer.backward(dout, cache)
        else:
            dx, *own = self.layer.backward(dout, cache)
        grads.update(zip(self.names, own, strict=True))
        return dx

    def weights(self):
        """The names of parameters that are drawn at random: those that a penalty is put on."""
        shapes = self.layer.parameters.values()
        return [n for n, shape in zip(self.names, shapes, strict=True) if shape.initial is None]

    def _param_in(self, mode):
        """The param dict; where a layer keeps running statistics in it, that very dict."""
        if self.layer.options.get("mode") is not MODE:
            return self.param
        if not self.layer.options.memory:
            return {**self.param, "mode": mode}
        self.param["mode"] = mode
        return self.param


class Residual(NamedTuple):
    """Layers that are added to their input: ``x + layers(x)``."""

    nodes: tuple

    def forward(self, x, params, mode):
        """Return the output and the caches of all nodes."""
        out, caches = _forward(self.nodes, x, params, mode)
        return x + out, caches

    def backward(self, dout, cache, grads, first=False):
        """As of a node; always returns the gradient."""
        dx, _ = _backward(self.nodes, dout, cache, grads)
        return dout + dx

    def weights(self):
        """As of a node."""
        return [name for node in self.nodes for name in node.weights()]


class NetCaches(NamedTuple):
    """The caches of a forward pass, one a node."""

    nodes: list


class Network:
    """Layers one after the other, and a loss.

    Parameters
    ----------
    nodes : list of Node | Residual
    params : dict
        Name -> array, of one dtype.
    reg : float
        Strength of the L2 penalty ``0.5 * reg * sum(W**2)`` on what is drawn at random.
    loss : function
        ``loss, dscores = loss(scores, y)``.

    Attributes
    ----------
    nodes, params, reg, dtype, loss_function
    bn_params : list of dict
        The param dicts of the normalizations.
    """

    def __init__(self, nodes, params, reg=0.0, loss=softmax_loss):
        self.nodes, self.params, self.loss_function = list(nodes), params, loss
        self.reg = checks.number(type(self).__name__, "reg", reg, at_least=0)
        self.dtype = next(iter(params.values())).dtype
        self.bn_params = [node.param for node in self.flat_nodes() if "eps" in node.layer.options]

    def loss(self, X, y=None):
        """Compute the scores in test mode, or with labels the loss and gradients in train mode.

        Parameters
        ----------
        X : array, (N, d_1, ..., d_k)
            Examples; cast to the dtype of the network.
        y : integer array, (N,), optional
            Labels from 0 to C - 1.

        Returns
        -------
        scores : array, (N, C)
            Without y.
        loss, grads : scalar, dict
            With y; grads has the keys and shapes of params. Running statistics move, and the
            generator of dropout is drawn from.
        """
        if y is None:
            scores, _ = self.forward(X, "test")
            return scores
        scores, caches = self.forward(X, "train")
        loss, dscores = self.loss_function(scores, y)
        grads, _ = self.backward(dscores, caches)
        if self.reg:
            loss = self.penalized(loss)
            for name in self.weights():
                grads[name] = grads[name] + self.reg * self.params[name]
        return loss, grads

    def penalized(self, loss):
        """Add the L2 penalty to a loss."""
        for name in self.weights():
            W = self.params[name]
            loss = loss + 0.5 * self.reg * np.sum(W * W)
        return loss

    def forward(self, X, mode):
        """Compute the scores.

        Parameters
        ----------
        X : array, (N, d_1, ..., d_k)
        mode : "train" | "test"
            In train mode running statistics move, and the generator of dropout is drawn from.

        Returns
        -------
        scores : array, (N, C)
        caches : NetCaches, for backward
        """
        where = type(self).__name__
        door.choice(f"{where}.forward", "mode", mode, MODE.names)
        door.float_arrays(where, X=X)
        if X.dtype.kind != "c":  # of a complex step
            X = X.astype(self.dtype, copy=False)
        scores, caches = _forward(self.nodes, X, self.params, mode)
        return scores, NetCaches(caches)

    def backward(self, dscores, caches):
        """Carry the gradient of the loss, without its L2 part, from the scores to the input.

        Parameters
        ----------
        dscores : array, (N, C)
        caches : NetCaches, of forward

        Returns
        -------
        grads : dict, with the keys and shapes of params
        douts : list of array
            The gradient with respect to the output of each node.
        """
        where = type(self).__name__
        door.cache(f"{where}.backward", caches, NetCaches, f"{where}.forward")
        grads = {}
        _, douts = _backward(self.nodes, dscores, caches.nodes, grads, first=True)
        return grads, douts

    def layer_signals(self, X, y):
        """Look at what flows through the hidden layers in train mode, and move nothing.

        Parameters
        ----------
        X : array, (N, d_1, ..., d_k)
        y : integer array, (N,)

        Returns
        -------
        signals : list of (activation, gradient), a pair of arrays (N, H) per hidden layer
            The output of relu (before dropout), and the gradient of the loss with respect to it.
            The L2 part of the loss does not depend on it.
        """
        net = copy.copy(self)
        net.nodes = copy.deepcopy(self.nodes)
        with checks.measuring_gradients():
            scores, caches = net.forward(X, "train")
        _, dscores = self.loss_function(scores, y)
        _, douts = net.backward(dscores, caches)
        return [
            (node.layer.forward(cache.x)[0], dout)
            for node, cache, dout in zip(net.nodes, caches.nodes, douts, strict=True)
            if node.layer.name == "relu"
        ]

    def flat_nodes(self):
        """All nodes, those in residual blocks too."""
        return list(_flat(self.nodes))

    def weights(self):
        """The names of the parameters that the L2 penalty is put on."""
        return [name for node in self.nodes for name in node.weights()]


def _flat(nodes):
    for node in nodes:
        if isinstance(node, Residual):
            yield from _flat(node.nodes)
        else:
            yield node


def _forward(nodes, x, params, mode):
    caches = []
    for node in nodes:
        x, cache = node.forward(x, params, mode)
        caches.append(cache)
    return x, caches


def _backward(nodes, dout, caches, grads, first=False):
    douts = []
    for node, cache in zip(reversed(nodes), reversed(caches), strict=True):
        douts.insert(0, dout)
        dout = node.backward(dout, cache, grads, first=first and node is nodes[0])
    return dout, douts
