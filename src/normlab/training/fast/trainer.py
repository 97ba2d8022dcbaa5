"""Update steps for a group of nets, each with minibatches of its own."""

from itertools import pairwise

import numpy as np

from normlab.training.fast.arrays import aligned_zeros
from normlab.training.fast.blocks import BatchNormBlock, Block, Dropout, LayerNormBlock
from normlab.training.fast.output import SoftmaxOutput
from normlab.training.fast.parameters import FlatParameters
from normlab.training.fast.updates import RULES

MOMENTUM = 0.9


class FastTrainer:
    """Train K nets that differ in nothing but their weights, side by side.

    Parameters
    ----------
    models : list of nn.FullyConnectedNet
        K nets as they were made: of one shape, normalization, dropout, reg and dtype. Their
        params and running statistics become views of the arrays that `step` updates, so that a
        model can be evaluated at any time.
    X : array, (N, ...), of the dtype of the nets
    y : integer array, (N,)
    update_rule : "sgd" | "sgd_momentum" | "rmsprop" | "adam"
    learning_rate : float
    batch_size : int
        B; with batch normalization 2 or more.
    rngs : list of Generator
        One a net; draws its minibatches, the same ones as nn.Solver would.

    What happens to a net does not depend on which others are in the group, to the last bit.
    """

    def __init__(self, models, X, y, update_rule, learning_rate, batch_size, rngs):
        model = models[0]
        self.rngs, self.y, self.reg = rngs, y, model.reg
        self.X = np.ascontiguousarray(X, model.dtype).reshape(len(X), -1)
        self.nets, self.batch, self.dtype = len(models), batch_size, model.dtype
        hidden = range(1, model.num_layers)
        inert = [f"b{i}" for i in hidden] if model.normalization == "batchnorm" else []
        self.params = FlatParameters(models, inert)
        self.x = aligned_zeros((self.nets, batch_size, self.X.shape[1]), self.dtype)
        widths = [model.params[f"W{i}"].shape[1] for i in hidden]
        self._make_blocks(model.normalization, widths)
        self._share_statistics(models)
        self.dropouts = [
            Dropout(models, (self.nets, batch_size, width), self.dtype)
            for width in widths
            if model.use_dropout
        ]
        classes = model.params[f"b{model.num_layers}"].size
        self.output = SoftmaxOutput(
            *self.params.of_layer(model.num_layers), (self.nets, batch_size, classes), self.dtype
        )
        self.rule = RULES[update_rule](self.params.flat.size, self.dtype, learning_rate)
        self._make_chunks()

    def step(self):
        """Draw a minibatch for each net and update its parameters.

        Returns
        -------
        losses : array, (K,)
            NaN or infinite where a net has diverged; it goes on with such numbers, and the
            others are not touched by it.
        """
        self.rule.begin()
        labels = self._draw()
        losses = self.output.loss(self._forward(), labels)
        if self.variances.size:  # an infinite variance would pass for an output of zero
            losses += 0 * np.maximum.reduce(self.variances, axis=1)
        self._backward()
        if self.reg:
            losses += self._add_penalty()
        self._update()
        return losses

    def _draw(self):
        """Fill ``x`` with a minibatch a net; return the labels, (K * B,)."""
        drawn = [rng.integers(0, len(self.X), size=self.batch) for rng in self.rngs]
        rows = np.concatenate(drawn)
        # mode="clip" lets take write to out at once; no row is out of range
        np.take(self.X, rows, axis=0, out=self.x.reshape(len(rows), -1), mode="clip")
        return self.y[rows]

    def _forward(self):
        """Compute the output of the last hidden layer; move the running statistics."""
        out = self.x
        for i, block in enumerate(self.blocks):
            out = block.forward(out)
            if self.dropouts:
                self.dropouts[i].draw()
                self.dropouts[i].drop(out)
        if self.running.size:
            np.multiply(self.running, MOMENTUM, out=self.running)
            np.add(self.running, (1 - MOMENTUM) * self.statistics, out=self.running)
        return out

    def _backward(self):
        """Write all gradients but that of the first weights, and the gradient at their product."""
        inputs = [block.dout for block in self.blocks]
        self.output.backward(self.rule.gradient_scale, inputs[-1])
        for i in reversed(range(len(self.blocks))):
            if self.dropouts:
                self.dropouts[i].drop(inputs[i])
            self.blocks[i].backward(inputs[i - 1] if i else None)

    def _add_penalty(self):
        """Add the gradient of ``0.5 * reg * sum(W**2)`` but for the first; return its value."""
        penalty = np.einsum("kij,kij->k", self.params.first, self.params.first)
        factor = self.reg * self.rule.gradient_scale
        for layer in (*self.blocks[1:], self.output):
            W = layer.params["W"]
            layer.grads["W"] += factor * W
            penalty += np.einsum("kij,kij->k", W, W)
        return 0.5 * self.reg * penalty

    def _update(self):
        """Update all parameters, a chunk at a time."""
        factor, update = self.reg * self.rule.gradient_scale, self.rule.apply
        for x_columns, dout, gradient, chunk in self.chunks_of_first:
            np.matmul(x_columns, dout, out=gradient)
            if self.reg:
                w, dw, scratch, *_ = chunk
                dw += np.multiply(w, factor, out=scratch)
            update(*chunk)
        for chunk in self.chunks_of_rest:
            update(*chunk)

    def _make_blocks(self, normalization, widths):
        """Make the hidden layers, and the arrays of their statistics, end to end.

        ``statistics`` and ``running`` are (2, K, sum of widths) for mean and variance of batch
        normalization; ``variances`` is (K, sum over layers), whatever the normalization.
        """
        nets, batch, dtype = self.nets, self.batch, self.dtype
        sizes = {"batchnorm": widths, "layernorm": [batch] * len(widths)}.get(normalization, [])
        ends = np.cumsum([0, *sizes])
        self.spans = [slice(*pair) for pair in pairwise(ends)]
        self.statistics = aligned_zeros((2, nets, ends[-1]), dtype)
        self.variances = self.statistics[1]
        self.running = np.zeros_like(self.statistics if normalization == "batchnorm" else ())
        self.blocks = []
        for i, width in enumerate(widths):
            arguments = (*self.params.of_layer(i + 1), (nets, batch, width), dtype)
            if normalization == "batchnorm":
                mean, var = self.statistics[:, :, None, self.spans[i]]
                block = BatchNormBlock(*arguments, mean, var)
            elif normalization == "layernorm":
                block = LayerNormBlock(*arguments, self.variances[:, self.spans[i], None])
            else:
                block = Block(*arguments)
            self.blocks.append(block)

    def _share_statistics(self, models):
        """Let the running statistics of the models be views of ``running``."""
        if self.running.size:
            for k, model in enumerate(models):
                for bn_param, span in zip(model.bn_params, self.spans, strict=True):
                    for row, name in enumerate(("running_mean", "running_var")):
                        view = self.running[row, k, span]
                        view[:] = bn_param[name]
                        bn_param[name] = view

    def _make_chunks(self):
        """List what `_update` goes through: arguments of the rule, a tuple a chunk."""
        first, rest = list(self.params.chunks_of_first()), list(self.params.chunks_of_rest())
        longest = max(part.stop - part.start for *_, part in (*first, *rest))
        scratch = aligned_zeros(longest, self.dtype)

        def chunk(gradient, part):
            arrays = (self.params.flat, *self.rule.memory)
            w, *memory = (array[part] for array in arrays)
            return w, gradient.ravel(), scratch[: gradient.size], *memory

        self.chunks_of_first = [
            (self.x[k, :, rows].T, self.blocks[0].dout[k], gradient, chunk(gradient, part))
            for k, rows, gradient, part in first
        ]
        self.chunks_of_rest = [chunk(gradient, part) for gradient, part in rest]
