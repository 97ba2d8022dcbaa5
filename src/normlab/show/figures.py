"""One function a figure: results in, a Figure out. Nothing here trains or shows."""

import numpy as np

from normlab.ledger.scales import REQUIRED, decades
from normlab.show.drawing import (
    PanelFigure,
    about_lines,
    guessing,
    label_sizes,
    level,
    lines,
    mark,
    share_heights,
    styled,
    words,
)
from normlab.show.methods import look
from normlab.show.text import power_of_ten
from normlab.stats.intervals import Interval, he_scale, smooth
from normlab.training.histories import SIGNAL_QUANTILES

MIDDLE = (4.3, 2.8)  # inches, for two panels a row
ANSWER = (4.4, 2.9)  # for the one that carries the answer
_SMOOTHED = 10  # updates, in a curve of the training loss


@styled
def training_curves(sweep, num_train, num_classes):
    """Loss, training and test accuracy against epochs, a line a method."""
    caption = (
        "Loss and accuracy against epochs; the loss is the mean of "
        f"{_SMOOTHED} updates in a row. {about_runs(sweep)}"
    )
    figure = PanelFigure(1, 3, "epochs", caption)
    epochs = sweep.config.batch_size / num_train
    loss = {
        m: smooth(sweep.values("loss", normalization=m), _SMOOTHED)[:, sweep.updates - 1]
        for m in methods_of(sweep)
    }
    lines(figure.axes[0], sweep.updates * epochs, loss, "training loss", "log")
    for axis, split in zip(figure.axes[1:], ("train", "test"), strict=True):
        accuracy = {
            m: sweep.values(f"{split}_accuracy", normalization=m) for m in methods_of(sweep)
        }
        lines(axis, sweep.updates * epochs, accuracy, f"{words(split)} accuracy")
        guessing(axis, num_classes)
    return figure.finished()


@styled
def lead(sweep, num_train):
    """How far each method is ahead of none, seed by seed, against epochs."""
    caption = (
        "Points by which a normalized network is ahead of the plain one that started from the same "
        f"weights and saw the same images. {about_runs(sweep)}"
    )
    figure = PanelFigure(1, 2, "epochs", caption, MIDDLE)
    share_heights(figure)
    epochs = sweep.config.batch_size / num_train
    for axis, split in zip(figure.axes, ("train", "test"), strict=True):
        ahead = {
            m: 100 * sweep.difference(f"{split}_accuracy", m)
            for m in methods_of(sweep)
            if m != "none"
        }
        lines(axis, sweep.updates * epochs, ahead, f"{words(split)}: points above none")
        level(axis, 0, "")
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
    figure = PanelFigure(2, 2, "hidden layer", caption, MIDDLE, values)
    share_heights(figure)
    kinds = [(kind, when) for kind in ("activation", "gradient") for when in ("start", "end")]
    for axis, (kind, when) in zip(figure.axes, kinds, strict=True):
        axis.set_title(f"size of {kind}s, {when} of training")
        axis.set_yscale("log")
        for method in methods_of(sweep):
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
        "accuracy of a run, and its test accuracy where the validation accuracy is highest. "
        f"{about_runs(sweep)}"
    )
    figure = PanelFigure(1, 2, "weight scale", caption, MIDDLE)
    share_heights(figure)
    measures = {
        "training accuracy": "best_train_accuracy",
        "test accuracy": "selected_test_accuracy",
    }
    for axis, (title, measure) in zip(figure.axes, measures.items(), strict=True):
        _scales(axis, sweep, measure, title, fan_in, num_classes)
    return figure.finished()


def _scales(axis, sweep, measure, title, fan_in, num_classes):
    mark(axis, he_scale(fan_in), "He")
    scales = np.array(sweep.fields["weight_scale"])
    lines(axis, scales, _each(sweep, measure), title, xscale="log")
    guessing(axis, num_classes)


@styled
def decades_against_required(sweep):
    """Over how many decades of scale a network trains, against the accuracy that is asked for."""
    caption = (
        "Decades of the weight scale over which the best training accuracy reaches what is asked "
        f"for. {about_runs(sweep)}"
    )
    figure = PanelFigure(1, 1, "training accuracy asked for, %", caption, (5.6, 3.1))
    (axis,) = figure.axes
    series = {m: decades(sweep, m).T for m in methods_of(sweep)}
    lines(axis, 100 * REQUIRED, series, "decades of scale that train")
    return figure.finished()


@styled
def ablation(sweep):
    """Training accuracy against the weight scale: as in the course, and what changes it.

    ``sweep`` goes over weight_scale, two values of eps, and two of reference_scale.
    """
    usual, tiny = (power_of_ten(round(np.log10(eps))) for eps in sweep.fields["eps"])
    _, reference = sweep.fields["reference_scale"]
    caption = (
        "Training accuracy at the end against the weight scale. Above, the learning rate is the "
        "same at every scale; below, hidden layers take steps in proportion to the scale of their "
        f"weights, as they would from {reference:.2g}, and the output layer starts at "
        f"{reference:.2g}. {about_runs(sweep)}"
    )
    figure = PanelFigure(2, 2, "weight scale", caption, MIDDLE)
    for axis in figure.axes[1:]:
        axis.sharey(figure.axes[0])
    scales = np.array(sweep.fields["weight_scale"])
    for row, rate in enumerate(("same steps", "steps in proportion")):
        for column, eps in enumerate((usual, tiny)):
            fixed = {
                "eps": sweep.fields["eps"][column],
                "reference_scale": sweep.fields["reference_scale"][row],
            }
            series = _each(sweep, "final_train_accuracy", **fixed)
            axis = figure.axes[2 * row + column]
            lines(axis, scales, series, f"training accuracy, {rate}, ε = {eps}", xscale="log")
    return figure.finished()


@styled
def against_batch_size(sweeps, num_classes):
    """Training accuracy above, test accuracy below, against batch size.

    ``sweeps`` maps the title of a column to a Sweep over normalization and batch_size.
    """
    caption = f"Accuracy at the end against batch size. {about_runs(next(iter(sweeps.values())))}"
    figure = PanelFigure(2, len(sweeps), "batch size", caption, MIDDLE)
    for axis in figure.axes[1:]:
        axis.sharey(figure.axes[0])
    parts = [(split, *part) for split in ("train", "test") for part in sweeps.items()]
    for axis, (split, title, sweep) in zip(figure.axes, parts, strict=True):
        against_sizes(axis, sweep, f"final_{split}_accuracy", f"{words(split)} accuracy, {title}")
        guessing(axis, num_classes)
    return figure.finished()


def against_sizes(axis, sweep, measure, title):
    """One measure of each normalization against batch size, on a logarithmic axis."""
    sizes = np.array(sweep.fields["batch_size"])
    lines(axis, sizes, _each(sweep, measure), title, xscale="log")
    label_sizes(axis, sizes)


@styled
def mode_gap(sweeps):
    """Accuracy by running statistics minus that by the batch's own, against batch size."""
    caption = (
        "Validation accuracy of batch norm in test mode (running statistics) minus that in "
        "training mode (statistics of the batch), against batch size. "
        f"{about_runs(next(iter(sweeps.values())))}"
    )
    figure = PanelFigure(1, len(sweeps), "batch size", caption, MIDDLE)
    share_heights(figure)
    for axis, (title, sweep) in zip(figure.axes, sweeps.items(), strict=True):
        sizes = np.array(sweep.fields["batch_size"])
        gap = 100 * sweep.values("mode_gap", normalization="batchnorm").T
        lines(axis, sizes, {"batchnorm": gap}, f"test mode ahead, points, {title}", xscale="log")
        level(axis, 0, "")
        label_sizes(axis, sizes)
    return figure.finished()


@styled
def against_width(sweep, num_classes):
    """Training and test accuracy against the width of the hidden layers."""
    caption = f"Accuracy at the end against the width of all hidden layers. {about_runs(sweep)}"
    figure = PanelFigure(1, 2, "width of a layer", caption, MIDDLE)
    share_heights(figure)
    widths = np.array([dims[0] for dims in sweep.fields["hidden_dims"]])
    for axis, split in zip(figure.axes, ("train", "test"), strict=True):
        series = _each(sweep, f"final_{split}_accuracy")
        lines(axis, widths, series, f"{words(split)} accuracy", xscale="log")
        label_sizes(axis, widths)
        guessing(axis, num_classes)
    return figure.finished()


@styled
def answer_curves(sweep, measure, num_train, num_classes):
    """The answer of a page: one accuracy against epochs."""
    figure = PanelFigure(1, 1, "epochs", size=ANSWER)
    (axis,) = figure.axes
    epochs = sweep.config.batch_size / num_train
    series = {m: sweep.values(measure, normalization=m) for m in methods_of(sweep)}
    lines(axis, sweep.updates * epochs, series, words(measure), alpha=0)
    guessing(axis, num_classes)
    return figure.finished()


@styled
def answer_scales(sweep, fan_in, num_classes):
    """The answer of a page: test accuracy against the scale of the initial weights."""
    figure = PanelFigure(1, 1, "weight scale", size=ANSWER)
    measure = "selected_test_accuracy"
    _scales(figure.axes[0], sweep, measure, "test accuracy", fan_in, num_classes)
    return figure.finished()


@styled
def answer_batch_sizes(sweep, num_classes):
    """The answer of a page: test accuracy against batch size."""
    figure = PanelFigure(1, 1, "batch size", size=ANSWER)
    against_sizes(figure.axes[0], sweep, "final_test_accuracy", "test accuracy")
    guessing(figure.axes[0], num_classes)
    return figure.finished()


def methods_of(sweep):
    """The normalizations of a sweep."""
    return sweep.fields["normalization"]


def _each(sweep, measure, **fixed):
    """Method -> values of a measure, (seeds, points)."""
    return {m: sweep.values(measure, normalization=m, **fixed).T for m in methods_of(sweep)}


def about_runs(sweep):
    """What the lines of a sweep are, for a caption."""
    return about_lines("means", len(sweep.seeds))
