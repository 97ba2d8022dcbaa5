from builtins import object
import numpy as np

from ..layers import *
from ..layer_utils import *


class ThreeLayerConvNet(object):
    """conv - relu - 2x2 max pool - affine - relu - affine - softmax"""

    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=32,
        filter_size=7,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        dtype=np.float32,
    ):
        self.params = {}
        self.reg = reg
        self.dtype = dtype

        C, H, W = input_dim
        pooled = num_filters * (H // 2) * (W // 2)
        self.params["W1"] = np.random.normal(
            scale=weight_scale, size=(num_filters, C, filter_size, filter_size)
        )
        self.params["b1"] = np.zeros(num_filters)
        self.params["W2"] = np.random.normal(scale=weight_scale, size=(pooled, hidden_dim))
        self.params["b2"] = np.zeros(hidden_dim)
        self.params["W3"] = np.random.normal(scale=weight_scale, size=(hidden_dim, num_classes))
        self.params["b3"] = np.zeros(num_classes)

        for k, v in self.params.items():
            self.params[k] = v.astype(dtype)

    def loss(self, X, y=None):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        W3, b3 = self.params["W3"], self.params["b3"]

        # keep the spatial size through the convolution
        filter_size = W1.shape[2]
        conv_param = {"stride": 1, "pad": (filter_size - 1) // 2}
        pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}

        stages = [
            (conv_relu_pool_forward, conv_relu_pool_backward, (W1, b1, conv_param, pool_param)),
            (affine_relu_forward, affine_relu_backward, (W2, b2)),
            (affine_forward, affine_backward, (W3, b3)),
        ]
        tape = []
        scores = X
        for forward, backward, args in stages:
            scores, cache = forward(scores, *args)
            tape.append((backward, cache))

        if y is None:
            return scores

        loss, d = softmax_loss(scores, y)
        grads = {}
        for i, (backward, cache) in reversed(list(enumerate(tape, 1))):
            W = self.params["W%d" % i]
            d, dW, grads["b%d" % i] = backward(d, cache)
            grads["W%d" % i] = dW + self.reg * W
            loss += 0.5 * self.reg * np.sum(W * W)

        return loss, grads
