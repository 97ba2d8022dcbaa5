from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

from ..layers import *
from ..layer_utils import *


class TwoLayerNet(object):
    """affine - relu - affine - softmax"""

    def __init__(
        self,
        input_dim=3 * 32 * 32,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
    ):
        self.params = {}
        self.reg = reg
        self.params["W1"] = np.random.normal(0, weight_scale, (input_dim, hidden_dim))
        self.params["b1"] = np.zeros(hidden_dim)
        self.params["W2"] = np.random.normal(0, weight_scale, (hidden_dim, num_classes))
        self.params["b2"] = np.zeros(num_classes)

    def loss(self, X, y=None):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]

        hidden, hidden_cache = affine_relu_forward(X, W1, b1)
        scores, out_cache = affine_forward(hidden, W2, b2)

        if y is None:
            return scores

        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1 ** 2) + np.sum(W2 ** 2))

        grads = {}
        dhidden, grads["W2"], grads["b2"] = affine_backward(dscores, out_cache)
        _, grads["W1"], grads["b1"] = affine_relu_backward(dhidden, hidden_cache)
        grads["W1"] += self.reg * W1
        grads["W2"] += self.reg * W2
        return loss, grads


class FullyConnectedNet(object):
    num_layers: int
    params: Dict[str, np.ndarray]

    def __init__(
        self,
        hidden_dims: Sequence[int],
        input_dim: int = 3 * 32 * 32,
        num_classes: int = 10,
        dropout_keep_ratio: float = 1,
        normalization: Optional[str] = None,
        reg: float = 0.0,
        weight_scale: float = 1e-2,
        dtype: type = np.float32,
        seed: Optional[int] = None,
    ) -> None:
        self.normalization = normalization
        self.use_dropout = dropout_keep_ratio != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype

        sizes: List[int] = [input_dim, *hidden_dims, num_classes]
        pairs = list(enumerate(zip(sizes, sizes[1:]), 1))
        self.params = {f"W{i}": np.random.normal(0.0, weight_scale, pair) for i, pair in pairs}
        self.params.update({f"b{i}": np.zeros(pair[1]) for i, pair in pairs})
        if normalization is not None:
            self.params.update({f"gamma{i}": np.ones(pair[1]) for i, pair in pairs[:-1]})
            self.params.update({f"beta{i}": np.zeros(pair[1]) for i, pair in pairs[:-1]})
        self.params = {k: v.astype(dtype) for k, v in self.params.items()}

        self.dropout_param: Dict[str, object] = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout_keep_ratio}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params: List[dict] = []
        if normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for _ in hidden_dims]
        elif normalization == "layernorm":
            self.bn_params = [{} for _ in hidden_dims]

    def loss(
        self, X: np.ndarray, y: Optional[np.ndarray] = None
    ) -> Union[np.ndarray, Tuple[float, Dict[str, np.ndarray]]]:
        mode = "train" if y is not None else "test"
        for param in [self.dropout_param] * self.use_dropout + self.bn_params:
            param["mode"] = mode

        out: np.ndarray = X.astype(self.dtype)
        cache: Dict[str, object] = {}
        for i in range(1, self.num_layers):
            out, cache[f"affine{i}"] = affine_forward(out, self.params[f"W{i}"], self.params[f"b{i}"])
            if self.normalization == "batchnorm":
                out, cache[f"norm{i}"] = batchnorm_forward(
                    out, self.params[f"gamma{i}"], self.params[f"beta{i}"], self.bn_params[i - 1]
                )
            elif self.normalization == "layernorm":
                out, cache[f"norm{i}"] = layernorm_forward(
                    out, self.params[f"gamma{i}"], self.params[f"beta{i}"], self.bn_params[i - 1]
                )
            out, cache[f"relu{i}"] = relu_forward(out)
            if self.use_dropout:
                out, cache[f"drop{i}"] = dropout_forward(out, self.dropout_param)
        last = self.num_layers
        scores, cache[f"affine{last}"] = affine_forward(out, self.params[f"W{last}"], self.params[f"b{last}"])

        if mode == "test":
            return scores

        loss, d = softmax_loss(scores, y)
        loss += self.reg / 2 * sum(np.square(self.params[f"W{i}"]).sum() for i in range(1, last + 1))

        grads: Dict[str, np.ndarray] = {}
        for i in range(last, 0, -1):
            if i < last:
                if self.use_dropout:
                    d = dropout_backward(d, cache[f"drop{i}"])
                d = relu_backward(d, cache[f"relu{i}"])
                if self.normalization == "batchnorm":
                    d, grads[f"gamma{i}"], grads[f"beta{i}"] = batchnorm_backward_alt(d, cache[f"norm{i}"])
                elif self.normalization == "layernorm":
                    d, grads[f"gamma{i}"], grads[f"beta{i}"] = layernorm_backward(d, cache[f"norm{i}"])
            d, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(d, cache[f"affine{i}"])
            grads[f"W{i}"] = grads[f"W{i}"] + self.reg * self.params[f"W{i}"]
        return loss, grads
