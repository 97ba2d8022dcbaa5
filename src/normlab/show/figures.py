"""One function a figure: results in, a Figure out. Nothing here trains or shows.

Each makes a PanelFigure, draws `lines` into its panels, or `against` a swept field, and marks what
they are compared with.
"""

from itertools import product

import numpy as np

from normlab.ledger.scales import REQUIRED, decades
from normlab.show.drawing import (
    ANSWER,
    PanelFigure,
    against,
    guessing,
    level,
    lines,
    mark,
    one_panel,
    styled,
    words,
)
from normlab.show.methods import look
from normlab.show.series import ahead, series_of
from normlab.show.text import power_of_ten
from normlab.stats.intervals import Interval, he_scale, smooth
from normlab.training.histories import SIGNAL_QUANTILES

_SMOOTHED = 10  # updates, in a curve of the training loss


@styled
def training_curves(sweep, num_train, num_classes):
    """Loss, training and test accuracy against epochs, a line a method."""
    caption = (
        f"Loss and accuracy against epochs; the loss is the mean of {_SMOOTHED} updates in a row."
    )
    figure = PanelFigure(1, 3, "epochs", caption)
    epochs = sweep.updates * (sweep.config.batch_size / num_train)
    losses = series_of(sweep, "loss")
    smoothed = {m: smooth(losses[m], _SMOOTHED)[:, sweep.updates - 1] for m in losses}
    lines(figure.axes[0], epochs, smoothed, "training loss", "log")
    for axis, split in zip(figure.axes[1:], ("train", "test"), strict=True):
        lines(axis, epochs, series_of(sweep, f"{split}_accuracy"), f"{words(split)} accuracy")
        guessing(axis, num_classes)
    return figure.finished()


@styled
def lead(sweep, num_train):
    """How far each method is ahead of none, seed by seed, against epochs."""
    caption = (
        "Points by which a normalized network is ahead of the plain one that started from the same "
        "weights and saw the same images."
    )
    figure = PanelFigure(1, 2, "epochs", caption, heights="row")
    epochs = sweep.updates * (sweep.config.batch_size / num_train)
    for axis, split in zip(figure.axes, ("train", "test"), strict=True):
        points = ahead(sweep, f"{split}_accuracy")
        lines(axis, epochs, points, f"{words(split)}: points above none")
        level(axis, 0)
    return figure.finished()


@styled
def signals_by_depth(sweep):
    """Magnitude of activations and gradients by depth, before and after training.

    The line is the median of the nonzero magnitudes, the band reaches from their
    5 % to their 95 % quantile; both are geometric means over seeds.
    """
    caption = (
        "Size of activations (after the relu) and of the loss's gradient at them, by hidden layer. "
        "Lines are medians of the nonzero magnitudes, bands reach from their 5th to their 95th "
        f"percentile; all are geometric means over {len(sweep.seeds)} seeds."
    )
    values = ("median", "5 % quantile", "95 % quantile")
    figure = PanelFigure(2, 2, "hidden layer", caption, values=values, heights="row")
    kinds = product(("activation", "gradient"), ("start", "end"))
    for axis, (kind, when) in zip(figure.axes, kinds, strict=True):
        axis.set_title(f"size of {kind}s, {when} of training")
        axis.set_yscale("log")
        for method in sweep.fields["normalization"]:
            _signal(axis, sweep, when, kind, method)
    return figure.finished()


def _signal(axis, sweep, when, kind, method):
    """Draw the line and the band of one method."""
    logs = np.log10(sweep.signals(when, kind, "quantiles", normalization=method)).mean(axis=0)
    sizes = Interval(*(10 ** logs[:, SIGNAL_QUANTILES.index(q)] for q in (0.5, 0.05, 0.95)))
    depth, color = np.arange(1, len(logs) + 1), look(method).color
    axis.set_xticks(depth)
    axis.fill_between(depth, sizes.low, sizes.high, color=color, alpha=0.07, lw=0)
    for edge in (sizes.low, sizes.high):
        axis.plot(depth, edge, color=color, lw=0.7, alpha=0.7, dashes=look(method).dashes)
    axis.plot(depth, sizes.mean, color=color, dashes=look(method).dashes)
    medians = sweep.medians(when, kind, normalization=method)
    axis.figure.keep(axis, look(method).label, depth, sizes, method, medians)


@styled
def against_scale(sweep, fan_in, num_classes):
    """Training and test accuracy against the scale of the initial weights."""
    caption = (
        "Accuracy against the standard deviation of the initial weights: the best training "
        "accuracy of a run, and its test accuracy where the validation accuracy is highest."
    )
    figure = PanelFigure(1, 2, "weight scale", caption, heights="row")
    best, selected = figure.axes
    scale_panel(best, sweep, "best_train_accuracy", "training accuracy", fan_in, num_classes)
    scale_panel(selected, sweep, "selected_test_accuracy", "test accuracy", fan_in, num_classes)
    return figure.finished()


def scale_panel(axis, sweep, measure, title, fan_in, num_classes, single=True):
    """A measure against the scale of the initial weights, in one panel where He's is marked."""
    mark(axis, he_scale(fan_in), "He")
    against(axis, sweep.fields["weight_scale"], series_of(sweep, measure), title, single=single)
    guessing(axis, num_classes)


@styled
def decades_against_required(sweep):
    """Over how many decades of scale a network trains, against the accuracy that is asked for."""
    caption = (
        "Decades of the weight scale over which the best training accuracy reaches what is asked "
        "for."
    )
    figure, axis = one_panel("training accuracy asked for, %", caption)
    series = {m: decades(sweep, m).T for m in sweep.fields["normalization"]}
    lines(axis, 100 * REQUIRED, series, "decades of scale that train")
    return figure.finished()


@styled
def ablation(sweep):
    """Training accuracy against the weight scale: as in the course, and what changes it.

    ``sweep`` goes over weight_scale, two values of eps, and two of reference_scale.
    """
    _, reference = sweep.fields["reference_scale"]
    caption = (
        "Training accuracy at the end against the weight scale. Above, the learning rate is the "
        "same at every scale; below, hidden layers take steps in proportion to the scale of their "
        f"weights, as they would from {reference:.2g}, and the output layer starts at "
        f"{reference:.2g}."
    )
    figure = PanelFigure(2, 2, "weight scale", caption, heights="all")
    steps = zip(("same steps", "steps in proportion"), sweep.fields["reference_scale"], strict=True)
    panels = product(steps, sweep.fields["eps"])
    for axis, ((how, scale), eps) in zip(figure.axes, panels, strict=True):
        series = series_of(sweep, "final_train_accuracy", eps=eps, reference_scale=scale)
        title = f"training accuracy, {how}, ε = {power_of_ten(round(np.log10(eps)))}"
        against(axis, sweep.fields["weight_scale"], series, title)
    return figure.finished()


@styled
def against_batch_size(sweeps, num_classes):
    """Training accuracy above, test accuracy below, against batch size.

    ``sweeps`` maps the title of a column to a Sweep over normalization and batch_size.
    """
    caption = "Accuracy at the end against batch size."
    figure = PanelFigure(2, len(sweeps), "batch size", caption, heights="all")
    panels = product(("train", "test"), sweeps.items())
    for axis, (split, (title, sweep)) in zip(figure.axes, panels, strict=True):
        accuracy = series_of(sweep, f"final_{split}_accuracy")
        against(axis, sweep.fields["batch_size"], accuracy, f"{words(split)} accuracy, {title}")
        guessing(axis, num_classes)
    return figure.finished()


@styled
def mode_gap(sweeps):
    """Accuracy by running statistics minus that by the batch's own, against batch size."""
    caption = (
        "Validation accuracy of batch norm in test mode (running statistics) minus that in "
        "training mode (statistics of the batch), against batch size."
    )
    figure = PanelFigure(1, len(sweeps), "batch size", caption, heights="row")
    for axis, (title, sweep) in zip(figure.axes, sweeps.items(), strict=True):
        gap = {"batchnorm": 100 * sweep.values("mode_gap", normalization="batchnorm").T}
        against(axis, sweep.fields["batch_size"], gap, f"test mode ahead, points, {title}")
        level(axis, 0)
    return figure.finished()


@styled
def against_width(sweep, num_classes):
    """Training and test accuracy against the width of the hidden layers."""
    caption = "Accuracy at the end against the width of all hidden layers."
    figure = PanelFigure(1, 2, "width of a layer", caption, heights="row")
    widths = [dims[0] for dims in sweep.fields["hidden_dims"]]
    for axis, split in zip(figure.axes, ("train", "test"), strict=True):
        accuracy = series_of(sweep, f"final_{split}_accuracy")
        against(axis, widths, accuracy, f"{words(split)} accuracy")
        guessing(axis, num_classes)
    return figure.finished()


@styled
def answer_curves(sweep, measure, num_train, num_classes):
    """The answer of a page: one accuracy against epochs."""
    figure, axis = one_panel("epochs", size=ANSWER)
    epochs = sweep.updates * (sweep.config.batch_size / num_train)
    lines(axis, epochs, series_of(sweep, measure), words(measure), single=False)
    guessing(axis, num_classes)
    return figure.finished()


@styled
def answer_scales(sweep, fan_in, num_classes):
    """The answer of a page: test accuracy against the scale of the initial weights."""
    figure, axis = one_panel("weight scale", size=ANSWER)
    scale_panel(axis, sweep, "selected_test_accuracy", "test accuracy", fan_in, num_classes)
    return figure.finished()


@styled
def answer_batch_sizes(sweep, num_classes):
    """The answer of a page: test accuracy against batch size."""
    figure, axis = one_panel("batch size", size=ANSWER)
    accuracy = series_of(sweep, "final_test_accuracy")
    against(axis, sweep.fields["batch_size"], accuracy, "test accuracy")
    guessing(axis, num_classes)
    return figure.finished()
