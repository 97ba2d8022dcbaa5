"""Recipes for nets: which layers, with which parameters."""

from itertools import pairwise

import numpy as np

from normlab.nn import checks, door
from normlab.nn.layers import LAYERS, NORMALIZATIONS
from normlab.nn.network import Network, Node


class FullyConnectedNet(Network):
    """{affine - [norm] - relu - [dropout]} x (L - 1) - affine - softmax.

    Parameters
    ----------
    hidden_dims : sequence of int
        Width of each hidden layer; at least one.
    input_dim : int
        D, the number of entries of one example.
    num_classes : int
        C, the number of scores.
    dropout_keep_ratio : float
        Probability to keep a unit, 0 < p <= 1; 1 means no dropout.
    normalization : None | "batchnorm" | "layernorm", a name in NORMALIZATIONS
    reg : float
        Strength of the L2 penalty ``0.5 * reg * sum(W**2)`` on the weights.
    weight_scale : float
        Standard deviation of the initial weights. Biases and beta start at 0, gamma at 1.
    dtype : np.float32 | np.float64
        Of parameters and arithmetic. Weights are drawn in float64 and then rounded.
    seed : int, optional
        Makes dropout draw the same mask every time, as a gradient check needs.
    rng : Generator | RandomState | int, optional
        Draws the weights, layer by layer, and without ``seed`` the dropout masks: a Generator
        from a child that it spawns, a RandomState from its own stream.

    Attributes
    ----------
    params : dict
        "W1", "b1", ... and with normalization "gamma1", "beta1", ... to arrays.
    bn_params : list of dict
        One per hidden layer, empty without normalization; holds the running statistics.
    num_layers : int
        L, hidden layers and the output layer.
    reg, dtype, normalization, use_dropout, dropout_param

    Source: CS231n assignment 2, FullyConnectedNets.ipynb.
    """

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
        rng=None,
    ):
        where = "FullyConnectedNet"
        dims = [
            checks.count(where, "input_dim", input_dim),
            *checks.widths(where, "hidden_dims", hidden_dims),
            checks.count(where, "num_classes", num_classes),
        ]
        keep = checks.number(where, "dropout_keep_ratio", dropout_keep_ratio, above=0, at_most=1)
        if normalization is not None:
            door.choice(where, "normalization", normalization, NORMALIZATIONS)
        dtype = checks.float_dtype(where, dtype)
        weight_scale = checks.number(where, "weight_scale", weight_scale, at_least=0, dtype=dtype)
        rng = checks.generator(where, rng)

        self.num_layers = len(dims) - 1
        self.normalization = normalization
        self.use_dropout = keep != 1
        self.dropout_param = {"mode": "train", "p": keep} if self.use_dropout else {}
        recipe = _Recipe(rng, weight_scale, dtype)
        for i, (fan_in, fan_out) in enumerate(pairwise(dims), start=1):
            recipe.add("affine", i, D=fan_in, M=fan_out)
            if i == self.num_layers:
                break
            if normalization:
                options = NORMALIZATIONS[normalization].options
                recipe.add(normalization, i, options.initial(fan_out, dtype), D=fan_out)
            recipe.add("relu")
            if self.use_dropout:
                recipe.add("dropout", param=self.dropout_param)

        if self.use_dropout and seed is not None:
            self.dropout_param["seed"] = checks.seed(where, seed)
        elif self.use_dropout:
            is_generator = isinstance(rng, np.random.Generator)
            self.dropout_param["rng"] = rng.spawn(1)[0] if is_generator else rng
        super().__init__(recipe.nodes, recipe.params, reg)

    def forward(self, X, mode):
        """As `Network.forward`; refuse examples of another size than input_dim."""
        where = type(self).__name__
        door.float_arrays(where, X=X)
        input_dim = self.params["W1"].shape[0]
        if X.ndim < 2 or X.size != len(X) * input_dim:
            raise ValueError(
                f"{where}: X has shape {X.shape}; expected N examples of {input_dim} "
                "entries each (input_dim)"
            )
        return super().forward(X, mode)


class TwoLayerNet(FullyConnectedNet):
    """affine - relu - affine - softmax in float64: the first net of the course.

    Parameters
    ----------
    input_dim, hidden_dim, num_classes : int
    weight_scale, reg, rng
        As of FullyConnectedNet.

    Source: CS231n assignment 2 until 2020, FullyConnectedNets.ipynb.
    """

    def __init__(
        self,
        input_dim=3 * 32 * 32,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        rng=None,
    ):
        options = {"weight_scale": weight_scale, "reg": reg, "dtype": np.float64, "rng": rng}
        super().__init__([hidden_dim], input_dim, num_classes, **options)


class ThreeLayerConvNet(Network):
    """convolution - relu - 2x2 max pooling - affine - relu - affine - softmax.

    Parameters
    ----------
    input_dim : (int, int, int)
        C, H and W of one image; H and W even.
    num_filters, filter_size : int
        F filters, as high as wide, an odd number of pixels; the padding keeps H and W.
    hidden_dim, num_classes : int
    weight_scale : float
        Standard deviation of the initial weights. Biases start at 0.
    reg : float
        Strength of the L2 penalty ``0.5 * reg * sum(W**2)`` on the weights.
    dtype : np.float32 | np.float64
    rng : Generator | RandomState | int, optional
        Draws the weights, layer by layer.

    Attributes
    ----------
    params : dict
        "W1", "b1" of the convolution, "W2", "b2", "W3", "b3" of the affine layers.

    Source: CS231n assignment 2, ConvolutionalNetworks.ipynb.
    """

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
        rng=None,
    ):
        where = "ThreeLayerConvNet"
        channels, height, width = checks.widths(where, "input_dim", input_dim)
        size = checks.count(where, "filter_size", filter_size)
        if size % 2 == 0 or height % 2 or width % 2:
            raise ValueError(
                f"{where}: filter_size is {size} and an image {height} by {width}; expected an "
                "odd filter and an image with an even height and width"
            )
        dtype = checks.float_dtype(where, dtype)
        weight_scale = checks.number(where, "weight_scale", weight_scale, at_least=0, dtype=dtype)
        filters = checks.count(where, "num_filters", num_filters)
        hidden = checks.count(where, "hidden_dim", hidden_dim)
        classes = checks.count(where, "num_classes", num_classes)
        rng = checks.generator(where, rng)
        recipe = _Recipe(rng, weight_scale, dtype)
        sizes = {"C": channels, "F": filters, "HH": size, "WW": size}
        recipe.add("conv_fast", 1, {"stride": 1, "pad": size // 2}, **sizes)
        recipe.add("relu")
        recipe.add("max_pool_fast", param={"pool_height": 2, "pool_width": 2, "stride": 2})
        recipe.add("affine", 2, D=filters * height * width // 4, M=hidden)
        recipe.add("relu")
        recipe.add("affine", 3, D=hidden, M=classes)
        super().__init__(recipe.nodes, recipe.params, reg)


class ConvNet(Network):
    """{3x3 convolution of stride 2 - [norm] - relu} x L - affine - softmax.

    Parameters
    ----------
    filters : sequence of int
        F of each convolution; at least one. Each halves H and W, and rounds them up.
    input_dim : (int, int, int)
        C, H and W of one image.
    num_classes : int
    normalization : None | "batchnorm" | "layernorm" | "groupnorm"
        Over the examples and pixels of a channel, over all channels and pixels of an example, or
        over those of a group of channels.
    groups : int
        Of group norm; it divides every entry of filters.
    weight_scale : float
        Standard deviation of the initial weights. Biases and beta start at 0, gamma at 1.
    reg : float
        Strength of the L2 penalty ``0.5 * reg * sum(W**2)`` on the weights.
    dtype : np.float32 | np.float64
    rng : Generator | RandomState | int, optional
        Draws the weights, layer by layer.

    Attributes
    ----------
    params, bn_params
        As of FullyConnectedNet.
    """

    def __init__(
        self,
        filters,
        input_dim=(3, 32, 32),
        num_classes=10,
        normalization=None,
        groups=1,
        weight_scale=1e-2,
        reg=0.0,
        dtype=np.float32,
        rng=None,
    ):
        where = "ConvNet"
        channels, height, width = checks.widths(where, "input_dim", input_dim)
        filters = checks.widths(where, "filters", filters)
        classes = checks.count(where, "num_classes", num_classes)
        if normalization is not None:
            door.choice(where, "normalization", normalization, SPATIAL)
        groups = checks.count(where, "groups", groups) if normalization == "groupnorm" else 1
        for i, number in enumerate(filters):
            if number % groups:
                raise ValueError(
                    f"{where}: groups is {groups} and filters[{i}] is {number}; expected groups "
                    "that divide it"
                )
        dtype = checks.float_dtype(where, dtype)
        weight_scale = checks.number(where, "weight_scale", weight_scale, at_least=0, dtype=dtype)
        recipe = _Recipe(checks.generator(where, rng), weight_scale, dtype)
        for i, number in enumerate(filters, start=1):
            recipe.add("conv_fast", i, {"stride": 2, "pad": 1}, C=channels, F=number, HH=3, WW=3)
            if normalization == "batchnorm":
                start = LAYERS["spatial_batchnorm"].options.initial(number, dtype)
                recipe.add("spatial_batchnorm", i, start, C=number)
            elif normalization:
                recipe.add("spatial_groupnorm", i, {}, (groups,), C=number)
            recipe.add("relu")
            channels, height, width = number, (height + 1) // 2, (width + 1) // 2
        recipe.add("affine", len(filters) + 1, D=channels * height * width, M=classes)
        super().__init__(recipe.nodes, recipe.params, reg)


SPATIAL = ("batchnorm", "layernorm", "groupnorm")


class _Recipe:
    """A net under construction: its nodes, and its parameters with their first values."""

    def __init__(self, rng, weight_scale, dtype):
        self.rng, self.weight_scale, self.dtype = rng, weight_scale, dtype
        self.nodes, self.params = [], {}

    def add(self, name, number=None, param=None, numbers=(), **sizes):
        """Add a layer whose parameters bear a number, with the sizes of their symbols."""
        layer, names = LAYERS[name], []
        for parameter, shape in layer.parameters.items():
            size = [sizes[axis] if axis in sizes else int(axis) for axis in shape.axes]
            if shape.initial is None:
                value = self.weight_scale * self.rng.standard_normal(size)
            else:
                value = np.full(size, shape.initial)
            names.append(f"{parameter.replace('w', 'W')}{number}")
            self.params[names[-1]] = value.astype(self.dtype)
        self.nodes.append(Node(layer, tuple(names), param, tuple(numbers)))
