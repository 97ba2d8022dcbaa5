"""Figures of the page on what training shows, a function each, as in `figures`."""

import numpy as np

from normlab.show.drawing import (
    ANSWER,
    PanelFigure,
    against,
    guessing,
    one_panel,
    runs_and_band,
    styled,
)
from normlab.show.methods import look
from normlab.show.series import series_of
from normlab.show.tables import Table
from normlab.stats.intervals import mean_interval

_RATE = "learning rate"
_SHIFT = "internal covariate shift, of gradient"


@styled
def learning_rates(rates, sigmoid, chance):
    """Test accuracy against the learning rate, of nets with relu and with sigmoids.

    ``rates`` and ``sigmoid`` are Measured over normalization and learning_rate.
    """
    caption = (
        "Test accuracy at the end of a short training by plain gradient descent. A run that "
        "diverged counts as a guess."
    )
    figure = PanelFigure(1, 2, _RATE, caption)
    kinds = {"with relu": rates, "with sigmoids": sigmoid}
    for axis, (kind, grid) in zip(figure.axes, kinds.items(), strict=True):
        _against_rate(axis, grid, "test", f"test accuracy, {kind}")
        guessing(axis, round(1 / chance))
    return figure.finished()


@styled
def answer(along, measure="shift"):
    """The answer of a page: internal covariate shift against the learning rate."""
    figure, axis = one_panel(_RATE, size=ANSWER)
    _against_rate(axis, along, measure, _SHIFT)
    return figure.finished()


@styled
def along_gradient(along):
    """Four measures of what an update does, against the learning rate; of `along_gradient`."""
    caption = (
        "Means over a training. Range of the loss over steps of a half to four learning rates "
        "along the gradient; largest change of the gradient on them, for its size, and for the "
        "length of the step; internal covariate shift, the change of the gradient of the last "
        "hidden layer when the layers below make their update, for its size."
    )
    figure = PanelFigure(2, 2, _RATE, caption)
    titles = {
        "range": "range of the loss, nats",
        "change": "change of the gradient, of its size",
        "beta": "change of the gradient by length",
        "shift": _SHIFT,
    }
    for axis, (measure, title) in zip(figure.axes, titles.items(), strict=True):
        _against_rate(axis, along, measure, title, "log")
    return figure.finished()


def _against_rate(axis, grid, measure, title, yscale="linear"):
    rates = grid.fields["learning_rate"]
    against(axis, rates, series_of(grid, measure), title, yscale, single=False)


@styled
def layer_inputs(inputs, updates):
    """Quantiles of the inputs of the last sigmoid over a training, a panel a net."""
    caption = (
        "The 15, 50 and 85 % quantiles of the inputs of a unit of the last sigmoid, over 200 "
        "validation images; the mean over units. The panels have different vertical axes."
    )
    figure = PanelFigure(1, 2, "updates", caption)
    for axis, method in zip(figure.axes, inputs.fields["normalization"], strict=True):
        quantiles = inputs.values("quantiles", normalization=method).mean(axis=-1)
        x = np.arange(quantiles.shape[1]) * (updates / quantiles.shape[1])
        axis.set_title(f"inputs of a sigmoid, {look(method).label}")
        for place, name in enumerate(("15 %", "median", "85 %")):
            values, style = quantiles[:, :, place], look(method)
            interval = mean_interval(values.T)
            runs_and_band(axis, x, values, interval, style.color, single=False)
            axis.plot(x, interval.mean, color=style.color, dashes=style.dashes)
            figure.keep(axis, name, x, interval)
    return figure.finished()


@styled
def few_classes(classes, chance):
    """Test accuracy against the number of classes in a minibatch."""
    caption = (
        "Test accuracy at the end against the number of classes in each minibatch, which are drawn "
        "anew for each."
    )
    figure, axis = one_panel("classes in a minibatch", caption)
    accuracy = series_of(classes, "test")
    against(axis, classes.fields["classes"], accuracy, "test accuracy", single=False)
    guessing(axis, round(1 / chance))
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
