"""Figures of the page on what training shows, a function each, as in `figures`."""

import numpy as np

from normlab.show.drawing import PanelFigure, about_lines, guessing, label_sizes, lines, styled
from normlab.show.figures import ANSWER, MIDDLE
from normlab.show.methods import look
from normlab.show.tables import Table
from normlab.stats.intervals import mean_interval

_RATE = "learning rate"
_SIGMOID = "with sigmoids"


@styled
def learning_rates(rates, sigmoid, chance):
    """Test accuracy against the learning rate, of nets with relu and with sigmoids.

    ``rates`` and ``sigmoid`` are Measured over normalization and learning_rate.
    """
    seeds = about_lines("means", len(rates.seeds))
    caption = (
        "Test accuracy at the end of a short training by plain gradient descent. A run that "
        f"diverged counts as a guess. {seeds}"
    )
    figure = PanelFigure(1, 2, _RATE, caption, MIDDLE)
    for axis, grid, kind in zip(
        figure.axes, (rates, sigmoid), ("with relu", _SIGMOID), strict=True
    ):
        _against_rate(axis, grid, "test", f"test accuracy, {kind}")
        guessing(axis, round(1 / chance))
    return figure.finished()


@styled
def answer(along, measure="shift"):
    """The answer of a page: internal covariate shift against the learning rate."""
    figure = PanelFigure(1, 1, _RATE, size=ANSWER)
    _against_rate(figure.axes[0], along, measure, "internal covariate shift, of gradient")
    return figure.finished()


@styled
def along_gradient(along):
    """Four measures of what an update does, against the learning rate; of `along_gradient`."""
    caption = (
        "Means over a training. Range of the loss over steps of a half to four learning rates "
        "along the gradient; largest change of the gradient on them, for its size, and for the "
        "length of the step; internal covariate shift, the change of the gradient of the last "
        "hidden layer when the layers below make their update, for its size. "
        f"{about_lines('means', len(along.seeds))}"
    )
    figure = PanelFigure(2, 2, _RATE, caption, MIDDLE)
    titles = {
        "range": "range of the loss, nats",
        "change": "change of the gradient, of its size",
        "beta": "change of the gradient by length",
        "shift": "internal covariate shift, of gradient",
    }
    for axis, (measure, title) in zip(figure.axes, titles.items(), strict=True):
        _against_rate(axis, along, measure, title, "log")
    return figure.finished()


def _against_rate(axis, grid, measure, title, yscale="linear"):
    x = np.array(grid.fields["learning_rate"])
    series = {m: grid.values(measure, normalization=m).T for m in grid.fields["normalization"]}
    lines(axis, x, series, title, yscale, "log", alpha=0)


@styled
def layer_inputs(inputs, updates):
    """Quantiles of the inputs of the last sigmoid over a training, a panel a net."""
    caption = (
        "The 15, 50 and 85 % quantiles of the inputs of a unit of the last sigmoid, over 200 "
        "validation images; the mean over units. The panels have different vertical axes. "
        f"{about_lines('means', len(inputs.seeds), single=False)}"
    )
    figure = PanelFigure(1, 2, "updates", caption, MIDDLE)
    for axis, method in zip(figure.axes, inputs.fields["normalization"], strict=True):
        quantiles = inputs.values("quantiles", normalization=method).mean(axis=-1)
        x = np.arange(quantiles.shape[1]) * (updates / quantiles.shape[1])
        axis.set_title(f"inputs of a sigmoid, {look(method).label}")
        for place, name in enumerate(("15 %", "median", "85 %")):
            interval = mean_interval(quantiles[:, :, place].T)
            axis.plot(x, interval.mean, color=look(method).color, dashes=look(method).dashes)
            axis.fill_between(
                x, interval.low, interval.high, color=look(method).color, alpha=0.2, lw=0
            )
            figure.keep(axis, name, x, interval)
    return figure.finished()


@styled
def few_classes(classes, chance):
    """Test accuracy against the number of classes in a minibatch."""
    caption = (
        "Test accuracy at the end against the number of classes in each minibatch, which are drawn "
        f"anew for each. {about_lines('means', len(classes.seeds))}"
    )
    figure = PanelFigure(1, 1, "classes in a minibatch", caption, (5.6, 3.1))
    (axis,) = figure.axes
    numbers = np.array(classes.fields["classes"])
    series = {m: classes.values("test", normalization=m).T for m in classes.fields["normalization"]}
    lines(axis, numbers, series, "test accuracy", xscale="log", alpha=0)
    guessing(axis, round(1 / chance))
    label_sizes(axis, numbers)
    return figure.finished()


def accuracies(parts, dropout, noise, rms) -> Table:
    """Test accuracies of the experiments that are compared at a few points only."""
    rows = []
    for part, name in (("norms", "γ and β"), ("weights", "as many weights"), ("all", "all")):
        rows.append(("trained part", name, parts.values("test", part=part)))
    for method in dropout.fields["normalization"]:
        for keep in dropout.fields["keep"]:
            name = f"{look(method).label}, {'no dropout' if keep == 1 else f'dropout keeps {keep}'}"
            values = dropout.values("test", normalization=method, keep=keep)
            rows.append(("dropout", name, values))
    plain = noise.values("test", normalization="none", strength=0.0)
    rows.append(("noise", look("none").label, plain))
    for strength in noise.fields["strength"]:
        values = noise.values("test", normalization="batchnorm", strength=strength)
        rows.append(("noise", f"batch norm, strength {strength}", values))
    for method, name in (("layernorm", "layer norm"), ("rmsnorm", "RMS norm")):
        rows.append(("family", name, rms.values("test", normalization=method)))
    shown = tuple((kind, name, mean_interval(100 * values)) for kind, name, values in rows)
    caption = f"Test accuracy at the end. Means over {len(parts.seeds)} seeds, with 95 % intervals."
    return Table(caption, ("comparison", "network", "test accuracy, %"), shown)
