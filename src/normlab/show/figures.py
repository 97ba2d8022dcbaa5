"""One function a figure: results in, a Figure out. Nothing here trains or shows."""

import numpy as np

from normlab.show.drawing import (
    PanelFigure,
    about_lines,
    label_batch_sizes,
    lines,
    runs_and_band,
    share_heights,
    smooth,
    styled,
    words,
)
from normlab.show.methods import SOFT, look
from normlab.stats.intervals import Interval, he_scale, mean_interval
from normlab.training.histories import SIGNAL_QUANTILES

_MIDDLE = (4.0, 2.7)  # inches, for two panels a row
_MAX_LOSS = 10  # what is shown of losses that explode
_SMALL = (3.8, 2.5)  # inches, for the index page


@styled
def training_curves(sweep, num_train):
    """Loss, training and validation accuracy against epochs, a line a method."""
    caption = f"Loss and accuracy against epochs. {_about_lines(sweep)}"
    figure = PanelFigure(1, 3, "epochs", caption)
    epochs = sweep.histories.flat[0].config.batch_size / num_train
    loss = {
        method: smooth(sweep.values("loss", normalization=method)) for method in _methods(sweep)
    }
    updates = np.arange(1, next(iter(loss.values())).shape[-1] + 1)
    lines(figure.axes[0], updates * epochs, loss, "training loss", "log")
    for axis, split in zip(figure.axes[1:], ("train", "val"), strict=True):
        accuracy = {m: sweep.values(f"{split}_accuracy", normalization=m) for m in _methods(sweep)}
        lines(axis, sweep.updates * epochs, accuracy, f"{words(split)} accuracy")
    return figure.finished()


@styled
def signals_by_depth(sweep):
    """Magnitude of activations and gradients by depth, before and after training.

    The line is the median of the nonzero magnitudes, the band reaches from their
    5 % to their 95 % quantile; both are geometric means over seeds.
    """
    caption = (
        "Size of activations and of the loss's gradient at them, by hidden layer. Lines are "
        "medians of the nonzero magnitudes, bands reach from their 5th to their 95th percentile; "
        f"all are geometric means over {len(sweep.seeds)} seeds."
    )
    values = ("median", "5 % quantile", "95 % quantile")
    figure = PanelFigure(2, 2, "hidden layer", caption, _MIDDLE, values)
    share_heights(figure)
    kinds = [(kind, when) for kind in ("activation", "gradient") for when in ("start", "end")]
    for axis, (kind, when) in zip(figure.axes, kinds, strict=True):
        axis.set_title(f"size of {kind}s, {when} of training")
        axis.set_yscale("log")
        for method in _methods(sweep):
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
    axis.figure.keep(axis, look(method).label, depth, sizes, method)


@styled
def against_scale(sweep, fan_in):
    """Best accuracies and final loss against the scale of the initial weights."""
    caption = (
        "Accuracy and loss against the standard deviation of the initial weights. "
        f"{_about_lines(sweep)} The dotted vertical line marks He's scale. "
        f"Losses above {_MAX_LOSS} are cut off."
    )
    figure = PanelFigure(1, 3, "weight scale", caption)
    scales = np.array(sweep.fields["weight_scale"])
    panels = {
        "best training accuracy": ("best_train_accuracy", "linear"),
        "best validation accuracy": ("best_val_accuracy", "linear"),
        "final training loss": ("final_loss", "log"),
    }
    for axis, (title, (measure, scale)) in zip(figure.axes, panels.items(), strict=True):
        series = {m: sweep.values(measure, normalization=m) for m in _methods(sweep)}
        _mark(axis, he_scale(fan_in), "He")
        lines(axis, scales, {m: v.T for m, v in series.items()}, title, scale, "log")
    axis.set_ylim(top=min(axis.get_ylim()[1], _MAX_LOSS))
    return figure.finished()


def _mark(axis, x, name):
    axis.axvline(x, color=SOFT, lw=1, ls=":")
    axis.annotate(
        name,
        (x, 1),
        (3, -2),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        va="top",
        color=SOFT,
        fontsize=9,
    )


@styled
def against_batch_size(sweeps):
    """Final training accuracy above, validation accuracy below, against batch size.

    ``sweeps`` maps the title of a column to a Sweep over normalization and batch_size.
    """
    caption = f"Final accuracy against batch size. {_about_lines(next(iter(sweeps.values())))}"
    figure = PanelFigure(2, len(sweeps), "batch size", caption, _MIDDLE)
    share_heights(figure)
    parts = [(split, *part) for split in ("train", "val") for part in sweeps.items()]
    for axis, (split, title, sweep) in zip(figure.axes, parts, strict=True):
        sizes = np.array(sweep.fields["batch_size"])
        series = {
            m: sweep.values(f"final_{split}_accuracy", normalization=m).T for m in _methods(sweep)
        }
        lines(axis, sizes, series, f"{words(split)} accuracy, {title}", xscale="log")
        label_batch_sizes(axis, sizes)
    return figure.finished()


@styled
def mode_gap(sweeps):
    """Accuracy by running statistics minus that by the batch's own, against batch size."""
    caption = (
        "Validation accuracy of batch normalization in test mode minus that in training mode, "
        f"against batch size. {_about_lines(next(iter(sweeps.values())))}"
    )
    figure = PanelFigure(1, len(sweeps), "batch size", caption, _MIDDLE)
    share_heights(figure)
    for axis, (title, sweep) in zip(figure.axes, sweeps.items(), strict=True):
        sizes = np.array(sweep.fields["batch_size"])
        gap = 100 * sweep.values("mode_gap", normalization="batchnorm").T
        axis.axhline(0, color=SOFT, lw=1, ls=":")
        lines(axis, sizes, {"batchnorm": gap}, f"difference in points, {title}", xscale="log")
        label_batch_sizes(axis, sizes)
    return figure.finished()


@styled
def error_against_step(steps, errors, small=False):
    """Error of a numerical gradient against its step size, log-log.

    ``errors`` maps a label to an array (steps, seeds); ``small`` is for the index page.
    """
    seeds = np.shape(next(iter(errors.values())))[-1]
    caption = (
        "Relative error of two numerical gradients against the step. "
        f"{about_lines('geometric means', seeds)}"
    )
    figure = PanelFigure(1, 1, "step h", caption, _SMALL if small else (4.6, 3.1))
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
        figure.keep(axis, label, steps, error)
    return figure.finished()


@styled
def small_curves(sweep, measure, num_train):
    """For the index page: one accuracy against epochs."""
    figure = PanelFigure(1, 1, "epochs", size=_SMALL)
    epochs = sweep.histories.flat[0].config.batch_size / num_train
    series = {m: sweep.values(measure, normalization=m) for m in _methods(sweep)}
    lines(figure.axes[0], sweep.updates * epochs, series, words(measure))
    return figure.finished()


@styled
def small_sweep(sweep, field, measure):
    """For the index page: one accuracy against a swept field, on a logarithmic axis."""
    figure = PanelFigure(1, 1, words(field), size=_SMALL)
    (axis,) = figure.axes
    x = np.array(sweep.fields[field])
    series = {m: sweep.values(measure, normalization=m).T for m in _methods(sweep)}
    lines(axis, x, series, words(measure), xscale="log")
    if field == "batch_size":
        label_batch_sizes(axis, x)
    return figure.finished()


def _methods(sweep):
    return sweep.fields["normalization"]


def _about_lines(sweep):
    return about_lines("means", len(sweep.seeds), ", faint lines single runs")
