"""Fully connected networks of any depth."""

import copy
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from normlab.nn import checks
from normlab.nn.affine import AffineCache, affine_backward, affine_forward
from normlab.nn.composites import (
    affine_norm_relu_backward,
    affine_norm_relu_forward,
    affine_relu_backward,
    affine_relu_forward,
)
from normlab.nn.dropout import dropout_backward, dropout_forward
from normlab.nn.losses import softmax_loss
from normlab.nn.normalization import NORMALIZATIONS
from normlab.nn.relu import relu_forward


class NetCaches(NamedTuple):
    """The caches of a forward pass: a list per kind of layer, from the input on."""

    blocks: list
    dropouts: list
    output: AffineCache


class FullyConnectedNet:
    """{affine - [norm] - relu - [dropout]} x (L - 1) - affine - softmax.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer; at least one.
    input_dim : int
        D, the number of entries of one example.
    num_classes : int
        C, the number of scores.
    dropout_keep_ratio : float
        Probability to keep a unit, 0 < p <= 1; 1 means no dropout.
    normalization : None | "batchnorm" | "layernorm"
    reg : float
        Strength of the L2 penalty ``0.5 * reg * sum(W**2)`` on the weights.
    weight_scale : float
        Standard deviation of the initial weights. Biases and beta start at 0, gamma at 1.
    dtype : np.float32 | np.float64
        Of parameters and arithmetic. Weights are drawn in float64 and then rounded.
    seed : int, optional
        Makes dropout draw the same mask every time, as a gradient check needs.
    rng : Generator | RandomState | int, optional
        Draws the weights, layer by layer, and without ``seed`` the dropout masks: a Generator
        from a child that it spawns, a RandomState from its own stream.

    Attributes
    ----------
    params : dict
        "W1", "b1", ... and with normalization "gamma1", "beta1", ... to arrays.
    bn_params : list of dict
        One per hidden layer, empty without normalization; holds the running statistics.
    num_layers : int
        L, hidden layers and the output layer.
    reg, dtype, normalization, use_dropout, dropout_param

    Source: CS231n assignment 2, FullyConnectedNets.ipynb.
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout_keep_ratio=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
        rng=None,
    ):
        where = "FullyConnectedNet"
        dims = [
            checks.count(where, "input_dim", input_dim),
            *checks.widths(where, "hidden_dims", hidden_dims),
            checks.count(where, "num_classes", num_classes),
        ]
        keep = checks.number(where, "dropout_keep_ratio", dropout_keep_ratio, above=0, at_most=1)
        if normalization is not None:
            checks.choice(where, "normalization", normalization, NORMALIZATIONS)
        self.dtype = checks.float_dtype(where, dtype)
        weight_scale = checks.number(
            where, "weight_scale", weight_scale, at_least=0, dtype=self.dtype
        )
        rng = checks.generator(where, rng)

        self.num_layers = len(dims) - 1
        self.normalization = normalization
        self.reg = checks.number(where, "reg", reg, at_least=0)

        self.params = {}
        self.bn_params = []
        for i, (fan_in, fan_out) in enumerate(pairwise(dims), start=1):
            weights = weight_scale * rng.standard_normal((fan_in, fan_out))
            self.params[f"W{i}"] = weights.astype(self.dtype)
            self.params[f"b{i}"] = np.zeros(fan_out, self.dtype)
            if normalization and i < self.num_layers:
                self.params[f"gamma{i}"] = np.ones(fan_out, self.dtype)
                self.params[f"beta{i}"] = np.zeros(fan_out, self.dtype)
                self.bn_params.append(self._norm_param(fan_out))

        self.use_dropout = keep != 1
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": keep}
            if seed is not None:
                self.dropout_param["seed"] = checks.seed(where, seed)
            else:
                is_generator = isinstance(rng, np.random.Generator)
                self.dropout_param["rng"] = rng.spawn(1)[0] if is_generator else rng

    def loss(self, X, y=None):
        """Compute the scores in test mode, or with labels the loss and gradients in train mode.

        Parameters
        ----------
        X : array, (N, d_1, ..., d_k)
            Examples of D entries each; cast to the dtype of the network.
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
        loss, dscores = softmax_loss(scores, y)
        grads, _ = self.backward(dscores, caches)
        if self.reg:
            for i in range(1, self.num_layers + 1):
                W = self.params[f"W{i}"]
                loss = loss + 0.5 * self.reg * np.sum(W * W)
                grads[f"W{i}"] = grads[f"W{i}"] + self.reg * W
        return loss, grads

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
        checks.choice("FullyConnectedNet.forward", "mode", mode, checks.MODES)
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode

        out = self._cast(X)
        blocks, dropouts = [], []
        for i in range(1, self.num_layers):
            out, cache = self._block_forward(i, out)
            blocks.append(cache)
            if self.use_dropout:
                out, cache = dropout_forward(out, {**self.dropout_param, "mode": mode})
                dropouts.append(cache)
        scores, output = affine_forward(out, *self._affine_params(self.num_layers))
        return scores, NetCaches(blocks, dropouts, output)

    def backward(self, dscores, caches):
        """Carry the gradient of the loss, without its L2 part, from the scores to the input.

        Parameters
        ----------
        dscores : array, (N, C)
        caches : NetCaches, of forward

        Returns
        -------
        grads : dict, with the keys and shapes of params
        signals : list of array, (N, H) per hidden layer
            The gradient with respect to the output of its relu.
        """
        checks.cache("FullyConnectedNet.backward", caches, NetCaches)
        grads, signals = {}, []
        last = self.num_layers
        dout, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dscores, caches.output)
        for i in range(last - 1, 0, -1):
            if self.use_dropout:
                dout = dropout_backward(dout, caches.dropouts[i - 1])
            signals.insert(0, dout)
            if self.normalization is None:
                dout, *block_grads = affine_relu_backward(dout, caches.blocks[i - 1])
            else:
                dout, *block_grads = affine_norm_relu_backward(dout, caches.blocks[i - 1])
            names = ("W", "b", "gamma", "beta")[: len(block_grads)]
            grads.update((f"{n}{i}", g) for n, g in zip(names, block_grads, strict=True))
        return grads, signals

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
        dropout_param = self.dropout_param
        self.dropout_param = copy.deepcopy(dropout_param)
        try:
            with checks.measuring_gradients():
                scores, caches = self.forward(X, "train")
        finally:
            self.dropout_param = dropout_param
        _, dscores = softmax_loss(scores, y)
        _, gradients = self.backward(dscores, caches)
        activations = [relu_forward(block.relu.x)[0] for block in caches.blocks]
        return list(zip(activations, gradients, strict=True))

    def _norm_param(self, width):
        """Return the dict that the normalization of one hidden layer starts with."""
        if self.normalization == "layernorm":
            return {}
        zeros = np.zeros(width, self.dtype)
        return {"mode": "train", "running_mean": zeros, "running_var": zeros.copy()}

    def _affine_params(self, i):
        return self.params[f"W{i}"], self.params[f"b{i}"]

    def _block_forward(self, i, x):
        """Compute affine - [norm] - relu of hidden layer i."""
        if self.normalization is None:
            return affine_relu_forward(x, *self._affine_params(i))
        gamma, beta = self.params[f"gamma{i}"], self.params[f"beta{i}"]
        norm_param = self.bn_params[i - 1]
        return affine_norm_relu_forward(
            x, *self._affine_params(i), gamma, beta, norm_param, self.normalization
        )

    def _cast(self, X):
        """Refuse input that does not fit the first layer, and cast the rest to the dtype."""
        checks.float_arrays("FullyConnectedNet", X=X)
        input_dim = self.params["W1"].shape[0]
        if X.ndim < 2 or X.size != len(X) * input_dim:
            raise ValueError(
                f"FullyConnectedNet: X has shape {X.shape}; expected N examples of {input_dim} "
                "entries each (input_dim)"
            )
        if X.dtype.kind == "c":  # complex step
            return X
        return X.astype(self.dtype, copy=False)
