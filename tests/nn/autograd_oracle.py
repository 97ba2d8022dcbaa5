"""The layers once more, forward only, in HIPS autograd: an independent source of gradients."""

import autograd.numpy as anp
import numpy as np
from autograd import grad, make_vjp
from hypothesis import strategies as st

seeds = st.integers(0, 2**32 - 1)


def affine(x, w, b):
    return anp.dot(anp.reshape(x, (x.shape[0], -1)), w) + b


def relu(x):
    return anp.where(x > 0, x, 0.0)


def batchnorm(x, gamma, beta, eps=1e-5):
    return _standardized(x, 0, eps) * gamma + beta


def layernorm(x, gamma, beta, eps=1e-5):
    return _standardized(x, 1, eps) * gamma + beta


def _standardized(x, axis, eps):
    deviation = x - anp.mean(x, axis=axis, keepdims=True)
    return deviation / anp.sqrt(anp.mean(deviation**2, axis=axis, keepdims=True) + eps)


def softmax_loss(x, y):
    shifted = x - anp.max(x, axis=1, keepdims=True)
    right = shifted[np.arange(len(y)), y]
    return anp.mean(anp.log(anp.sum(anp.exp(shifted), axis=1)) - right)


def svm_loss(x, y):
    right = x[np.arange(len(y)), y][:, None]
    wrong = np.arange(x.shape[1]) != y[:, None]
    return anp.sum(relu(x - right + 1) * wrong) / len(y)


def net_loss(params, X, y, num_layers, normalization, reg, masks):
    norm = {"batchnorm": batchnorm, "layernorm": layernorm}.get(normalization)
    out = X
    for i in range(1, num_layers):
        out = affine(out, params[f"W{i}"], params[f"b{i}"])
        if norm is not None:
            out = norm(out, params[f"gamma{i}"], params[f"beta{i}"])
        out = relu(out)
        if masks:
            out = out * masks[i - 1]
    loss = softmax_loss(affine(out, params[f"W{num_layers}"], params[f"b{num_layers}"]), y)
    for i in range(1, num_layers + 1):
        loss = loss + 0.5 * reg * anp.sum(params[f"W{i}"] ** 2)
    return loss


def net_gradients(params, *args):
    return grad(net_loss)(params, *args)


def gradients(function, dout, *args):
    """Return the gradient of sum(function(*args) * dout) with respect to each argument."""
    return [make_vjp(function, k)(*args)[0](dout) for k in range(len(args))]


def assert_agree(ours, theirs, floor=0.0):
    """The norm of the difference is at most 1e-12 of the norm of the gradient, or the floor."""
    assert ours.shape == theirs.shape
    assert np.linalg.norm(ours - theirs) <= max(floor, 1e-12 * np.linalg.norm(theirs))


def convolution(x, w, b, stride, pad):
    padded = anp.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    return _over_windows(
        padded,
        w.shape[2:],
        stride,
        lambda window: anp.tensordot(window, w, ((1, 2, 3), (1, 2, 3))) + b,
    )


def max_pooling(x, pool, stride):
    return _over_windows(x, pool, stride, lambda window: anp.max(window, axis=(2, 3)))


def _over_windows(x, size, stride, function):
    high, wide = (1 + (x.shape[2 + n] - size[n]) // stride for n in (0, 1))
    rows = [
        anp.stack(
            [
                function(x[:, :, i : i + size[0], j : j + size[1]])
                for j in range(0, wide * stride, stride)
            ],
            axis=-1,
        )
        for i in range(0, high * stride, stride)
    ]
    return anp.stack(rows, axis=2)


def spatial_batchnorm(x, gamma, beta, eps=1e-5):
    return _standardized(x, (0, 2, 3), eps) * gamma[:, None, None] + beta[:, None, None]


def spatial_groupnorm(x, gamma, beta, groups, eps=1e-5):
    rows = anp.reshape(x, (x.shape[0] * groups, -1))
    return anp.reshape(_standardized(rows, 1, eps), x.shape) * gamma + beta
