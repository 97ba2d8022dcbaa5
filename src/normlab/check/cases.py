"""The inputs on which functions are tried: small, uneven in shape, drawn from one seed.

No two sizes of a case are equal, so that a sum along the wrong axis shows. Inputs of a relu or a
hinge keep away from the kink, where the derivative is a convention.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from normlab.nn import LAYERS
from normlab.nn.layers.example import arguments


class Case(NamedTuple):
    """Arrays by the name of the argument, then a dict such as bn_param, or None if there is none.

    ``numbers`` stand between the two, as G of group normalization, or a first dict. ``where``
    tells the case in an error: "mode 'train', x (6, 4)".
    """

    where: str
    inputs: dict
    param: dict | None = None
    numbers: tuple = ()

    def given(self, **more) -> SimpleNamespace:
        """All that a wrong formula may read: the arrays, N, the numbers in param with defaults."""
        defaults = {"eps": 1e-5, "momentum": 0.9}
        first = next(iter(self.inputs.values()))
        return SimpleNamespace(
            **(defaults | self.inputs | (self.param or {}) | {"N": len(first)} | more)
        )

    def copies(self) -> list:
        """Arguments of their own for one call."""
        return [array.copy() for array in self.inputs.values()] + self.params()

    def params(self) -> list:
        """What follows the arrays: numbers, and a copy of param if the function takes one."""
        if self.param is None:
            return [*self.numbers]
        return [*self.numbers, {key: _copied(value) for key, value in self.param.items()}]


def layer_cases(layer: str) -> list[Case]:
    """The cases of one layer, or of the losses under the name "loss"."""
    rng = np.random.default_rng(0)
    return _CASES[layer](rng) if layer in _CASES else _by_record(LAYERS[layer], rng)


def _by_record(layer, rng):
    """Cases of a layer that has none of its own: as its record draws them, in two sizes."""
    cases = []
    for sizes in ({"N": 5, "D": 6, "M": 4}, {"N": 3, "D": 4, "M": 5}):
        arrays, rest = arguments(layer, rng, sizes)
        cases.append(_case(arrays, rest[0] if rest else None))
    return cases


def _affine(rng):
    return [
        _case(
            {
                "x": rng.standard_normal(shape),
                "w": rng.standard_normal((size, outputs)),
                "b": 1 + rng.standard_normal(outputs),
            }
        )
        for shape, size, outputs in (((4, 2, 3), 6, 5), ((3, 4), 4, 2))
    ]


def _relu(rng):
    return [_case({"x": _off_zero(rng, shape)}) for shape in ((5, 4), (2, 3, 4))]


def _batchnorm(rng):
    running = {"running_mean": rng.standard_normal(3), "running_var": 1 + rng.random(3)}
    given = {"eps": 0.3, "momentum": 0.7, **running}
    return [
        _case(_features(rng, 5, 3), {"mode": "train", **given}, "eps 0.3, momentum 0.7"),
        _case(_features(rng, 6, 4), {"mode": "train"}),
        _case(_features(rng, 5, 3), {"mode": "test", **given}, "eps 0.3"),
    ]


def _convolution(rng):
    cases = []
    for stride, pad, x, w in (
        (1, 1, (2, 3, 4, 5), (4, 3, 3, 2)),
        (2, 0, (3, 2, 7, 6), (5, 2, 3, 4)),
        (2, 2, (2, 1, 5, 3), (3, 1, 4, 2)),
    ):
        arrays = {"x": x, "w": w, "b": w[:1]}
        drawn = {name: rng.standard_normal(size) for name, size in arrays.items()}
        param = {"stride": stride, "pad": pad}
        cases.append(_case(drawn, param, f"stride {stride}, pad {pad}, w {w}"))
    return cases


def _conv_relu_pool(rng):
    pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
    return [
        case._replace(numbers=(case.param,), param=pool)
        for case in _convolution(rng)
        if case.param["stride"] == 1
    ]


def _conv_bn_relu(rng):
    cases = []
    for case in _convolution(rng):
        size = len(case.inputs["b"])
        more = {"gamma": 1 + 0.5 * rng.random(size), "beta": rng.standard_normal(size)}
        param = {"mode": "train"}
        inputs = case.inputs | more
        cases.append(case._replace(inputs=inputs, numbers=(case.param,), param=param))
    return cases


def _max_pool(rng):
    cases = []
    for height, width, stride, x in ((2, 2, 2, (2, 3, 4, 6)), (2, 3, 1, (3, 2, 4, 5))):
        param = {"pool_height": height, "pool_width": width, "stride": stride}
        more = f"window {height} by {width}, stride {stride}"
        cases.append(_case({"x": rng.standard_normal(x)}, param, more))
    return cases


def _spatial_batchnorm(rng):
    running = {"running_mean": rng.standard_normal(3), "running_var": 1 + rng.random(3)}
    given = {"eps": 0.3, "momentum": 0.7, **running}

    return [
        _case(_images(rng, 2, 3, 4, 5), {"mode": "train", **given}, "eps 0.3, momentum 0.7"),
        _case(_images(rng, 3, 2, 5, 4), {"mode": "train"}),
        _case(_images(rng, 2, 3, 4, 5), {"mode": "test", **given}, "eps 0.3"),
    ]


def _spatial_groupnorm(rng):
    cases = []
    for groups, size, param in ((2, (3, 6, 4, 5), {}), (3, (2, 3, 5, 4), {"eps": 0.3})):
        arrays = _images(rng, *size)
        for name in ("gamma", "beta"):
            arrays[name] = arrays[name][None, :, None, None]
        case = _case(
            arrays, param, f"G {groups}{''.join(f', eps {eps}' for eps in param.values())}"
        )
        cases.append(case._replace(numbers=(groups,)))
    return cases


def _images(rng, *size):
    """Channels of unlike mean and spread."""
    gamma, beta = 1 + 0.5 * rng.random(size[1]), rng.standard_normal(size[1])
    x = (1 + np.arange(size[1]))[:, None, None] * rng.standard_normal(size) + 1
    return {"x": x, "gamma": gamma, "beta": beta}


def _layernorm(rng):
    return [
        _case(_features(rng, 5, 4), {}),
        _case(_features(rng, 3, 6), {"eps": 0.3}, "eps 0.3"),
    ]


def _features(rng, n, d):
    """Columns and rows of unlike mean and spread."""
    x = (1 + np.arange(d)) * rng.standard_normal((n, d)) + rng.standard_normal(d)
    gamma, beta = 1 + 0.5 * rng.random(d), rng.standard_normal(d)
    return {"x": x, "gamma": gamma, "beta": beta}


def _dropout(rng):
    x = _off_zero(rng, (100, 80))
    return [
        _case({"x": x}, {"mode": "train", "p": 0.3, "seed": 1}, "p 0.3"),
        _case({"x": x[:5, :4]}, {"mode": "train", "p": 0.7, "seed": 2}, "p 0.7"),
        _case({"x": x[:5, :4]}, {"mode": "test", "p": 0.3, "seed": 1}, "p 0.3"),
    ]


def _loss(rng):
    x = _off_zero(rng, (5, 4))
    y = np.array([2, 0, 3, 1, 2])
    unlike = x + np.array([[1000.0], [0], [-1000], [300], [0]])
    return [
        _case({"x": x, "y": y}),
        _case({"x": x + 1000, "y": y}, None, "scores near 1000"),
        _case({"x": unlike, "y": y}, None, "rows near 1000, 0 and -1000"),
    ]


_CASES = {
    "affine": _affine,
    "affine_relu": _affine,
    "relu": _relu,
    "batchnorm": _batchnorm,
    "layernorm": _layernorm,
    "conv_naive": _convolution,
    "conv_relu": _convolution,
    "conv_relu_pool": _conv_relu_pool,
    "conv_bn_relu": _conv_bn_relu,
    "max_pool_naive": _max_pool,
    "spatial_batchnorm": _spatial_batchnorm,
    "spatial_groupnorm": _spatial_groupnorm,
    "dropout": _dropout,
    "loss": _loss,
}


def _case(inputs, param=None, more=""):
    mode = f"mode {param['mode']!r}" if param and "mode" in param else ""
    x = f"x {inputs['x'].shape}"
    return Case(", ".join(part for part in (mode, more, x) if part), inputs, param)


def _off_zero(rng, shape):
    """Numbers of either sign, all at least 0.1 away from zero."""
    x = rng.standard_normal(shape)
    return x + 0.1 * np.sign(x)


def _copied(value):
    return value.copy() if isinstance(value, np.ndarray) else value
