from builtins import range
from builtins import object
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
    """{affine - [norm] - relu - [dropout]} x (L - 1) - affine - softmax"""

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
    ):
        self.normalization = normalization
        self.use_dropout = dropout_keep_ratio != 1
        self.reg = reg
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        self._init_params([input_dim, *hidden_dims, num_classes], weight_scale)

        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout_keep_ratio}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params = [self._fresh_norm_param(normalization) for _ in hidden_dims] if normalization else []

    @staticmethod
    def _fresh_norm_param(normalization):
        return {"mode": "train"} if normalization == "batchnorm" else {}

    @staticmethod
    def _gaussian(scale, shape, dtype):
        return np.random.normal(loc=0.0, scale=scale, size=shape).astype(dtype)

    def _init_params(self, sizes, weight_scale):
        for layer, (n_in, n_out) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
            self.params[f"W{layer}"] = self._gaussian(weight_scale, (n_in, n_out), self.dtype)
            self.params[f"b{layer}"] = np.zeros(n_out, dtype=self.dtype)
            if self.normalization and layer < self.num_layers:
                self.params[f"gamma{layer}"] = np.ones(n_out, dtype=self.dtype)
                self.params[f"beta{layer}"] = np.zeros(n_out, dtype=self.dtype)

    def _set_mode(self, mode):
        self.dropout_param["mode"] = mode
        for p in self.bn_params:
            p["mode"] = mode

    def _block_forward(self, x, layer):
        P = self.params
        caches = {}
        x, caches["affine"] = affine_forward(x, P[f"W{layer}"], P[f"b{layer}"])
        if layer == self.num_layers:
            return x, caches
        if self.normalization:
            norm = batchnorm_forward if self.normalization == "batchnorm" else layernorm_forward
            x, caches["norm"] = norm(x, P[f"gamma{layer}"], P[f"beta{layer}"], self.bn_params[layer - 1])
        x, caches["relu"] = relu_forward(x)
        if self.use_dropout:
            x, caches["dropout"] = dropout_forward(x, self.dropout_param)
        return x, caches

    def _block_backward(self, dx, layer, caches, grads):
        if "dropout" in caches:
            dx = dropout_backward(dx, caches["dropout"])
        if "relu" in caches:
            dx = relu_backward(dx, caches["relu"])
        if "norm" in caches:
            norm_back = batchnorm_backward if self.normalization == "batchnorm" else layernorm_backward
            dx, grads[f"gamma{layer}"], grads[f"beta{layer}"] = norm_back(dx, caches["norm"])
        dx, dW, grads[f"b{layer}"] = affine_backward(dx, caches["affine"])
        grads[f"W{layer}"] = dW + self.reg * self.params[f"W{layer}"]
        return dx

    def _penalty(self):
        return 0.5 * self.reg * sum(np.sum(v * v) for k, v in self.params.items() if k.startswith("W"))

    def loss(self, X, y=None):
        self._set_mode("test" if y is None else "train")
        x = X.astype(self.dtype)
        all_caches = []
        for layer in range(1, self.num_layers + 1):
            x, caches = self._block_forward(x, layer)
            all_caches.append(caches)
        if y is None:
            return x
        data_loss, dx = softmax_loss(x, y)
        grads = {}
        for layer in range(self.num_layers, 0, -1):
            dx = self._block_backward(dx, layer, all_caches[layer - 1], grads)
        return data_loss + self._penalty(), grads
