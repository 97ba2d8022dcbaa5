"""Mistakes in nets and in the Solver: file, old text, new text, what is wrong, words of the cause."""

FC, CNN, SOLVER, UTILS = (
    "classifiers/fc_net.py",
    "classifiers/cnn.py",
    "solver.py",
    "layer_utils.py",
)
NET, CONV = "FullyConnectedNet", "ThreeLayerConvNet"
BATCH, LAYER = "batchnorm_forward(h, gamma, beta, norm_param)", "self.normalization is not None:\n"

PLANTED = [
    # the penalty
    (FC, "loss += 0.5 * self.reg * np.sum(self", "loss += self.reg * np.sum(self", NET,
     "a penalty without the factor 0.5"),
    (FC, "loss += 0.5 * self.reg * np.sum(self", "loss += 0 * np.sum(self", NET,
     "a loss without the penalty"),
    (FC, "for i in range(1, L + 1):\n            loss", "for i in range(1, L):\n            loss", NET,
     "a penalty that leaves out W4"),
    (FC, "for i in range(1, L + 1):\n            loss += 0.5 * self.reg * np.sum(self.params[\"W%d\" % i] ** 2)",
     "for w in self.params.values():\n            loss += 0.5 * self.reg * np.sum(w ** 2)", NET,
     "a penalty on biases"),
    (FC, 'for i in range(1, L + 1):\n            loss += 0.5 * self.reg * np.sum(self.params["W%d" % i] ** 2)',
     'for k in self.params:\n          if k[0] in "Wg":\n            loss += 0.5 * self.reg * np.sum(self.params[k] ** 2)', NET,
     "a penalty on gamma"),
    (FC, 'dW + self.reg * self.params["W%d" % L]', "dW", NET, "a gradient without that of the penalty"),
    (FC, 'dW + self.reg * self.params["W%d" % i]', 'dW + 2 * self.reg * self.params["W%d" % i]', NET, "a factor 2"),
    (FC, 'grads["gamma%d" % i] = dgamma', 'grads["gamma%d" % i] = dgamma + self.reg * self.params["gamma%d" % i]', NET,
     "on what has no penalty"),
    (FC, "np.sum(W1 ** 2) + np.sum(W2 ** 2)", "np.sum(W1 ** 2)", "TwoLayerNet", "a penalty on W1 alone"),
    (FC, 'grads["W1"] += self.reg * W1', 'grads["W1"] += 0.5 * self.reg * W1', "TwoLayerNet", "a factor 0.5"),
    # layers
    (FC, "self.normalization is not None:\n                gamma", "False:\n                gamma", NET, None),
    (FC, 'h, norm_cache = batchnorm_forward', '_, norm_cache = batchnorm_forward', NET, "never applied"),
    (FC, "h, norm_cache = layernorm_forward", "_, norm_cache = layernorm_forward", NET, "never applied"),
    (FC, 'h, relu_cache = relu_forward(h)', "_, relu_cache = relu_forward(h)", NET, "relus that are missing"),
    (FC, "scores, last_cache = affine_forward", "scores, last_cache = affine_relu_forward", NET, None),
    (FC, "hidden, hidden_cache = affine_relu_forward", "hidden, hidden_cache = affine_forward", "TwoLayerNet", None),
    # modes and memory
    (FC, 'mode = "test" if y is None else "train"', 'mode = "train"\n        real = "test" if y is None else "train"', NET, None),
    (FC, 'bn_param["mode"] = mode', 'bn_param["mode"] = "train"', NET, "batch statistics in a test"),
    (FC, 'bn_param["mode"] = mode', 'bn_param["mode"] = "test"', NET, None),
    (FC, "norm_param = self.bn_params[i - 1]", "norm_param = dict(self.bn_params[i - 1])", NET, "did not move"),
    (FC, "norm_param = self.bn_params[i - 1]", "norm_param = self.bn_params[0]", NET, None),
    # dropout
    (FC, 'self.dropout_param["mode"] = mode', 'self.dropout_param["mode"] = "train"', NET, "dropout in a test"),
    (FC, "h, drop_cache = dropout_forward(h, self.dropout_param)", "_, drop_cache = dropout_forward(h, self.dropout_param)", NET, None),
    (FC, "            if self.use_dropout:\n                h, drop", "            if self.use_dropout and i == 1:\n                h, drop", NET, None),
    (FC, "dh = dropout_backward(dh, drop_cache)", "pass", NET, "or with none"),
    (FC, "        if mode == \"test\":\n            return scores\n",
     "        if self.use_dropout:\n            scores, _ = dropout_forward(scores, self.dropout_param)\n        if mode == \"test\":\n            return scores\n", NET, None),
    # parameters
    (FC, "weight_scale * np.random.randn(fan_in", "weight_scale ** 2 * np.random.randn(fan_in", NET, None),
    (FC, "weight_scale * np.random.randn(fan_in, fan_out)", "np.zeros((fan_in, fan_out))", NET, None),
    (FC, 'self.params["gamma" + n] = np.ones', 'self.params["gamma" + n] = np.zeros', NET, None),
    (FC, 'self.params["b" + n] = np.zeros', 'self.params["b" + n] = np.ones', NET, None),
    (FC, 'self.params["beta" + n]', 'self.params["Beta" + n]', NET, None),
    (FC, "i < self.num_layers - 1:\n", "True:\n", NET, None),
    (FC, "self.params[k] = v.astype(dtype)", "self.params[k] = v.astype(np.float32)", NET, None),
    (FC, 'np.random.normal(0, weight_scale, (input_dim', "np.random.normal(0, 1, (input_dim", "TwoLayerNet", None),
    (FC, 'grads["b%d" % i] = db\n\n', 'grads["b%d" % i] = 0 * db\n\n', NET, "a forgotten gradient"),
    # convolution
    (CNN, '"pad": (filter_size - 1) // 2', '"pad": 1', CONV, None),
    (CNN, "(H // 2) * (W // 2)", "(H // 2) * (H // 2)", CONV, None),
    (CNN, "+ np.sum(W3 ** 2)", "", CONV, "leaves out W3"),
    (CNN, 'dW1 + self.reg * W1', "dW1", CONV, "a gradient without that of the penalty"),
    (CNN, 'grads["b1"] = dW1 + self.reg * W1, db1', 'grads["b1"] = dW1 + self.reg * W1, db1 * 2', CONV, "added twice"),
    (CNN, "h2, cache2 = affine_relu_forward(h1, W2, b2)", "h2, cache2 = affine_forward(h1, W2, b2)", CONV, None),
    (CNN, "loss += 0.5 * self.reg", "loss += self.reg", CONV, "without the factor 0.5"),
    (CNN, "if y is None:\n            return scores", "if y is None:\n            return np.maximum(scores, 0)", CONV, None),
    (CNN, "num_filters, C, filter_size, filter_size", "num_filters, filter_size, filter_size, C", CONV, None),
    # layer_utils
    (UTILS, "da = relu_backward(dout, relu_cache)\n    dx, dw, db", "da = dout\n    dx, dw, db", "affine_relu_backward", "relu"),
    (UTILS, "da = relu_backward(dout, relu_cache)\n    return conv", "da = dout\n    return conv", "conv_relu_backward", None),
    # the Solver
    (SOLVER, '"learning_rate"] *= self.lr_decay', '"learning_rate"] *= 1', "Solver", "never decays"),
    (SOLVER, "            if epoch_end:\n                self.epoch += 1\n", "            if True:\n                self.epoch += 1\n", "Solver", "after every update"),
    (SOLVER, "d = {k: v for k, v in self.optim_config.items()}", "d = self.optim_config", "Solver", "one config"),
    (SOLVER, "y_batch = self.y_train[batch_mask]", "y_batch = self.y_train[np.random.choice(num_train, self.batch_size)]", "Solver", "two masks"),
    (SOLVER, "batch_mask = np.random.choice(num_train, self.batch_size)", "batch_mask = np.arange(self.batch_size)", "Solver", None),
    (SOLVER, "self.model.params = self.best_params", "pass", "Solver", "best_params"),
    (SOLVER, "self.model.params[p] = next_w", "pass", "Solver", None),
    (SOLVER, "self.optim_configs[p] = next_config", "self.optim_configs[p] = dict(config, velocity=0 * w)", "Solver", None),
    (SOLVER, "val_acc > self.best_val_acc", "val_acc < self.best_val_acc or not self.best_params", "Solver", "best_params"),
    (SOLVER, "return np.mean(y_pred == y)", "return np.mean(y_pred != y)", "Solver", None),
    (SOLVER, "num_iterations = self.num_epochs * iterations_per_epoch", "num_iterations = self.num_epochs * iterations_per_epoch - 1", "Solver", None),
    (SOLVER, "self.X_val, self.y_val, num", "self.X_train, self.y_train, num", "Solver", None),
]  # fmt: skip
