"""Bad input: one line that starts with the function, names the value and says the way out."""

from types import SimpleNamespace

import numpy as np
import pytest

from normlab import nn
from normlab.nn import NonFiniteError
from tests.nn import images_rows

X, W, B = np.ones((2, 3)), np.ones((3, 4)), np.ones(4)
GAMMA, BETA, Y = np.ones(3), np.zeros(3), np.array([0, 2])
TRAIN, TEST = {"mode": "train"}, {"mode": "test"}
NAN, INF = np.array([[0.0, 1.0, 2.0], [1.0, np.nan, 0.0]]), np.array([[0.0, np.inf, 1.0]] * 2)
SINGLE = np.float32


def affine_cache():
    return nn.affine_forward(X, W, B)[1]


def bn(x=X, gamma=GAMMA, beta=BETA, mode="train", **more):
    return nn.batchnorm_forward(x, gamma, beta, {"mode": mode, **more})


def ln(x=X, gamma=GAMMA, beta=BETA, **ln_param):
    return nn.layernorm_forward(x, gamma, beta, ln_param)


def drop(x=X, **dropout_param):
    return nn.dropout_forward(x, dropout_param)


def anr(**more):
    args = {"x": X, "w": W, "b": B, "gamma": B, "beta": B, "norm_param": dict(TRAIN), **more}
    return nn.affine_norm_relu_forward(**args)


def net(hidden_dims=(3,), **more):
    return nn.FullyConnectedNet(
        hidden_dims, **{"input_dim": 3, "num_classes": 3, "dtype": np.float64, "rng": 0, **more}
    )


def data(**more):
    return {"X_train": X, "y_train": Y, "X_val": X, "y_val": Y, **more}


def solver(model=None, data=data(), **more):  # noqa: B008
    return nn.Solver(model or net(), data, **{"verbose": False, **more})


def measuring(f, **arguments):
    with nn.measuring_gradients():
        return f(**arguments)


def without(d, key):
    return {k: v for k, v in d.items() if k != key}


def read_only():
    x = X.copy()
    x.flags.writeable = False
    return x


AFFINE = [
    (TypeError, "affine_forward: x is of type list; pass np.asarray(x",
     lambda: nn.affine_forward([[1.0]], W, B)),
    (TypeError, "affine_forward: x has dtype int64; pass x.astype(np.float32)",
     lambda: nn.affine_forward(X.astype(np.int64), W, B)),
    (TypeError, "affine_forward: w has dtype bool",
     lambda: nn.affine_forward(X, W > 0, B)),
    (TypeError, "affine_forward: x has dtype complex128",
     lambda: nn.affine_forward(X.astype(complex), W, B)),
    (TypeError, "affine_forward: x has dtype float16",
     lambda: nn.affine_forward(X.astype(np.float16), W, B)),
    (TypeError, "affine_forward: b has dtype object",
     lambda: nn.affine_forward(X, W, B.astype(object))),
    (TypeError, "affine_forward: x is of type MaskedArray",
     lambda: nn.affine_forward(np.ma.masked_array(X), W, B)),
    (TypeError, "affine_forward: x is float64 but w is float32; pass w.astype(float64)",
     lambda: nn.affine_forward(X, W.astype(SINGLE), B)),
    (ValueError, "affine_forward: x is empty, its shape is (0, 3); pass at least one example",
     lambda: nn.affine_forward(X[:0], W, B)),
    (ValueError, "affine_forward: x flattens to (2, 3) but w is (4, 3); expected w.shape[0] == 3",
     lambda: nn.affine_forward(X, W.T, B)),
    (ValueError, "affine_forward: x has shape (3,); expected (N, d_1, ...)",
     lambda: nn.affine_forward(GAMMA, W, B)),
    (ValueError, "affine_forward: w has shape (4,); expected (D, M)",
     lambda: nn.affine_forward(X, B, B)),
    (ValueError, "affine_forward: b has shape (3,); expected (4,), as w is (3, 4)",
     lambda: nn.affine_forward(X, W, GAMMA)),
    (ValueError, "affine_backward: dout has shape (2, 3); expected (2, 4), the shape of the output",
     lambda: nn.affine_backward(X, affine_cache())),
    (TypeError, "affine_backward: dout is float32 but the forward pass was float64; pass dout.asty",
     lambda: nn.affine_backward(np.ones((2, 4), SINGLE), affine_cache())),
    (TypeError, "affine_backward: cache is of type tuple; expected the AffineCache that affine_for",
     lambda: nn.affine_backward(np.ones((2, 4)), (X, W, B))),
]  # fmt: skip

RELU_AND_DROPOUT = [
    (TypeError, "relu_forward: x is of type float; pass np.asarray(x",
     lambda: nn.relu_forward(1.0)),
    (ValueError, "relu_forward: x is a number, its shape is (); pass x[None]",
     lambda: nn.relu_forward(np.array(1.0))),
    (TypeError, "relu_forward: x is of type matrix; pass np.asarray(x",
     lambda: nn.relu_forward(X.view(np.matrix))),
    (TypeError, "relu_backward: cache is of type AffineCache; expected the ReluCache",
     lambda: nn.relu_backward(X, affine_cache())),
    (ValueError, "relu_backward: dout has shape (3, 4); expected (2, 3)",
     lambda: nn.relu_backward(W, nn.relu_forward(X)[1])),
    (ValueError, "dropout_forward: p is 0; expected a finite number > 0 and <= 1",
     lambda: drop(mode="train", p=0, seed=0)),
    (ValueError, "dropout_forward: p is 1.5; expected",
     lambda: drop(mode="test", p=1.5)),
    (ValueError, "dropout_forward: p is -0.1; expected",
     lambda: drop(mode="train", p=-0.1, seed=0)),
    (ValueError, "dropout_forward: p is nan; expected",
     lambda: drop(mode="train", p=float("nan"), seed=0)),
    (ValueError, "dropout_forward: p is 1e-50, too small for float32; pass a larger number",
     lambda: nn.dropout_forward(X.astype(SINGLE), {"mode": "train", "p": 1e-50, "seed": 0})),
    (ValueError, "dropout_forward: x is a number, its shape is (); pass x[None]",
     lambda: drop(np.array(1.0), mode="test", p=0.5)),
    (TypeError, "dropout_forward: p is '0.5'; expected a number",
     lambda: drop(mode="train", p="0.5", seed=0)),
    (ValueError, "dropout_forward: dropout_param has neither 'seed' nor 'rng'",
     lambda: drop(mode="train", p=0.5)),
    (ValueError, "dropout_forward: dropout_param has both 'seed' and 'rng'; pass one",
     lambda: drop(mode="train", p=0.5, seed=0, rng=np.random.default_rng(0))),
    (ValueError, "dropout_forward: unknown mode 'training'; did you mean 'train'?",
     lambda: drop(mode="training", p=0.5, seed=0)),
    (ValueError, "dropout_forward: dropout_param has no 'mode'; add it",
     lambda: drop(p=0.5)),
    (ValueError, "dropout_forward: dropout_param has no 'p'; add it",
     lambda: drop(mode="train")),
    (ValueError, "dropout_forward: unknown key of dropout_param 'sed'; did you mean 'seed'?",
     lambda: drop(mode="train", p=0.5, sed=0)),
    (ValueError, "dropout_forward: seed is -1; expected at least 0",
     lambda: drop(mode="train", p=0.5, seed=-1)),
    (TypeError, "dropout_forward: rng is 'abc'; pass a seed, np.random.default_rng(seed)",
     lambda: drop(mode="train", p=0.5, rng="abc")),
    (TypeError, "dropout_backward: cache is of type NoneType; expected the DropoutCache",
     lambda: nn.dropout_backward(X, None)),
    (ValueError, "dropout_backward: dout has shape (3, 4); expected (2, 3)",
     lambda: nn.dropout_backward(W, drop(mode="test", p=0.5)[1])),
]  # fmt: skip

LOSSES = [
    (ValueError, "softmax_loss: x has shape (4,); expected (N, C)",
     lambda: nn.softmax_loss(B, Y)),
    (TypeError, "softmax_loss: y has dtype float64; labels are integers, pass y.astype(int)",
     lambda: nn.softmax_loss(X, Y.astype(float))),
    (TypeError, "softmax_loss: y is of type list; pass np.asarray(y)",
     lambda: nn.softmax_loss(X, [0, 1])),
    (TypeError, "svm_loss: y is of type MaskedArray; pass np.asarray(y)",
     lambda: nn.svm_loss(X, np.ma.masked_array(Y))),
    (ValueError, "softmax_loss: y has shape (3,); expected (2,), one label per example of x",
     lambda: nn.softmax_loss(X, np.array([0, 1, 2]))),
    (ValueError, "softmax_loss: y has shape (2, 1); expected (2,)",
     lambda: nn.softmax_loss(X, Y[:, None])),
    (ValueError, "softmax_loss: y[1] is 3; expected labels from 0 to 2",
     lambda: nn.softmax_loss(X, np.array([0, 3]))),
    (ValueError, "svm_loss: y[0] is -1; expected labels from 0 to 2",
     lambda: nn.svm_loss(X, np.array([-1, 0]))),
    (NonFiniteError, "softmax_loss: x[1, 1] is nan; lower the learning rate",
     lambda: nn.softmax_loss(NAN, Y)),
    (NonFiniteError, "svm_loss: x[0, 1] is inf; lower the learning rate",
     lambda: nn.svm_loss(INF, Y)),
    (ValueError, "svm_loss: x is empty, its shape is (0, 3)",
     lambda: nn.svm_loss(X[:0], Y[:0])),
]  # fmt: skip

NORMALIZATIONS = [
    (ValueError, "batchnorm_forward: x has shape (1, 3); one example has no variance, pass N >= 2",
     lambda: bn(X[:1])),
    (ValueError, "batchnorm_forward: x has shape (3,); expected (N, D)",
     lambda: bn(GAMMA)),
    (ValueError, "batchnorm_forward: x has shape (2, 3, 1, 1); expected (N, D)",
     lambda: bn(X[:, :, None, None])),
    (ValueError, "batchnorm_forward: gamma has shape (4,); expected (3,), as x is (2, 3)",
     lambda: bn(gamma=B)),
    (ValueError, "batchnorm_forward: beta has shape (1,); expected (3,)",
     lambda: bn(beta=np.ones(1))),
    (TypeError, "batchnorm_forward: x is float32 but gamma is float64; pass gamma.astype(float32)",
     lambda: bn(X.astype(SINGLE))),
    (TypeError, "batchnorm_forward: x has dtype int64",
     lambda: bn(X.astype(np.int64))),
    (ValueError, "batchnorm_forward: eps is 0; expected a finite number > 0",
     lambda: bn(eps=0)),
    (ValueError, "batchnorm_forward: eps is inf; expected",
     lambda: bn(eps=float("inf"))),
    (ValueError, "batchnorm_forward: momentum is -0.5; expected a finite number >= 0 and <= 1",
     lambda: bn(momentum=-0.5)),
    (ValueError, "batchnorm_forward: momentum is 2; expected",
     lambda: bn(momentum=2)),
    (ValueError, "batchnorm_forward: unknown mode 'trian'; did you mean 'train'?",
     lambda: bn(mode="trian")),
    (ValueError, "batchnorm_forward: unknown key of bn_param 'mod'; did you mean 'mode'?",
     lambda: nn.batchnorm_forward(X, GAMMA, BETA, {"mod": "train"})),
    (ValueError, "batchnorm_forward: bn_param has no 'mode'; add it",
     lambda: nn.batchnorm_forward(X, GAMMA, BETA, {})),
    (TypeError, "batchnorm_forward: bn_param is of type NoneType; expected a dict",
     lambda: nn.batchnorm_forward(X, GAMMA, BETA, None)),
    (ValueError, "batchnorm_forward: running_mean has shape (4,); expected (3,)",
     lambda: bn(running_mean=B)),
    (TypeError, "batchnorm_forward: x is float64 but running_var is float32",
     lambda: bn(running_var=np.ones(3, SINGLE))),
    (ValueError, "batchnorm_forward: running_var has an entry -1.0; expected numbers >= 0",
     lambda: bn(mode="test", running_var=-GAMMA)),
    *((NonFiniteError, f"batchnorm_forward: {name}[1] is {bad}; look for the step that made it, or",
       lambda mode=mode, name=name, bad=bad: bn(mode=mode, **{name: np.array([1, bad, 1])}))
      for mode in ("train", "test") for name in ("running_mean", "running_var")
      for bad in (np.nan, np.inf, -np.inf)),
    (TypeError, "batchnorm_forward: running_mean has dtype complex128",
     lambda: bn(mode="test", running_mean=GAMMA.astype(complex))),
    (TypeError, "batchnorm_forward: running_var is complex, but nothing moves it; pass running_var",
     lambda: measuring(bn, mode="test", running_var=GAMMA.astype(complex))),
    (TypeError, "batchnorm_forward: running_mean has dtype int64",
     lambda: bn(mode="test", running_mean=GAMMA.astype(int))),
    (TypeError, "batchnorm_forward: running_var is of type MaskedArray",
     lambda: bn(mode="test", running_var=np.ma.masked_array(GAMMA, [1, 0, 0]))),
    (ValueError, "batchnorm_forward: running_mean has shape (1, 3); expected (3,)",
     lambda: bn(mode="test", running_mean=GAMMA[None])),
    (ValueError, "batchnorm_forward: running_var is a number, its shape is (); pass running_var[No",
     lambda: bn(mode="test", running_var=np.array(1.0))),
    *((ValueError, f"{name}_forward: eps is {bad}, too {size} for float32; pass a",
       lambda name=name, bad=bad: getattr(nn, f"{name}_forward")(
           X.astype(SINGLE), *2 * [GAMMA.astype(SINGLE)], {"mode": "test", "eps": bad}))
      for name in ("batchnorm", "layernorm") for bad, size in ((1e-50, "small"), (1e39, "large"))),
    (NonFiniteError, "batchnorm_forward: x[1, 1] is nan; look for",
     lambda: bn(NAN)),
    (NonFiniteError, "batchnorm_forward: x[0, 1] is inf; look for",
     lambda: bn(INF)),
    (NonFiniteError, "batchnorm_forward: the variance of x is beyond float32; scale x down",
     lambda: bn(np.array([[1e30], [0]], SINGLE), np.ones(1, SINGLE), np.ones(1, SINGLE))),
    (TypeError, "batchnorm_backward: cache is of type LayerNormCache; expected the BatchNormCache",
     lambda: nn.batchnorm_backward(X, ln()[1])),
    (ValueError, "batchnorm_backward: dout has shape (3, 4); expected (2, 3)",
     lambda: nn.batchnorm_backward(W, bn()[1])),
    (TypeError, "batchnorm_backward_alt: cache is of type tuple; expected the BatchNormCache that",
     lambda: nn.batchnorm_backward_alt(X, ())),
    (TypeError, "batchnorm_backward_alt: dout is float32 but the forward pass was float64",
     lambda: nn.batchnorm_backward_alt(X.astype(SINGLE), bn()[1])),
    (ValueError, "layernorm_forward: unknown key of ln_param 'epsilon'; did you mean 'eps'?",
     lambda: ln(epsilon=1e-5)),
    (ValueError, "layernorm_forward: eps is -1e-05; expected a finite number > 0",
     lambda: ln(eps=-1e-5)),
    (ValueError, "layernorm_forward: x has shape (3,); expected (N, D)",
     lambda: ln(GAMMA)),
    (NonFiniteError, "layernorm_forward: x[1, 1] is nan; look for",
     lambda: ln(NAN)),
    (TypeError, "layernorm_backward: cache is of type BatchNormCache; expected the LayerNormCache",
     lambda: nn.layernorm_backward(X, bn()[1])),
    (ValueError, "layernorm_backward: dout has shape (3, 4); expected (2, 3)",
     lambda: nn.layernorm_backward(W, ln()[1])),
]  # fmt: skip

COMPOSITES = [
    (ValueError, "affine_forward: x flattens to (2, 3) but w is (4, 3)",
     lambda: nn.affine_relu_forward(X, W.T, GAMMA)),
    (TypeError, "affine_relu_backward: cache is of type AffineCache; expected the AffineReluCache "
     "that affine_relu_forward returns",
     lambda: nn.affine_relu_backward(X, affine_cache())),
    (ValueError, "affine_norm_relu_forward: unknown normalization 'bachnorm'; did you mean 'batchn",
     lambda: anr(normalization="bachnorm")),
    (ValueError, "affine_norm_relu_forward: unknown normalization None",
     lambda: anr(normalization=None)),
    (ValueError, "batchnorm_forward: gamma has shape (3,); expected (4,)",
     lambda: anr(gamma=GAMMA)),
    (TypeError, "affine_norm_relu_backward: cache is of type list; expected the AffineNormReluC"
     "ache that affine_norm_relu_forward returns",
     lambda: nn.affine_norm_relu_backward(X, [])),
]  # fmt: skip

OPTIMIZERS = [
    (ValueError, "sgd: learning_rate is nan; expected a finite number >= 0",
     lambda: nn.sgd(X, X, {"learning_rate": float("nan")})),
    (ValueError, "adam: learning_rate is inf; expected a finite number >= 0",
     lambda: nn.adam(X, X, {"learning_rate": np.inf})),
    (ValueError, "rmsprop: learning_rate is -0.1; expected a finite number >= 0",
     lambda: nn.rmsprop(X, X, {"learning_rate": -0.1})),
    (ValueError, "sgd: learning_rate is of type int; expected a finite number >= 0",
     lambda: nn.sgd(X, X, {"learning_rate": 10**400})),
    (TypeError, "sgd: learning_rate is True; expected a number",
     lambda: nn.sgd(X, X, {"learning_rate": True})),
    (ValueError, "sgd: unknown key of config 'learning_rat'; did you mean 'learning_rate'?",
     lambda: nn.sgd(X, X, {"learning_rat": 1})),
    (ValueError, "sgd: dw has shape (3, 4); expected (2, 3), the shape of w",
     lambda: nn.sgd(X, W)),
    (TypeError, "sgd: w is float64 but dw is float32",
     lambda: nn.sgd(X, X.astype(SINGLE))),
    (TypeError, "sgd: config is of type float; expected a dict",
     lambda: nn.sgd(X, X, 0.1)),
    (ValueError, "sgd_momentum: momentum is -0.9; expected a finite number >= 0 and <= 1",
     lambda: nn.sgd_momentum(X, X, {"momentum": -0.9})),
    (ValueError, "sgd_momentum: velocity has shape (3, 4); expected (2, 3)",
     lambda: nn.sgd_momentum(X, X, {"velocity": W})),
    (ValueError, "rmsprop: decay_rate is 1.1; expected a finite number >= 0 and <= 1",
     lambda: nn.rmsprop(X, X, {"decay_rate": 1.1})),
    (ValueError, "rmsprop: epsilon is 0; expected a finite number > 0",
     lambda: nn.rmsprop(X, X, {"epsilon": 0})),
    (ValueError, "rmsprop: epsilon is 1e-50, too small for float32; pass a larger number",
     lambda: nn.rmsprop(X.astype(SINGLE), X.astype(SINGLE), {"epsilon": 1e-50})),
    (ValueError, "rmsprop: cache has an entry -1.0; expected numbers >= 0",
     lambda: nn.rmsprop(X, X, {"cache": -X})),
    (ValueError, "adam: v has an entry -1.0; expected numbers >= 0",
     lambda: nn.adam(X, X, {"v": -X})),
    (ValueError, "adam: t is of type int; expected at most 9223372036854775807",
     lambda: nn.adam(X, X, {"t": 10**400})),
    (ValueError, "adam: w is a number, its shape is (); pass w[None]",
     lambda: nn.adam(np.array(1.0), np.array(1.0))),
    (ValueError, "adam: beta1 is 1; expected a finite number >= 0 and < 1",
     lambda: nn.adam(X, X, {"beta1": 1})),
    (TypeError, "adam: t is 0.5; expected a whole number",
     lambda: nn.adam(X, X, {"t": 0.5})),
    (TypeError, "adam: w is of type list; pass np.asarray(w",
     lambda: nn.adam([1.0], X)),
]  # fmt: skip

NETWORKS = [
    (ValueError, "FullyConnectedNet: hidden_dims is empty; pass at least one width",
     lambda: net([])),
    (TypeError, "FullyConnectedNet: hidden_dims is 100; expected a list of widths",
     lambda: net(100)),
    (ValueError, "FullyConnectedNet: hidden_dims[1] is 0; expected at least 1",
     lambda: net([3, 0])),
    (TypeError, "FullyConnectedNet: hidden_dims[0] is 2.5; expected a whole number",
     lambda: net([2.5])),
    (ValueError, "FullyConnectedNet: unknown normalization 'layer_norm'; did you mean 'layernorm'?",
     lambda: net(normalization="layer_norm")),
    (ValueError, "FullyConnectedNet: dropout_keep_ratio is 0; expected a finite number > 0",
     lambda: net(dropout_keep_ratio=0)),
    (ValueError, "FullyConnectedNet: reg is -1; expected a finite number >= 0",
     lambda: net(reg=-1)),
    (ValueError, "FullyConnectedNet: hidden_dims[0] is 100000000000000000000; expected at most 922",
     lambda: net([10**20])),
    (ValueError, "FullyConnectedNet: weight_scale is 1e-50, too small for float32; pass a larger",
     lambda: net(weight_scale=1e-50, dtype=SINGLE)),
    (ValueError, "FullyConnectedNet: weight_scale is nan; expected",
     lambda: net(weight_scale=np.nan)),
    (TypeError, "FullyConnectedNet: dtype is 'int32'; expected np.float32 or np.float64",
     lambda: net(dtype="int32")),
    (TypeError, "FullyConnectedNet: dtype is 'single float'; expected np.float32 or np.float64",
     lambda: net(dtype="single float")),
    (TypeError, "FullyConnectedNet: rng is 'seed'; pass a seed",
     lambda: net(rng="seed")),
    (ValueError, "FullyConnectedNet: seed is -3; expected at least 0",
     lambda: net(dropout_keep_ratio=0.5, seed=-3)),
    (ValueError, "FullyConnectedNet: X has shape (3, 4); expected N examples of 3 entries each",
     lambda: net().loss(W, Y)),
    (TypeError, "FullyConnectedNet: X has dtype uint8; pass X.astype(np.float32)",
     lambda: net().loss(X.astype(np.uint8), Y)),
    (ValueError, "FullyConnectedNet: X is empty, its shape is (0, 3)",
     lambda: net().loss(X[:0])),
    (ValueError, "softmax_loss: y[1] is 9; expected labels from 0 to 2",
     lambda: net().loss(X, np.array([0, 9]))),
    (ValueError, "Network: reg is -1; expected a finite number >= 0",
     lambda: nn.Network(net().nodes, net().params, reg=-1)),
    (ValueError, "FullyConnectedNet.forward: unknown mode 'eval'",
     lambda: net().forward(X, "eval")),
    (TypeError, "FullyConnectedNet.backward: cache is of type tuple; expected the NetCaches that F",
     lambda: net().backward(X, ())),
    (ValueError, "restore_snapshot: W1 is float64(3, 3) in the snapshot but float64(3, 5)",
     lambda: nn.restore_snapshot(net([5]), nn.take_snapshot(net()))),
    (TypeError, "restore_snapshot: snapshot is of type dict; pass what take_sn",
     lambda: nn.restore_snapshot(net(), {})),
    (TypeError, "take_snapshot: model of type SimpleNamespace has no dict params; pass a model",
     lambda: nn.take_snapshot(SimpleNamespace())),
]  # fmt: skip

SOLVERS = [
    (ValueError, "Solver: unknown update_rule 'adams'; did you mean 'adam'?",
     lambda: solver(update_rule="adams")),
    (ValueError, "Solver: data has no 'y_val'; expected X_train, y_train, X_val, y_val",
     lambda: solver(data=without(data(), "y_val"))),
    (TypeError, "Solver: data is of type NoneType; expected a dict",
     lambda: solver(data=None)),
    (ValueError, "Solver: X_train is empty, its shape is (0, 3)",
     lambda: solver(data=data(X_train=X[:0], y_train=Y[:0]))),
    (ValueError, "Solver: X_val has shape (3,); expected (N, d_1, ...)",
     lambda: solver(data=data(X_val=GAMMA))),
    (ValueError, "Solver: y_train has shape (1,); expected (2,), one label per example of X_train",
     lambda: solver(data=data(y_train=Y[:1]))),
    (TypeError, "Solver: y_val has dtype float64; labels are integers, pass y_val.astype(int)",
     lambda: solver(data=data(y_val=Y / 1))),
    (TypeError, "Solver: model of type SimpleNamespace has no params; pass a model",
     lambda: solver(SimpleNamespace())),
    (ValueError, "adam: unknown key of config 'lr'",
     lambda: solver(update_rule="adam", optim_config={"lr": 1e-3})),
    (ValueError, "sgd: learning_rate is nan; expected a finite number >= 0",
     lambda: solver(optim_config={"learning_rate": np.nan})),
    (TypeError, "sgd: config is of type float; expected a dict",
     lambda: solver(optim_config=1e-3)),
    (ValueError, "Solver: unknown parameter in own_configs 'W9'",
     lambda: solver(own_configs={"W9": {}})),
    (ValueError, "sgd: learning_rate is -1; expected a finite number >= 0",
     lambda: solver(own_configs={"W1": {"learning_rate": -1}})),
    (ValueError, "Solver: batch_size is 0; expected at least 1",
     lambda: solver(batch_size=0)),
    (TypeError, "Solver: num_epochs is 1.5; expected a whole number",
     lambda: solver(num_epochs=1.5)),
    (ValueError, "Solver: lr_decay is 0; expected a finite number > 0",
     lambda: solver(lr_decay=0)),
    (ValueError, "Solver: num_train_samples is 0; expected at least 1",
     lambda: solver(num_train_samples=0)),
    (TypeError, "Solver: rng is 'seed'; pass a seed",
     lambda: solver(rng="seed")),
    (ValueError, "Solver: checkpoint_name is 'no/such/run' but there is no folder 'no/such'; make",
     lambda: solver(checkpoint_name="no/such/run")),
    (ValueError, "Solver.check_accuracy: y has shape (1,); expected (2,)",
     lambda: solver().check_accuracy(X, Y[:1])),
    (ValueError, "Solver.check_accuracy: batch_size is -1; expected at least 1",
     lambda: solver().check_accuracy(X, Y, batch_size=-1)),
    (NonFiniteError, "Solver: training diverged at iteration 1 with learning rate 0.01; lower it",
     lambda: solver(data=data(X_train=NAN)).train()),
]  # fmt: skip

GRADIENTS = [
    (TypeError, "eval_numerical_gradient: x is float32, where rounding hides h; use float64",
     lambda: nn.eval_numerical_gradient(np.sum, X.astype(SINGLE))),
    (TypeError, "eval_numerical_gradient: f returned float32, whose rounding hides h; use float64",
     lambda: nn.eval_numerical_gradient(lambda x: SINGLE(1), X.copy())),
    (TypeError, "eval_numerical_gradient: f returned float16, whose rounding hides h; use float64",
     lambda: nn.eval_numerical_gradient(lambda x: np.float16(1), X.copy())),
    (TypeError, "eval_numerical_gradient: f returned complex128; expected float64",
     lambda: nn.eval_numerical_gradient(lambda x: 1j, X.copy())),
    (TypeError, "eval_numerical_gradient_array: f returned bool; expected float64",
     lambda: nn.eval_numerical_gradient_array(lambda x: x > 0, X.copy(), X)),
    *((ValueError, f"eval_numerical_gradient: x[0, 1] is {x}, whose rounding hides h = {h}; pass a",
       lambda x=x, h=h: nn.eval_numerical_gradient(np.sum, np.array([[0.0, x]]), h=h))
      for x, h in ((1e20, 1e-5), (-3e11, 1e-5), (1e10, 1e-5), (1.0, 1e-17), (1.0, 1e-15))),
    (ValueError, "eval_numerical_gradient: x is 1e+20, whose rounding hides h = 1e-05; pass a larg",
     lambda: nn.eval_numerical_gradient(np.sum, np.array(1e20))),
    (NonFiniteError, "eval_numerical_gradient_array: x[1, 1] is nan; measure where x is finite",
     lambda: nn.eval_numerical_gradient_array(np.sin, NAN.copy(), X)),
    (ValueError, "complex_step_gradient: h is 1e-300; expected a step from 1e-200 to 1e+100",
     lambda: nn.complex_step_gradient(np.sum, X, h=1e-300)),
    (TypeError, "eval_numerical_gradient: x is of type list; pass np.asarray(x",
     lambda: nn.eval_numerical_gradient(np.sum, [1.0])),
    (ValueError, "eval_numerical_gradient: x is read-only, but its entries are moved; pass x.copy",
     lambda: nn.eval_numerical_gradient(np.sum, read_only())),
    (ValueError, "eval_numerical_gradient: h is 0; expected a finite number > 0",
     lambda: nn.eval_numerical_gradient(np.sum, X.copy(), h=0)),
    (ValueError, "eval_numerical_gradient: f returned an array of shape (2, 3); expected a scalar",
     lambda: nn.eval_numerical_gradient(np.sin, X.copy())),
    (TypeError, "eval_numerical_gradient: f is of type NoneType; pass a function of x",
     lambda: nn.eval_numerical_gradient(None, X.copy())),
    (ValueError, "eval_numerical_gradient_array: df has shape (3,); expected (2, 3), the shape of",
     lambda: nn.eval_numerical_gradient_array(np.sin, X.copy(), GAMMA)),
    (ValueError, "complex_step_gradient: f returned float64, not complex; f must compute with its",
     lambda: nn.complex_step_gradient(lambda z: X.sum(), X)),
    (TypeError, "complex_step_gradient: x is float32",
     lambda: nn.complex_step_gradient(np.sum, X.astype(SINGLE))),
    (ValueError, "complex_step_gradient_array: df has shape (3, 4); expected (2, 3)",
     lambda: nn.complex_step_gradient_array(np.sin, X, W)),
    (ValueError, "rel_error: y has shape (3,); expected (2, 3), the shape of x",
     lambda: nn.rel_error(X, GAMMA)),
    (ValueError, "rel_error: x is empty, its shape is (0,); pass at least one number",
     lambda: nn.rel_error(np.ones(0), np.ones(0))),
    (ValueError, "rel_error: floor is 0; expected a finite number > 0",
     lambda: nn.rel_error(X, X, floor=0)),
    (TypeError, "rel_error: x has dtype bool; pass numbers",
     lambda: nn.rel_error(X > 0, X)),
    (TypeError, "rel_error: y has dtype object; pass numbers",
     lambda: nn.rel_error(1, 10**30)),
    (TypeError, "rel_error: y is of type MaskedArray; pass np.asarray(y)",
     lambda: nn.rel_error(X, np.ma.masked_array(X, X > 0))),
    (ValueError, "rel_error: x has rows of several lengths; pass an array of numbers",
     lambda: nn.rel_error([[1], [1, 2]], X)),
    (TypeError, "rel_error: x has dtype <U1; pass numbers",
     lambda: nn.rel_error("a", "b")),
]  # fmt: skip

ROWS = [
    *images_rows.ROWS,
    *AFFINE,
    *RELU_AND_DROPOUT,
    *LOSSES,
    *NORMALIZATIONS,
    *COMPOSITES,
    *OPTIMIZERS,
]
ROWS += [*NETWORKS, *SOLVERS, *GRADIENTS]


@pytest.mark.parametrize(("error", "message", "call"), ROWS, ids=[row[1][:75] for row in ROWS])
def test_refused_in_one_line(error, message, call):
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value)
    assert type(caught.value) is error
    assert text.startswith(message)
    assert len(text.splitlines()) == 1
    assert ";" in text or "(choose from " in text


def test_every_public_function_has_a_row():
    functions = {name for name in nn.__all__ if callable(getattr(nn, name))}
    refused = {row[1].split(":")[0].split(".")[0] for row in ROWS}
    passed_on = {"affine_relu_forward", "NonFiniteError", "Snapshot", "measuring_gradients"}
    passed_on |= images_rows.PASSED_ON
    assert functions - refused == passed_on
