from builtins import range
from builtins import object
import numpy as np

try:
    import torch
    import torch.nn.functional as F_torch
    USE_GPU = torch.cuda.is_available()
except Exception:
    torch = None
    USE_GPU = False


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
        print("loss so far: ", loss)
        return loss, grads


class FullyConnectedNet(object):
    """{affine - [batch/layer norm] - relu - [dropout]} x (L - 1) - affine - softmax"""

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

        dims = [input_dim] + list(hidden_dims) + [num_classes]
        for i in range(self.num_layers):
            n = str(i + 1)
            fan_in, fan_out = dims[i], dims[i + 1]
            self.params["W" + n] = weight_scale * np.random.randn(fan_in, fan_out)
            self.params["b" + n] = np.zeros(fan_out)
            if self.normalization is not None and i < self.num_layers - 1:
                self.params["gamma" + n] = np.ones(fan_out)
                self.params["beta" + n] = np.zeros(fan_out)

        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout_keep_ratio}
            if seed is not None:
                self.dropout_param["seed"] = seed

        self.bn_params = []
        if self.normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for i in range(self.num_layers - 1)]
        if self.normalization == "layernorm":
            self.bn_params = [{} for i in range(self.num_layers - 1)]

        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)
            print(k, self.params[k].shape)

    def loss(self, X, y=None):
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"

        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode

        L = self.num_layers
        print("mode: %s, X: %s" % (mode, X.shape))
        caches = []
        h = X
        for i in range(1, L):
            W, b = self.params["W%d" % i], self.params["b%d" % i]
            h, fc_cache = affine_forward(h, W, b)
            norm_cache, drop_cache = None, None
            if self.normalization is not None:
                gamma, beta = self.params["gamma%d" % i], self.params["beta%d" % i]
                norm_param = self.bn_params[i - 1]
                if self.normalization == "batchnorm":
                    h, norm_cache = batchnorm_forward(h, gamma, beta, norm_param)
                else:
                    h, norm_cache = layernorm_forward(h, gamma, beta, norm_param)
            h, relu_cache = relu_forward(h)
            if self.use_dropout:
                h, drop_cache = dropout_forward(h, self.dropout_param)
            caches.append((fc_cache, norm_cache, relu_cache, drop_cache))
        scores, last_cache = affine_forward(h, self.params["W%d" % L], self.params["b%d" % L])

        if mode == "test":
            return scores

        loss, grads = 0.0, {}
        loss, dscores = softmax_loss(scores, y)
        for i in range(1, L + 1):
            loss += 0.5 * self.reg * np.sum(self.params["W%d" % i] ** 2)

        dh, dW, db = affine_backward(dscores, last_cache)
        grads["W%d" % L] = dW + self.reg * self.params["W%d" % L]
        grads["b%d" % L] = db
        for i in range(L - 1, 0, -1):
            fc_cache, norm_cache, relu_cache, drop_cache = caches[i - 1]
            if self.use_dropout:
                dh = dropout_backward(dh, drop_cache)
            dh = relu_backward(dh, relu_cache)
            if self.normalization == "batchnorm":
                dh, dgamma, dbeta = batchnorm_backward_alt(dh, norm_cache)
            elif self.normalization == "layernorm":
                dh, dgamma, dbeta = layernorm_backward(dh, norm_cache)
            if self.normalization is not None:
                grads["gamma%d" % i] = dgamma
                grads["beta%d" % i] = dbeta
            dh, dW, db = affine_backward(dh, fc_cache)
            grads["W%d" % i] = dW + self.reg * self.params["W%d" % i]
            grads["b%d" % i] = db

        return loss, grads
