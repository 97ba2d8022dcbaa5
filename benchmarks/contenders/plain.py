"""The assignment's algorithm as a student writes it, function by function.

Images are float64 and each minibatch is cast; every layer allocates its results and passes
the gradient on to its input, the first one too; the L2 penalty is added though it is 0; Adam
goes over the parameters one at a time.
"""

import numpy as np

from benchmarks.workloads import LEARNING_RATE, WEIGHT_SCALE, examples

EPS, MOMENTUM = 1e-5, 0.9


def start(workload):
    X, y = examples(workload, "float64")
    return trainer(workload, X, y, np.random.default_rng(0), np.random.default_rng(1)), 1


def versions():
    return {}


def trainer(workload, X, y, weights, batches, dtype=np.float32, reg=0.0):
    """The function that makes one update and returns the loss; two generators draw."""
    params, norm_params = _initial(workload, weights, dtype)
    configs = {name: {"learning_rate": LEARNING_RATE} for name in params}

    def step():
        mask = batches.choice(len(X), workload.batch_size)
        loss, grads = _loss(workload, params, norm_params, X[mask].astype(dtype), y[mask], reg)
        for name, w in params.items():
            params[name], configs[name] = adam(w, grads[name], configs[name])
        return float(loss)

    return step


def _initial(workload, rng, dtype):
    dims = workload.dims
    params, norm_params = {}, []
    for i in range(1, len(dims)):
        weights = WEIGHT_SCALE * rng.standard_normal((dims[i - 1], dims[i]))
        params[f"W{i}"] = weights.astype(dtype)
        params[f"b{i}"] = np.zeros(dims[i], dtype)
        if i < len(dims) - 1:
            params[f"gamma{i}"] = np.ones(dims[i], dtype)
            params[f"beta{i}"] = np.zeros(dims[i], dtype)
            zeros = np.zeros(dims[i], dtype)
            norm_params.append({"running_mean": zeros, "running_var": zeros})
    return params, norm_params


def _loss(workload, params, norm_params, x, y, reg):
    depth = len(norm_params)
    axis = 0 if workload.normalization == "batchnorm" else 1
    caches, grads = [], {}
    for i in range(1, depth + 1):
        x, affine = affine_forward(x, params[f"W{i}"], params[f"b{i}"])
        x, norm = norm_forward(x, params[f"gamma{i}"], params[f"beta{i}"], norm_params[i - 1], axis)
        x, relu = relu_forward(x)
        caches.append((affine, norm, relu))
    last = depth + 1
    scores, affine = affine_forward(x, params[f"W{last}"], params[f"b{last}"])
    loss, dout = softmax_loss(scores, y)
    dout, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dout, affine)
    for i in range(depth, 0, -1):
        affine, norm, relu = caches[i - 1]
        dout = relu_backward(dout, relu)
        dout, grads[f"gamma{i}"], grads[f"beta{i}"] = norm_backward(dout, norm)
        dout, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(dout, affine)
    for i in range(1, last + 1):
        loss += 0.5 * reg * np.sum(params[f"W{i}"] ** 2)
        grads[f"W{i}"] += reg * params[f"W{i}"]
    return loss, grads


def affine_forward(x, w, b):
    return x.reshape(len(x), -1).dot(w) + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx = dout.dot(w.T).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T.dot(dout), dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, x):
    return dout * (x > 0)


def norm_forward(x, gamma, beta, param, axis):
    mean, var = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True)
    std = np.sqrt(var + EPS)
    xhat = (x - mean) / std
    if axis == 0:
        param["running_mean"] = MOMENTUM * param["running_mean"] + (1 - MOMENTUM) * mean[0]
        param["running_var"] = MOMENTUM * param["running_var"] + (1 - MOMENTUM) * var[0]
    return gamma * xhat + beta, (xhat, std, gamma, axis)


def norm_backward(dout, cache):
    xhat, std, gamma, axis = cache
    dxhat = dout * gamma
    mean = dxhat.mean(axis=axis, keepdims=True)
    dx = (dxhat - mean - xhat * (dxhat * xhat).mean(axis=axis, keepdims=True)) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


def softmax_loss(x, y):
    shifted = x - x.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(x))
    dx = np.exp(log_probs)
    dx[rows, y] -= 1
    return -log_probs[rows, y].mean(), dx / len(x)


def adam(w, dw, config):
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config["t"] = t = config.get("t", 0) + 1
    config["m"] = 0.9 * config["m"] + (1 - 0.9) * dw
    config["v"] = 0.999 * config["v"] + (1 - 0.999) * dw**2
    m, v = config["m"] / (1 - 0.9**t), config["v"] / (1 - 0.999**t)
    return w - config["learning_rate"] * m / (np.sqrt(v) + 1e-8), config
