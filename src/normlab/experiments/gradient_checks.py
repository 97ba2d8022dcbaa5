"""Every gradient of the library against numbers: central differences and complex step."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from normlab import nn
from normlab.nn.comparison import norm_error
from normlab.nn.layers.example import SIZES, arguments


class Check(NamedTuple):
    """The gradient of ``forward`` at ``value``, weighted by ``dout``, and what we say it is."""

    layer: str
    gradient: str
    forward: Callable
    value: np.ndarray
    dout: np.ndarray
    analytic: np.ndarray

    @property
    def size(self) -> float:
        """Norm of the analytic gradient."""
        return float(np.linalg.norm(self.analytic))

    def central_error(self, step: float) -> float:
        """Error of the analytic gradient against central differences."""
        numerical = nn.eval_numerical_gradient_array(
            self.forward, self.value.copy(), self.dout, step
        )
        return norm_error(self.analytic, numerical)

    def complex_error(self) -> float:
        """Error of the analytic gradient against the complex step."""
        return norm_error(
            self.analytic, nn.complex_step_gradient_array(self.forward, self.value, self.dout)
        )


def errors(seed, step):
    """Check all gradients at random arrays; ``step`` is that of the central differences.

    Returns
    -------
    dict
        "names", (checks, 2), layer and array; "errors", (checks, 3), relative to central
        differences and to the complex step, and the norm of the gradient.
    """
    checks = all_checks(seed)
    return {
        "names": [(check.layer, check.gradient) for check in checks],
        "errors": [
            (check.central_error(step), check.complex_error(), check.size) for check in checks
        ],
    }


def errors_by_step(seed, steps):
    """Errors of batch normalization's dx: "central", (steps,), and "complex", a number."""
    check = next(c for c in all_checks(seed) if (c.layer, c.gradient) == ("batchnorm", "x"))
    return {
        "central": [check.central_error(step) for step in steps],
        "complex": check.complex_error(),
    }


def all_checks(seed: int) -> list[Check]:
    """Gradients of all layers and of whole nets at random arrays drawn from ``seed``."""
    rng = np.random.default_rng(seed)
    checks = []
    for layer in nn.LAYERS.values():
        inputs, rest = arguments(layer, rng)
        forward = _with(layer.forward, *rest)
        for backward in layer.backwards:
            name = backward.__name__.replace("_backward", "")
            checks += _layer_checks(name, forward, backward, inputs, rng)
        if not layer.backwards:  # a loss
            checks += _layer_checks(layer.name, forward, lambda _, dx: dx, inputs, rng)
    affine, _ = arguments(nn.LAYERS["affine"], rng)
    checks += _layer_checks(
        "affine_relu", nn.affine_relu_forward, nn.affine_relu_backward, affine, rng
    )
    for name, layer in nn.NORMALIZATIONS.items():
        if [*layer.parameters, bool(layer.param)] != ["gamma", "beta", True]:
            continue  # the composite has no place for others
        drawn, (param,) = arguments(layer, rng, SIZES | {"D": SIZES["M"]})
        forward = _with(nn.affine_norm_relu_forward, param, name)
        inputs = affine | {key: drawn[key] for key in layer.parameters}
        checks += _layer_checks(
            f"affine_norm_relu, {name}", forward, nn.affine_norm_relu_backward, inputs, rng
        )
    x = rng.standard_normal((SIZES["N"], SIZES["D"]))
    labels = rng.integers(SIZES["C"], size=SIZES["N"])
    for normalization in (None, *nn.NORMALIZATIONS):
        checks += _net_checks(normalization, rng, x, labels)
    return checks


def _layer_checks(name, forward, backward, inputs, rng):
    out, cache = forward(*inputs.values())
    dout = rng.standard_normal(np.shape(out)) if np.ndim(out) else np.array(1.0)
    gradients = backward(dout, cache)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    for (quantity, value), analytic in zip(inputs.items(), gradients, strict=True):

        def at(replaced, quantity=quantity):
            return np.asarray(forward(*(inputs | {quantity: replaced}).values())[0])

        yield Check(name, quantity, at, value, dout, analytic)


def _net_checks(normalization, rng, x, labels):
    net = nn.FullyConnectedNet(
        [7, 5],
        SIZES["D"],
        SIZES["C"],
        normalization=normalization,
        reg=0.3,
        weight_scale=0.5,
        dtype=np.float64,
        rng=rng,
    )
    for name in net.params:  # away from the zeros and ones that a new net starts with
        net.params[name] = net.params[name] + 0.1 * rng.standard_normal(net.params[name].shape)
    _, gradients = net.loss(x, labels)
    name = f"net, {normalization or 'no normalization'}"
    for quantity, value in list(net.params.items()):

        def at(replaced, quantity=quantity, value=value):
            net.params[quantity] = replaced
            loss = net.loss(x, labels)[0]
            net.params[quantity] = value
            return np.asarray(loss)

        yield Check(name, quantity, at, value, np.array(1.0), gradients[quantity])


def _with(forward, *rest):
    return lambda *arrays: forward(*arrays, *rest)
