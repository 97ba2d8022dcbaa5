"""Every gradient of the library against numbers: central differences and complex step."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from normlab import nn
from normlab.study.tables import Table

N, D, M, CLASSES = 5, 6, 4, 3  # examples, features in and out, classes: small enough to check all
_FLOOR = 1e-3  # a gradient that is zero on paper is judged by its absolute size over this


class Check(NamedTuple):
    """The gradient of ``forward`` at ``value``, weighted by ``dout``, and what we say it is."""

    layer: str
    gradient: str
    forward: Callable
    value: np.ndarray
    dout: np.ndarray
    analytic: np.ndarray

    def central_error(self, step: float) -> float:
        """Error of the analytic gradient against central differences."""
        numerical = nn.eval_numerical_gradient_array(
            self.forward, self.value.copy(), self.dout, step
        )
        return distance(self.analytic, numerical)

    def complex_error(self) -> float:
        """Error of the analytic gradient against the complex step."""
        return distance(
            self.analytic, nn.complex_step_gradient_array(self.forward, self.value, self.dout)
        )


def distance(ours, theirs) -> float:
    """Norm of the difference over the norm of ``theirs``, or over 1e-3 where that is smaller."""
    return float(np.linalg.norm(ours - theirs) / max(np.linalg.norm(theirs), _FLOOR))


def gradient_table(seeds: int, step: float) -> Table:
    """Largest errors over seeds, a row a gradient; ``step`` is that of the central differences."""
    rows = {}
    for seed in range(seeds):
        for check in all_checks(seed):
            row = rows.setdefault((check.layer, check.gradient), ([], []))
            row[0].append(check.central_error(step))
            row[1].append(check.complex_error())
    return Table(
        f"Relative error of each analytic gradient in float64, the largest of {seeds} random draws",
        ("Layer", "Gradient", "against central differences", "against complex step"),
        tuple(
            (layer, gradient, max(central), max(complex_step))
            for (layer, gradient), (central, complex_step) in rows.items()
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


def all_checks(seed: int) -> list[Check]:
    """Gradients of all layers and of three whole nets at random arrays drawn from ``seed``."""
    rng = np.random.default_rng(seed)
    x, w, b = rng.standard_normal((N, D)), rng.standard_normal((D, M)), rng.standard_normal(M)
    wide = {"gamma": 1 + 0.5 * rng.standard_normal(D), "beta": rng.standard_normal(D)}
    narrow = {"gamma": 1 + 0.5 * rng.standard_normal(M), "beta": rng.standard_normal(M)}
    labels = rng.integers(CLASSES, size=N)
    scores = rng.standard_normal((N, CLASSES))
    affine = {"x": x, "w": w, "b": b}
    layers = [
        ("affine", nn.affine_forward, nn.affine_backward, affine),
        ("relu", nn.relu_forward, nn.relu_backward, {"x": x}),
        ("dropout", _with(nn.dropout_forward, {"mode": "train", "p": 0.7, "seed": seed}),
         nn.dropout_backward, {"x": x}),
        ("batchnorm", _with(nn.batchnorm_forward, {"mode": "train"}),
         nn.batchnorm_backward, {"x": x, **wide}),
        ("batchnorm, closed form", _with(nn.batchnorm_forward, {"mode": "train"}),
         nn.batchnorm_backward_alt, {"x": x, **wide}),
        ("layernorm", _with(nn.layernorm_forward, {}), nn.layernorm_backward, {"x": x, **wide}),
        ("affine - relu", nn.affine_relu_forward, nn.affine_relu_backward, affine),
        ("affine - batchnorm - relu",
         _with(nn.affine_norm_relu_forward, {"mode": "train"}, "batchnorm"),
         nn.affine_norm_relu_backward, affine | narrow),
        ("affine - layernorm - relu", _with(nn.affine_norm_relu_forward, {}, "layernorm"),
         nn.affine_norm_relu_backward, affine | narrow),
        ("softmax loss", _loss(nn.softmax_loss, labels), _loss_gradient, {"x": scores}),
        ("svm loss", _loss(nn.svm_loss, labels), _loss_gradient, {"x": scores}),
    ]  # fmt: skip
    checks = [check for layer in layers for check in _layer_checks(*layer, rng)]
    for normalization in (None, "batchnorm", "layernorm"):
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
        [7, 5], D, CLASSES, normalization=normalization, reg=0.3, weight_scale=0.5,
        dtype=np.float64, rng=rng,
    )  # fmt: skip
    for name in net.params:  # away from the zeros and ones that a new net starts with
        net.params[name] = net.params[name] + 0.1 * rng.standard_normal(net.params[name].shape)
    _, gradients = net.loss(x, labels)
    for quantity, value in list(net.params.items()):

        def at(replaced, quantity=quantity, value=value):
            net.params[quantity] = replaced
            loss = net.loss(x, labels)[0]
            net.params[quantity] = value
            return np.asarray(loss)

        yield Check(
            f"net, {normalization or 'no normalization'}",
            quantity, at, value, np.array(1.0), gradients[quantity],
        )  # fmt: skip


def _with(forward, *rest):
    return lambda *arrays: forward(*arrays, *rest)


def _loss(loss, labels):
    return lambda scores: loss(scores, labels)


def _loss_gradient(_, dx):
    return dx
