"""Layers of images: against loops, each other, and the family of normalizations."""

import numpy as np
import pytest

from normlab import nn
from normlab.nn.layers import convolution
from normlab.nn.network import Node, Residual
from tests.nn import autograd_oracle as oracle

RNG = np.random.default_rng(0)
CONV = {"stride": 1, "pad": 1}
SHAPES = [  # (N, C, H, W), (F, HH, WW), stride, pad
    ((2, 3, 4, 4), (3, 4, 4), 2, 1),
    ((4, 3, 5, 5), (2, 3, 3), 1, 1),
    ((1, 1, 1, 1), (1, 1, 1), 1, 0),
    ((2, 2, 7, 5), (3, 3, 2), 2, 0),
    ((3, 1, 6, 9), (4, 5, 1), 3, 2),
    ((2, 3, 8, 8), (2, 3, 3), 2, 1),  # a row and a column are left over
]
shapes = pytest.mark.parametrize(("size", "filters", "stride", "pad"), SHAPES)


def close(ours, theirs):
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 1e-12 * max(np.abs(theirs).max(), 1e-300)


def convolved(kind, size, filters, stride, pad):
    """Output, gradients and cache of a convolution of arrays drawn at random."""
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal(size), rng.standard_normal((filters[0], size[1], *filters[1:]))
    b = rng.standard_normal(filters[0])
    out, cache = getattr(nn, f"conv_forward_{kind}")(x, w, b, {"stride": stride, "pad": pad})
    dout = rng.standard_normal(out.shape)
    return x, w, b, out, getattr(nn, f"conv_backward_{kind}")(dout, cache)


def by_loops(x, w, b, stride, pad):
    """Convolution entry by entry, as its definition has it."""
    n, _, h, width = x.shape
    f, _, hh, ww = w.shape
    high, wide = 1 + (h + 2 * pad - hh) // stride, 1 + (width + 2 * pad - ww) // stride
    out = np.empty((n, f, high, wide))
    for i, k, top, left in np.ndindex(out.shape):
        total = b[k]
        for c, p, q in np.ndindex(w.shape[1:]):
            row, column = top * stride + p - pad, left * stride + q - pad
            if 0 <= row < h and 0 <= column < width:
                total += x[i, c, row, column] * w[k, c, p, q]
        out[i, k, top, left] = total
    return out


@shapes
def test_convolution_is_its_definition(size, filters, stride, pad):
    x, w, b, out, _ = convolved("naive", size, filters, stride, pad)
    close(out, by_loops(x, w, b, stride, pad))


@shapes
def test_fast_convolution_is_the_naive_one(size, filters, stride, pad):
    *_, out, gradients = convolved("naive", size, filters, stride, pad)
    *_, fast, fast_gradients = convolved("fast", size, filters, stride, pad)
    close(fast, out)
    for ours, theirs in zip(fast_gradients, gradients, strict=True):
        close(ours, theirs)


@pytest.mark.parametrize(
    ("size", "pool"),
    [
        ((2, 3, 4, 4), (2, 2, 2)),
        ((3, 2, 8, 8), (2, 2, 2)),
        ((2, 2, 7, 6), (3, 2, 1)),
        ((1, 1, 5, 5), (2, 3, 3)),
    ],
)
@pytest.mark.parametrize("ties", [False, True])
def test_fast_pooling_is_the_naive_one(size, pool, ties):
    x = np.random.default_rng(2).standard_normal(size)
    x = np.maximum(np.round(x), 0) if ties else x  # as behind a relu
    param = dict(zip(("pool_height", "pool_width", "stride"), pool, strict=True))
    out, cache = nn.max_pool_forward_naive(x, param)
    fast, fast_cache = nn.max_pool_forward_fast(x, param)
    np.testing.assert_array_equal(out, fast)
    dout = np.random.default_rng(3).standard_normal(out.shape)
    dx = nn.max_pool_backward_naive(dout, cache)
    close(nn.max_pool_backward_fast(dout, fast_cache), dx)
    assert dx.sum() == pytest.approx(dout.sum())
    window = x[0, 0, : pool[0], : pool[1]]
    assert out[0, 0, 0, 0] == window.max()


@shapes
def test_columns_hold_the_windows_and_add_up_again(size, filters, stride, pad):
    x, w, b, out, _ = convolved("naive", size, filters, stride, pad)
    columns = nn.im2col_indices(x, *filters[1:], padding=pad, stride=stride)
    product = w.reshape(len(w), -1) @ columns + b[:, None]
    close(product.reshape(len(w), *out.shape[2:], len(x)).transpose(3, 0, 1, 2), out)
    ones = nn.col2im_indices(np.ones_like(columns), x.shape, *filters[1:], pad, stride)
    counts = nn.im2col_indices(np.ones_like(x), *filters[1:], padding=pad, stride=stride)
    assert ones.sum() == counts.sum()


# The family of normalizations

X = RNG.standard_normal((4, 6, 5, 3))
GAMMA, BETA = 1 + RNG.random(6), RNG.standard_normal(6)
PLANES = GAMMA[None, :, None, None], BETA[None, :, None, None]


def by_axes(axes, shape=None):
    """X standardized over axes, in another shape if there is one."""
    x = X if shape is None else X.reshape(shape)
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return ((x - mean) / np.sqrt(var + 1e-5)).reshape(X.shape) * PLANES[0] + PLANES[1]


def test_spatial_batch_norm_is_batch_norm_of_a_row_a_pixel():
    param, rows = {"mode": "train"}, {"mode": "train"}
    out, _ = nn.spatial_batchnorm_forward(X, GAMMA, BETA, param)
    close(out, by_axes((0, 2, 3)))
    nn.batchnorm_forward(X.transpose(1, 0, 2, 3).reshape(6, -1).T, GAMMA, BETA, rows)
    for name in ("running_mean", "running_var"):
        np.testing.assert_array_equal(param[name], rows[name])
    tested, _ = nn.spatial_batchnorm_forward(X, GAMMA, BETA, param | {"mode": "test"})
    assert np.abs(tested - out).max() > 0.1


@pytest.mark.parametrize(
    ("groups", "shape"),
    [(1, (4, 1, -1)), (2, (4, 2, -1)), (3, (4, 3, -1)), (6, (4, 6, -1))],
    ids=["layer norm", "two groups", "three groups", "instance norm"],
)
def test_group_norm_standardizes_each_group_of_each_example(groups, shape):
    out, _ = nn.spatial_groupnorm_forward(X, *PLANES, groups, {})
    close(out, by_axes(2, shape))


def test_one_group_is_layer_norm():
    flat = X.reshape(4, -1)
    ours, _ = nn.spatial_groupnorm_forward(X, np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1)), 1, {})
    theirs, _ = nn.layernorm_forward(flat, np.ones(90), np.zeros(90), {})
    close(ours.reshape(4, -1), theirs)


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_the_gradient_of_group_norm_for_any_number_of_groups(groups):
    out, cache = nn.spatial_groupnorm_forward(X, *PLANES, groups, {})
    dout = RNG.standard_normal(out.shape)
    dx, dgamma, dbeta = nn.spatial_groupnorm_backward(dout, cache)
    measured = nn.complex_step_gradient_array(
        lambda x: nn.spatial_groupnorm_forward(x, *PLANES, groups, {})[0], X, dout
    )
    assert np.abs(dx - measured).max() < 1e-13
    assert dgamma.shape == dbeta.shape == (1, 6, 1, 1)


# Layers together, and nets


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("conv_relu", ({"stride": 1, "pad": 1},)),
        (
            "conv_relu_pool",
            ({"stride": 1, "pad": 1}, {"pool_height": 2, "pool_width": 2, "stride": 2}),
        ),
        ("conv_bn_relu", ({"stride": 1, "pad": 1}, {"mode": "train"})),
    ],
)
def test_gradients_of_layers_together(name, more):
    rng = np.random.default_rng(5)
    arrays = [rng.standard_normal(size) for size in ((2, 2, 4, 4), (3, 2, 3, 3), 3)]
    arrays += [1 + rng.random(3), rng.standard_normal(3)] if "bn" in name else []
    forward, backward = (getattr(nn, f"{name}_{way}") for way in ("forward", "backward"))
    out, cache = forward(*arrays, *more)
    dout = rng.standard_normal(out.shape)
    for number, gradient in enumerate(backward(dout, cache)):
        measured = nn.complex_step_gradient_array(
            lambda z, n=number: forward(*arrays[:n], z, *arrays[n + 1 :], *more)[0],
            arrays[number],
            dout,
        )
        assert np.abs(gradient - measured).max() < 1e-12 * max(np.abs(measured).max(), 1)


def small_net(**more):
    return nn.ThreeLayerConvNet(
        (2, 6, 4),
        num_filters=3,
        filter_size=3,
        hidden_dim=5,
        num_classes=4,
        dtype=np.float64,
        rng=0,
        **more,
    )


@pytest.mark.parametrize("reg", [0.0, 0.5])
def test_gradients_of_the_conv_net(reg):
    rng = np.random.default_rng(6)
    net = small_net(reg=reg, weight_scale=0.3)
    X, y = rng.standard_normal((3, 2, 6, 4)), np.array([0, 3, 1])
    _, gradients = net.loss(X, y)
    assert gradients.keys() == net.params.keys()
    for name, value in list(net.params.items()):

        def at(z, name=name, value=value):
            net.params[name] = z
            loss = net.loss(X, y)[0]
            net.params[name] = value
            return np.asarray(loss)

        measured = nn.complex_step_gradient_array(at, value, np.array(1.0))
        assert np.abs(gradients[name] - measured).max() < 1e-13


def test_the_conv_net_has_the_names_shapes_and_loss_of_the_assignment():
    net = nn.ThreeLayerConvNet(rng=0)
    shapes = {name: array.shape for name, array in net.params.items()}
    assert shapes == {
        "W1": (32, 3, 7, 7), "b1": (32,), "W2": (8192, 100), "b2": (100,), "W3": (100, 10),
        "b3": (10,),
    }  # fmt: skip
    assert net.dtype == np.float32
    X, y = RNG.standard_normal((50, 3, 32, 32)), RNG.integers(10, size=50)
    loss, _ = net.loss(X, y)
    assert loss == pytest.approx(np.log(10), abs=1e-3)
    net.reg = 0.5
    assert net.loss(X, y)[0] > loss


def test_the_conv_net_learns_a_few_images():
    rng = np.random.default_rng(7)
    X, y = rng.standard_normal((12, 2, 6, 4)), np.arange(12) % 4
    data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    solver = nn.Solver(
        small_net(weight_scale=0.1), data, update_rule="adam",
        optim_config={"learning_rate": 1e-2}, batch_size=6, num_epochs=40, verbose=False, rng=0,
    )  # fmt: skip
    solver.train()
    assert solver.best_val_acc == 1


def test_two_layer_net_by_hand():
    net = nn.TwoLayerNet(3, 4, 2, weight_scale=1.0, rng=0)
    assert net.dtype == np.float64
    X = RNG.standard_normal((5, 3))
    hidden = np.maximum(X @ net.params["W1"] + net.params["b1"], 0)
    np.testing.assert_allclose(net.loss(X), hidden @ net.params["W2"] + net.params["b2"])


# Against autograd


def against_autograd(forward, backward, made_by, arrays, rest=()):
    """The layer's output and gradients are those of autograd, to 1e-12 of the largest entry."""
    out, cache = forward(*arrays, *rest)
    dout = np.random.default_rng(8).standard_normal(out.shape)
    gradients = backward(dout, cache)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    close(out, np.asarray(made_by(*arrays)))
    for ours, theirs in zip(gradients, oracle.gradients(made_by, dout, *arrays), strict=True):
        close(ours, theirs)


@shapes
@pytest.mark.parametrize("kind", ["naive", "fast"])
def test_convolution_against_autograd(kind, size, filters, stride, pad):
    x, w, b, *_ = convolved(kind, size, filters, stride, pad)
    forward, backward = (getattr(nn, f"conv_{way}_{kind}") for way in ("forward", "backward"))

    def conv(x, w, b):
        return oracle.convolution(x, w, b, stride, pad)

    against_autograd(forward, backward, conv, (x, w, b), ({"stride": stride, "pad": pad},))


@pytest.mark.parametrize("kind", ["naive", "fast"])
@pytest.mark.parametrize("pool", [(2, 2, 2), (3, 2, 1), (2, 3, 3)])
def test_pooling_against_autograd(kind, pool):
    forward, backward = (getattr(nn, f"max_pool_{way}_{kind}") for way in ("forward", "backward"))
    param = dict(zip(("pool_height", "pool_width", "stride"), pool, strict=True))

    def pooled(x):
        return oracle.max_pooling(x, pool[:2], pool[2])

    against_autograd(forward, backward, pooled, (X,), (param,))


def test_spatial_norms_against_autograd():
    forward, backward = nn.spatial_batchnorm_forward, nn.spatial_batchnorm_backward
    arrays = (X, GAMMA, BETA)
    against_autograd(forward, backward, oracle.spatial_batchnorm, arrays, ({"mode": "train"},))
    for groups in (1, 2, 3, 6):

        def grouped(x, gamma, beta, groups=groups):
            return oracle.spatial_groupnorm(x, gamma, beta, groups)

        forward, backward = nn.spatial_groupnorm_forward, nn.spatial_groupnorm_backward
        against_autograd(forward, backward, grouped, (X, *PLANES), (groups, {}))


def two_convolutions(residual):
    """A net of two convolutions, the first of them perhaps in a residual block."""
    rng = np.random.default_rng(0)
    params = {name: rng.standard_normal((2, 2, 3, 3)) for name in ("W1", "W2")}
    params |= {name: rng.standard_normal(2) for name in ("b1", "b2")}
    params |= {"W3": rng.standard_normal((32, 3)), "b3": np.zeros(3)}
    conv, param = nn.LAYERS["conv_fast"], {"stride": 1, "pad": 1}
    first = Node(conv, ("W1", "b1"), param)
    nodes = [Residual((first, Node(nn.LAYERS["relu"])))] if residual else [first]
    nodes += [Node(nn.LAYERS["relu"]), Node(conv, ("W2", "b2"), param)]
    return nn.Network([*nodes, Node(nn.LAYERS["affine"], ("W3", "b3"))], params)


@pytest.mark.parametrize(("residual", "asked"), [(False, 1), (True, 2)])
def test_only_the_first_layer_is_not_asked_for_the_gradient_of_its_input(
    residual, asked, monkeypatch
):
    calls = []
    original = convolution.add_windows
    monkeypatch.setattr(convolution, "add_windows", lambda *a: calls.append(a) or original(*a))
    net = two_convolutions(residual)
    X, y = np.random.default_rng(1).standard_normal((3, 2, 4, 4)), np.array([0, 2, 1])
    _, grads = net.loss(X, y)
    assert len(calls) == asked
    for name, w in net.params.items():
        measured = nn.eval_numerical_gradient(lambda _: net.loss(X, y)[0], w, verbose=False)
        np.testing.assert_allclose(grads[name], measured, rtol=1e-5, atol=1e-8)


def test_a_node_by_itself_returns_the_gradient_of_its_input():
    net = two_convolutions(False)
    X = np.random.default_rng(1).standard_normal((3, 2, 4, 4))
    out, cache = net.nodes[0].forward(X, net.params, "train")
    grads = {}
    assert net.nodes[0].backward(np.ones_like(out), cache, grads).shape == X.shape
    assert set(grads) == {"W1", "b1"}
