"""One function a figure: results in, a Figure out. Nothing here trains or shows."""

import numpy as np
from matplotlib.figure import Figure

from normlab.study.drawing import (
    COLORS,
    DASHES,
    INK,
    label_batch_sizes,
    label_ends,
    lines,
    smooth,
    styled,
    words,
)
from normlab.study.statistics import he_scale, mean_interval
from normlab.training.histories import SIGNAL_QUANTILES

_SMALL = (4.2, 2.6)  # inches, for the index page


@styled
def training_curves(sweep, num_train):
    """Loss, training and validation accuracy against epochs, a line a method."""
    figure = Figure()
    axes = figure.subplots(1, 3)
    epochs = sweep.histories.flat[0].config.batch_size / num_train
    loss = {
        method: smooth(sweep.values("loss", normalization=method)) for method in _methods(sweep)
    }
    updates = np.arange(1, next(iter(loss.values())).shape[-1] + 1)
    lines(axes[0], updates * epochs, loss, "training loss", "log")
    for axis, split in zip(axes[1:], ("train", "val"), strict=True):
        accuracy = {m: sweep.values(f"{split}_accuracy", normalization=m) for m in _methods(sweep)}
        lines(axis, sweep.updates * epochs, accuracy, f"{words(split)} accuracy")
    for axis in axes:
        axis.set_xlabel("epochs")
    return figure


@styled
def signals_by_depth(sweep):
    """Magnitude of activations and gradients by depth, before and after training.

    The line is the median of the nonzero magnitudes, the band reaches from their
    5 % to their 95 % quantile; both are geometric means over seeds.
    """
    figure = Figure(figsize=(9, 5.6))
    axes = figure.subplots(2, 2, sharex=True, sharey="row")
    low, middle, high = (SIGNAL_QUANTILES.index(q) for q in (0.05, 0.5, 0.95))
    for row, kind in zip(axes, ("activation", "gradient"), strict=True):
        for axis, when in zip(row, ("start", "end"), strict=True):
            labels = []
            for method in _methods(sweep):
                quantiles = sweep.signals(when, kind, "quantiles", normalization=method)
                logs = np.log10(quantiles).mean(axis=0)
                depth = np.arange(1, len(logs) + 1)
                style = {"color": COLORS[method]}
                axis.plot(depth, 10 ** logs[:, middle], dashes=DASHES[method], **style)
                axis.fill_between(
                    depth, 10 ** logs[:, low], 10 ** logs[:, high], alpha=0.15, lw=0, **style
                )
                labels.append((10 ** logs[-1, middle], method))
            axis.set_yscale("log")
            axis.set_xticks(depth)
            axis.set_title(f"{kind}, {when} of training")
            label_ends(axis, labels)
        row[0].set_ylabel(f"size of the {kind}")
    for axis in axes[1]:
        axis.set_xlabel("hidden layer")
    return figure


@styled
def against_scale(sweep, fan_in):
    """Best accuracies and final loss against the scale of the initial weights."""
    figure = Figure()
    axes = figure.subplots(1, 3)
    scales = np.array(sweep.fields["weight_scale"])
    panels = {
        "best training accuracy": ("best_train_accuracy", "linear"),
        "best validation accuracy": ("best_val_accuracy", "linear"),
        "final training loss": ("final_loss", "log"),
    }
    he = he_scale(fan_in)
    for axis, (title, (measure, scale)) in zip(axes, panels.items(), strict=True):
        series = {m: sweep.values(measure, normalization=m) for m in _methods(sweep)}
        axis.axvline(he, color=INK, lw=1, ls=":")
        lines(axis, scales, {m: v.T for m, v in series.items()}, title, scale, "log")
        axis.set_xlabel("weight scale")
    axes[0].annotate(
        "He", (he, 1), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
        va="top", color=INK,
    )  # fmt: skip
    return figure


@styled
def against_batch_size(sweeps):
    """Final training accuracy above, validation accuracy below, against batch size.

    ``sweeps`` maps the title of a column to a Sweep over normalization and batch_size.
    """
    figure = Figure(figsize=(9, 5.8))
    axes = figure.subplots(2, len(sweeps), sharex=True, sharey="row", squeeze=False)
    for row, split in zip(axes, ("train", "val"), strict=True):
        for axis, (title, sweep) in zip(row, sweeps.items(), strict=True):
            sizes = np.array(sweep.fields["batch_size"])
            series = {
                m: sweep.values(f"final_{split}_accuracy", normalization=m).T
                for m in _methods(sweep)
            }
            lines(axis, sizes, series, f"{words(split)} accuracy, {title}", xscale="log")
            label_batch_sizes(axis, sizes)
    for axis in axes[-1]:
        axis.set_xlabel("batch size")
    return figure


@styled
def mode_gap(sweeps):
    """Accuracy by running statistics minus that by the batch's own, against batch size."""
    figure = Figure(figsize=(9, 3.2))
    axes = figure.subplots(1, len(sweeps), sharey=True, squeeze=False)[0]
    for axis, (title, sweep) in zip(axes, sweeps.items(), strict=True):
        sizes = np.array(sweep.fields["batch_size"])
        gap = sweep.values("mode_gap", normalization="batchnorm").T
        axis.axhline(0, color=INK, lw=1, ls=":")
        lines(axis, sizes, {"batchnorm": gap}, title, xscale="log")
        label_batch_sizes(axis, sizes)
        axis.set_xlabel("batch size")
    axes[0].set_ylabel("difference in accuracy")
    return figure


@styled
def error_against_step(steps, errors, small=False):
    """Error of a numerical gradient against its step size, log-log.

    ``errors`` maps a label to an array (steps, seeds); ``small`` is for the index page.
    """
    figure = Figure(figsize=_SMALL if small else (7, 3.6))
    axis = figure.subplots()
    colors = ("#0072B2", "#D55E00", "#009E73")
    for (label, values), color in zip(errors.items(), colors, strict=False):
        logs = mean_interval(np.log10(np.maximum(values, np.finfo(float).tiny)))
        axis.plot(steps, 10**logs.mean, color=color)
        axis.fill_between(steps, 10**logs.low, 10**logs.high, color=color, alpha=0.2, lw=0)
        where = len(steps) // 3
        axis.annotate(
            label, (steps[where], 10 ** logs.mean[where]), (8, 8), color=color,
            textcoords="offset points",
        )  # fmt: skip
    axis.set(xscale="log", yscale="log", xlabel="step h", ylabel="relative error")
    return figure


@styled
def small_curves(sweep, measure, num_train):
    """For the index page: one accuracy against epochs."""
    figure = Figure(figsize=_SMALL)
    axis = figure.subplots()
    epochs = sweep.histories.flat[0].config.batch_size / num_train
    series = {m: sweep.values(measure, normalization=m) for m in _methods(sweep)}
    lines(axis, sweep.updates * epochs, series, words(measure))
    axis.set_xlabel("epochs")
    return figure


@styled
def small_sweep(sweep, field, measure):
    """For the index page: one accuracy against a swept field, on a logarithmic axis."""
    figure = Figure(figsize=_SMALL)
    axis = figure.subplots()
    x = np.array(sweep.fields[field])
    series = {m: sweep.values(measure, normalization=m).T for m in _methods(sweep)}
    lines(axis, x, series, words(measure), xscale="log")
    axis.set_xlabel(words(field))
    if field == "batch_size":
        label_batch_sizes(axis, x)
    return figure


def _methods(sweep):
    return sweep.fields["normalization"]
