"""Tables and the figure of the page on gradient checks."""

from typing import NamedTuple

import numpy as np

from normlab.runs.experiments import Measured
from normlab.show.drawing import ANSWER, PanelFigure, runs_and_band, styled
from normlab.show.methods import look
from normlab.show.tables import Table
from normlab.stats.intervals import Interval, mean_interval

_ZERO = 1e-9  # a norm below it is that of rounding


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


def gradient_errors(found: Measured) -> GradientErrors:
    """What `experiments.gradient_checks.errors` found, the largest over the seeds."""
    names, errors = found.values("names")[0], found.values("errors").max(axis=0)
    largest = [(*map(str, name), *map(float, row)) for name, row in zip(names, errors, strict=True)]
    usual = tuple(row[:4] for row in largest if row[4] > _ZERO)
    zero = tuple((*row[:2], row[4]) for row in largest if row[4] <= _ZERO)
    draws = f"the largest of {len(found.seeds)} random draws, in float64"
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


def step_errors(found: Measured) -> dict:
    """What `experiments.gradient_checks.errors_by_step` found; label -> (steps, seeds)."""
    central = found.values("central").T
    flat = np.tile(found.values("complex"), (len(central), 1))
    return {"central difference": central, "complex step": flat}


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
    caption = "Relative error of two numerical gradients of batch norm against the step."
    figure = PanelFigure(1, 1, "step h", caption, ANSWER, means="geometric means")
    (axis,) = figure.axes
    axis.set(title="relative error", xscale="log", yscale="log")
    for (label, values), method in zip(errors.items(), ("batchnorm", "other"), strict=False):
        logs = mean_interval(np.log10(np.maximum(values, np.finfo(float).tiny)))
        error = Interval(*(10**limit for limit in logs))
        axis.plot(steps, error.mean, color=look(method).color)
        runs_and_band(axis, steps, np.transpose(values), error, look(method).color, single=False)
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
