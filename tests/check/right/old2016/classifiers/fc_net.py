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
  """
  {affine - [batch norm] - relu - [dropout]} x (L - 1) - affine - softmax
  """

  def __init__(self, hidden_dims, input_dim=3*32*32, num_classes=10,
               dropout=0, use_batchnorm=False, reg=0.0,
               weight_scale=1e-2, dtype=np.float32, seed=None):
    self.use_batchnorm = use_batchnorm
    self.use_dropout = dropout > 0
    self.reg = reg
    self.num_layers = 1 + len(hidden_dims)
    self.dtype = dtype
    self.params = {}

    layer_input_dim = input_dim
    for i, hd in enumerate(hidden_dims):
      self.params['W%d' % (i + 1)] = weight_scale * np.random.randn(layer_input_dim, hd)
      self.params['b%d' % (i + 1)] = weight_scale * np.zeros(hd)
      if self.use_batchnorm:
        self.params['gamma%d' % (i + 1)] = np.ones(hd)
        self.params['beta%d' % (i + 1)] = np.zeros(hd)
      layer_input_dim = hd
    self.params['W%d' % self.num_layers] = weight_scale * np.random.randn(layer_input_dim, num_classes)
    self.params['b%d' % self.num_layers] = weight_scale * np.zeros(num_classes)

    self.dropout_param = {}
    if self.use_dropout:
      self.dropout_param = {'mode': 'train', 'p': dropout}
      if seed is not None:
        self.dropout_param['seed'] = seed

    self.bn_params = []
    if self.use_batchnorm:
      self.bn_params = [{'mode': 'train'} for i in range(self.num_layers - 1)]

    for k, v in self.params.items():
      self.params[k] = v.astype(dtype)

  def loss(self, X, y=None):
    X = X.astype(self.dtype)
    mode = 'test' if y is None else 'train'

    if self.dropout_param is not None:
      self.dropout_param['mode'] = mode
    if self.use_batchnorm:
      for bn_param in self.bn_params:
        bn_param['mode'] = mode

    layer_input = X
    ar_cache = {}
    dp_cache = {}
    for lay in range(self.num_layers - 1):
      w, b = self.params['W%d' % (lay + 1)], self.params['b%d' % (lay + 1)]
      if self.use_batchnorm:
        gamma, beta = self.params['gamma%d' % (lay + 1)], self.params['beta%d' % (lay + 1)]
        layer_input, ar_cache[lay] = affine_bn_relu_forward(layer_input, w, b, gamma, beta, self.bn_params[lay])
      else:
        layer_input, ar_cache[lay] = affine_relu_forward(layer_input, w, b)
      if self.use_dropout:
        layer_input, dp_cache[lay] = dropout_forward(layer_input, self.dropout_param)
    scores, ar_cache[self.num_layers] = affine_forward(
        layer_input, self.params['W%d' % self.num_layers], self.params['b%d' % self.num_layers])

    if mode == 'test':
      return scores

    grads = {}
    loss, dscores = softmax_loss(scores, y)
    w_last = self.params['W%d' % self.num_layers]
    loss += 0.5 * self.reg * np.sum(w_last * w_last)
    dhout, dw, db = affine_backward(dscores, ar_cache[self.num_layers])
    grads['W%d' % self.num_layers] = dw + self.reg * w_last
    grads['b%d' % self.num_layers] = db
    for idx in range(self.num_layers - 1):
      lay = self.num_layers - 1 - idx - 1
      w = self.params['W%d' % (lay + 1)]
      loss = loss + 0.5 * self.reg * np.sum(w * w)
      if self.use_dropout:
        dhout = dropout_backward(dhout, dp_cache[lay])
      if self.use_batchnorm:
        dhout, dw, db, dgamma, dbeta = affine_bn_relu_backward(dhout, ar_cache[lay])
        grads['gamma%d' % (lay + 1)] = dgamma
        grads['beta%d' % (lay + 1)] = dbeta
      else:
        dhout, dw, db = affine_relu_backward(dhout, ar_cache[lay])
      grads['W%d' % (lay + 1)] = dw + self.reg * w
      grads['b%d' % (lay + 1)] = db

    return loss, grads
