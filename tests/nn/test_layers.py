"""What holds for every layer, read from its record."""

import inspect

import numpy as np
import pytest

from normlab import nn
from normlab.nn import door
from normlab.nn.layers.example import arguments
from normlab.nn.layers.layer import LAYERS, backward, forward
from normlab.nn.network import Network, Node, Residual
from normlab.nn.options import Memory, Number

every_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))


def call(layer, seed=0, **changed):
    arrays, rest = arguments(layer, np.random.default_rng(seed))
    return layer.forward(*(arrays | changed).values(), *rest)


def ways_back(layer):
    return layer.backwards or [lambda _, dx: dx]


@every_layer
def test_gradients_are_those_of_the_complex_step(layer):
    rng = np.random.default_rng(1)
    arrays, rest = arguments(layer, rng)
    out, cache = layer.forward(*arrays.values(), *rest)
    dout = rng.standard_normal(np.shape(out)) if layer.out else np.array(1.0)
    for way in ways_back(layer):
        gradients = way(dout, cache)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        for (name, value), ours in zip(arrays.items(), gradients, strict=True):

            def at(z, name=name):
                return np.asarray(layer.forward(*(arrays | {name: z}).values(), *rest)[0])

            measured = nn.complex_step_gradient_array(at, value, dout)
            assert np.shape(ours) == value.shape
            assert np.linalg.norm(ours - measured) <= 1e-13 * max(np.linalg.norm(measured), 1)


@every_layer
def test_bad_arrays_are_refused_by_name(layer):
    where = layer.body.__name__
    arrays, rest = arguments(layer, np.random.default_rng(0))
    for name, array in arrays.items():
        for error, bad, words in (
            (TypeError, array.tolist(), f"{name} is of type list; pass np.asarray"),
            (TypeError, array.astype(int), f"{name} has dtype int64; pass {name}.astype"),
            (TypeError, np.ma.masked_array(array), f"{name} is of type MaskedArray; pass"),
            (ValueError, array[:0], f"{name} is empty, its shape is "),
            (ValueError, np.array(1.0), f"{name} is a number, its shape is (); pass {name}[None]"),
        ):
            with pytest.raises(error) as caught:
                layer.forward(*(arrays | {name: bad}).values(), *rest)
            assert str(caught.value).startswith(f"{where}: {words}")
    for name, array in list(arrays.items())[1:]:
        single = arrays | {name: array.astype(np.float32)}
        with pytest.raises(TypeError, match=f"^{where}: x is float64 but {name} is float32; pass"):
            layer.forward(*single.values(), *rest)
        longer = arrays | {name: np.concatenate([array, array])}
        with pytest.raises(ValueError, match=rf"^{where}: (?=.*\b{name}\b).*; expected "):
            layer.forward(*longer.values(), *rest)


@every_layer
def test_bad_param_dicts_are_refused_by_name(layer):
    if not layer.param:
        return
    where, arrays = layer.body.__name__, arguments(layer, np.random.default_rng(0))[0]
    arrays |= layer.numbers
    with pytest.raises(TypeError, match=rf"^{where}: {layer.param} is of type list; expected a d"):
        layer.forward(*arrays.values(), [])
    with pytest.raises(ValueError, match=rf"^{where}: unknown key of {layer.param} 'no such key'"):
        layer.forward(*arrays.values(), layer.example | {"no such key": 1})
    for name, option in layer.options.items():
        if isinstance(option, Number):
            for bad in (np.nan, np.inf, -1, "1", True):
                with pytest.raises((TypeError, ValueError), match=rf"^{where}: {name} is "):
                    layer.forward(*arrays.values(), layer.example | {name: bad})
        elif isinstance(option, Memory):
            with pytest.raises(ValueError, match=rf"^{where}: {name} has shape \(1,\); expected "):
                layer.forward(*arrays.values(), layer.example | {name: np.ones(1)})


@every_layer
def test_backward_passes_refuse_other_caches_and_gradients(layer):
    for way in layer.backwards:
        out, cache = call(layer)
        where = way.__name__
        with pytest.raises(TypeError, match=rf"^{where}: cache is of type tuple; expected the "):
            way(out, ())
        with pytest.raises(TypeError, match=rf"^{where}: dout is float32 but the forward pass was"):
            way(out.astype(np.float32), cache)
        with pytest.raises(ValueError, match=rf"^{where}: dout has shape .*; expected .*the shape"):
            way(np.concatenate([out, out]), cache)


@every_layer
def test_float32_stays_and_nothing_is_changed_in_place(layer):
    arrays, rest = arguments(layer, np.random.default_rng(0))
    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    before = {name: array.copy() for name, array in single.items()}
    out, cache = layer.forward(*single.values(), *rest)
    assert out.dtype == np.float32
    for way in layer.backwards:
        dout = out.copy()
        gradients = way(dout, cache)
        for gradient in gradients if isinstance(gradients, tuple) else (gradients,):
            assert gradient.dtype == np.float32
        np.testing.assert_array_equal(dout, out)
    for name, array in before.items():
        np.testing.assert_array_equal(single[name], array)


@every_layer
def test_the_declaration_fits_the_functions(layer):
    names = list(inspect.signature(layer.body).parameters)
    declared = [*layer.floats, *([layer.labels] if layer.labels else [])]
    assert names == [*declared, *layer.numbers, *([layer.param] if layer.param else [])]
    for function in (layer.forward, *layer.backwards):
        assert getattr(nn, function.__name__) is function
    assert layer.source or layer.name in ("relu",) or layer.backwards


@every_layer
def test_arguments_may_be_named(layer):
    arrays, rest = arguments(layer, np.random.default_rng(0))
    names = inspect.signature(layer.body).parameters
    more = dict(zip(list(names)[len(arrays) :], rest, strict=True))
    out, _ = layer.forward(**arrays, **more)
    np.testing.assert_array_equal(out, call(layer)[0])
    with pytest.raises(TypeError, match="missing"):
        layer.forward()


def test_a_shape_that_was_let_in_is_not_looked_at_again():
    call(LAYERS["affine"])
    before = door._fit.cache_info()
    call(LAYERS["affine"], seed=1)
    after = door._fit.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


# Nets of other layers than FullyConnectedNet has


@pytest.fixture
def convolution():
    """A convolution with filters of one pixel, declared as any layer is; then forgotten."""
    from typing import NamedTuple

    class PixelCache(NamedTuple):
        x: np.ndarray
        w: np.ndarray

    @forward("x: N C ..., w: C M, b: M = 0 -> N M ...", title="convolution of one pixel")
    def pixel_forward(x, w, b):
        out = np.einsum("nc...,cm->nm...", x, w)
        return out + b.reshape(-1, *[1] * (x.ndim - 2)), PixelCache(x, w)

    @backward(pixel_forward, PixelCache)
    def pixel_backward(dout, cache):
        x, w = cache
        dx = np.einsum("nm...,cm->nc...", dout, w)
        dw = np.einsum("nchw,nmhw->cm", x, dout)
        return dx, dw, dout.sum(axis=(0, 2, 3))

    return LAYERS.pop("pixel")


def assert_gradients_are_right(net, X, y):
    loss, grads = net.loss(X, y)
    assert grads.keys() == net.params.keys()
    assert np.isfinite(loss)
    for name, value in list(net.params.items()):

        def at(z, name=name):
            net.params[name] = z
            return net.loss(X, y)[0]

        measured = nn.complex_step_gradient(at, value)
        net.params[name] = value
        np.testing.assert_allclose(grads[name], measured, rtol=1e-9, atol=1e-12)


def drawn(rng, **shapes):
    return {name: 0.5 * rng.standard_normal(shape) for name, shape in shapes.items()}


def test_a_net_with_convolutions(convolution):
    rng = np.random.default_rng(0)
    params = drawn(rng, w=(3, 2), b=(2,), W=(2 * 4 * 4, 5), c=(5,))
    nodes = [
        Node(convolution, ("w", "b")),
        Node(LAYERS["relu"]),
        Node(LAYERS["affine"], ("W", "c")),
    ]
    net = Network(nodes, params, reg=0.3)
    assert net.weights() == ["w", "W"]
    assert_gradients_are_right(net, rng.standard_normal((6, 3, 4, 4)), rng.integers(5, size=6))


def test_a_net_with_residual_blocks():
    rng = np.random.default_rng(0)
    params = drawn(rng, W1=(4, 6), b1=(6,), W2=(6, 6), b2=(6,), g=(6,), s=(6,), W3=(6, 3), b3=(3,))
    affine, norm = LAYERS["affine"], LAYERS["batchnorm"]
    bn_param = norm.options.initial(6, np.float64)
    block = (Node(affine, ("W2", "b2")), Node(norm, ("g", "s"), bn_param), Node(LAYERS["relu"]))
    nodes = [Node(affine, ("W1", "b1")), Residual(block), Node(affine, ("W3", "b3"))]
    net = Network(nodes, params, reg=0.1)
    assert net.bn_params == [bn_param]
    X, y = rng.standard_normal((7, 4)), rng.integers(3, size=7)
    assert_gradients_are_right(net, X, y)
    assert net.forward(X, "test")[0].shape == (7, 3)
    assert nn.take_snapshot(net).statistics.keys() == {"running_mean1", "running_var1"}


def test_caches_and_names_of_another_number_are_refused():
    rng = np.random.default_rng(0)
    X, dscores = rng.standard_normal((5, 4)), rng.standard_normal((5, 3))
    net = nn.FullyConnectedNet([6], 4, 3, dtype=np.float64, rng=0)
    _, caches = net.forward(X, "train")
    with pytest.raises(ValueError, match="shorter"):
        net.backward(dscores, caches._replace(nodes=caches.nodes[1:]))
    node = Node(LAYERS["affine"], ("W1",))
    with pytest.raises(ValueError, match="longer"):
        node.backward(rng.standard_normal((5, 6)), caches.nodes[0], {})
