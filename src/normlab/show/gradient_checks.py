"""Every gradient of the library against numbers: central differences and complex step."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from normlab import nn
from normlab.nn.comparison import norm_error
from normlab.nn.layers.example import SIZES, arguments
from normlab.show.drawing import PanelFigure, about_lines, runs_and_band, styled
from normlab.show.methods import look
from normlab.show.tables import Table
from normlab.stats.intervals import Interval, mean_interval

_ZERO = 1e-9  # a norm below it is that of rounding


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


class GradientErrors(NamedTuple):
    """How far gradients are from numbers, the largest over all: relative errors, and of_zero.

    ``of_zero`` is the size of those gradients that are zero but for rounding, as that of a bias
    in front of batch norm: there a relative error would compare noise with noise.
    """

    central: float
    complex_step: float
    of_zero: float
    number: int
    number_of_zero: int
    tables: tuple[Table, Table]


def gradient_errors(seeds: int, step: float) -> GradientErrors:
    """Check all gradients at random arrays; ``step`` is that of the central differences."""
    rows = {}
    for seed in range(seeds):
        for check in all_checks(seed):
            errors = check.central_error(step), check.complex_error(), check.size
            rows.setdefault((check.layer, check.gradient), []).append(errors)
    largest = [(*names, *map(max, zip(*errors, strict=True))) for names, errors in rows.items()]
    usual = tuple(row[:4] for row in largest if row[4] > _ZERO)
    zero = tuple((*row[:2], row[4]) for row in largest if row[4] <= _ZERO)
    draws = f"the largest of {seeds} random draws, in float64"
    return GradientErrors(
        *(max(row[column] for row in usual) for column in (2, 3)),
        of_zero=max(row[2] for row in zero),
        number=len(usual),
        number_of_zero=len(zero),
        tables=(
            Table(
                f"Relative error of each gradient, {draws}",
                ("Layer", "Gradient", "against central differences", "against complex step"),
                usual,
            ),
            Table(
                f"Norm of each gradient that is zero but for rounding, {draws}",
                ("Layer", "Gradient", "norm"),
                zero,
            ),
        ),
    )


def step_errors(seeds: int, steps) -> dict:
    """Error against the step size for batch normalization's dx; label -> (steps, seeds)."""
    central = np.empty((len(steps), seeds))
    complex_step = np.empty(seeds)
    for seed in range(seeds):
        check = next(c for c in all_checks(seed) if (c.layer, c.gradient) == ("batchnorm", "x"))
        central[:, seed] = [check.central_error(step) for step in steps]
        complex_step[seed] = check.complex_error()
    return {
        "central difference": central,
        "complex step": np.tile(complex_step, (len(steps), 1)),
    }


def step_table(steps, errors) -> Table:
    """The numbers behind the figure of error against step size, means over seeds."""
    return Table(
        "Relative error of the gradient of batch normalization, geometric means over seeds",
        ("step h", *errors),
        tuple(
            (
                float(step),
                *(float(10 ** np.log10(values[row]).mean()) for values in errors.values()),
            )
            for row, step in enumerate(steps)
        ),
    )


@styled
def error_against_step(steps, errors):
    """Error of a numerical gradient against its step size, log-log.

    ``errors`` maps a label to an array (steps, seeds).
    """
    seeds = np.shape(next(iter(errors.values())))[-1]
    caption = (
        "Relative error of two numerical gradients of batch norm against the step. "
        f"{about_lines('geometric means', seeds, single=False)}"
    )
    figure = PanelFigure(1, 1, "step h", caption, (4.4, 2.9))
    (axis,) = figure.axes
    axis.set(title="relative error", xscale="log", yscale="log")
    for (label, values), method in zip(errors.items(), ("batchnorm", "other"), strict=False):
        logs = mean_interval(np.log10(np.maximum(values, np.finfo(float).tiny)))
        error = Interval(*(10**limit for limit in logs))
        axis.plot(steps, error.mean, color=look(method).color)
        runs_and_band(axis, steps, np.transpose(values), error, look(method).color, alpha=0)
        where = len(steps) // 8
        axis.annotate(
            label,
            (steps[where], error.mean[where]),
            (8, 8),
            color=look(method).text,
            textcoords="offset points",
        )
        figure.keep(axis, label, steps, error, runs=np.transpose(values))
    return figure.finished()


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
