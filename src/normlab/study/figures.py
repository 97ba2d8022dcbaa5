"""One function a figure: results in, a Figure out.

Colour means method on every page. Lines are means over seeds, bands their 95 %
intervals, and each line carries its name at its right end. Nothing here trains
or shows; `svg` turns a Figure into text that is the same at every build.
"""

import functools
import io
import re
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation, NullFormatter, PercentFormatter

from normlab.study.runs import SIGNAL_QUANTILES
from normlab.study.statistics import mean_interval

# Okabe & Ito's palette, readable with every kind of colour vision.
COLORS = {"none": "#767676", "batchnorm": "#0072B2", "layernorm": "#E69F00"}
LABELS = {"none": "none", "batchnorm": "batch norm", "layernorm": "layer norm"}
DASHES = {"none": (4, 1.5), "batchnorm": (), "layernorm": (1.2, 1.2)}
_INK = "#767676"
_SMALL = (4.2, 2.6)  # inches, for the index page


def styled(function):
    """Run ``function`` under the style of this package."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        with matplotlib.rc_context(fname=Path(__file__).with_name("normlab.mplstyle")):
            return function(*args, **kwargs)

    return wrapper


@styled
def svg(figure: Figure, name: str) -> str:
    """The figure as an SVG element; ids begin with ``name``, so that two fit on a page."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the layout would move a little at each further draw
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)


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
    _lines(axes[0], updates * epochs, loss, "training loss", "log")
    for axis, split in zip(axes[1:], ("train", "val"), strict=True):
        accuracy = {m: sweep.values(f"{split}_accuracy", normalization=m) for m in _methods(sweep)}
        _lines(axis, sweep.updates * epochs, accuracy, f"{_title(split)} accuracy")
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
            _label_ends(axis, labels)
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
    he = np.sqrt(2 / fan_in)
    for axis, (title, (measure, scale)) in zip(axes, panels.items(), strict=True):
        series = {m: sweep.values(measure, normalization=m) for m in _methods(sweep)}
        axis.axvline(he, color=_INK, lw=1, ls=":")
        _lines(axis, scales, {m: v.T for m, v in series.items()}, title, scale, "log")
        axis.set_xlabel("weight scale")
    axes[0].annotate(
        "He", (he, 1), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
        va="top", color=_INK,
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
            _lines(axis, sizes, series, f"{_title(split)} accuracy, {title}", xscale="log")
            _label_batch_sizes(axis, sizes)
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
        axis.axhline(0, color=_INK, lw=1, ls=":")
        _lines(axis, sizes, {"batchnorm": gap}, title, xscale="log")
        _label_batch_sizes(axis, sizes)
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
    _lines(axis, sweep.updates * epochs, series, _title(measure))
    axis.set_xlabel("epochs")
    return figure


@styled
def small_sweep(sweep, field, measure):
    """For the index page: one accuracy against a swept field, on a logarithmic axis."""
    figure = Figure(figsize=_SMALL)
    axis = figure.subplots()
    x = np.array(sweep.fields[field])
    series = {m: sweep.values(measure, normalization=m).T for m in _methods(sweep)}
    _lines(axis, x, series, _title(measure), xscale="log")
    axis.set_xlabel(_title(field))
    if field == "batch_size":
        _label_batch_sizes(axis, x)
    return figure


def smooth(values, window=10):
    """Mean of the last ``window`` values (fewer at the start) along the last axis."""
    sums = np.cumsum(np.insert(values, 0, 0, axis=-1), axis=-1, dtype=float)
    end = np.arange(1, values.shape[-1] + 1)
    begin = np.maximum(end - window, 0)
    return (sums[..., end] - sums[..., begin]) / (end - begin)


def _title(measure):
    """The name of a measure in words: "final_val_accuracy" -> "final validation accuracy"."""
    words = {"train": "training", "val": "validation"}
    return " ".join(words.get(word, word) for word in measure.split("_"))


def _label_batch_sizes(axis, sizes):
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.xaxis.set_minor_formatter(NullFormatter())


def _methods(sweep):
    return sweep.fields["normalization"]


def _lines(axis, x, series, title, yscale="linear", xscale="linear"):
    """Mean, band and faint runs of each method; ``series`` maps method -> (seeds, len(x))."""
    labels = []
    for method, values in series.items():
        color = COLORS[method]
        interval = mean_interval(np.asarray(values).T)
        axis.plot(x, np.asarray(values).T, color=color, lw=0.5, alpha=0.25)
        axis.fill_between(x, interval.low, interval.high, color=color, alpha=0.2, lw=0)
        axis.plot(x, interval.mean, color=color, dashes=DASHES[method])
        labels.append((interval.mean[-1], method))
    drawable = any(np.isfinite(height) for height, _ in labels)
    axis.set(title=title, xscale=xscale, yscale=yscale if drawable else "linear")
    if yscale == "log":
        axis.yaxis.set_minor_formatter(LogFormatterSciNotation(minor_thresholds=(1.5, 0.5)))
    elif "accuracy" in title:
        axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.set_ylim(max(axis.get_ylim()[0], 0), min(axis.get_ylim()[1], 1))
    _label_ends(axis, labels)


def _label_ends(axis, labels, gap=0.075):
    """Write each method's name beside the right end of its line, ``gap`` apart at least."""
    to_axes = axis.transData + axis.transAxes.inverted()
    right = axis.get_xlim()[1]
    heights = [to_axes.transform((right, y))[1] if np.isfinite(y) else 0.5 for y, _ in labels]
    for place, index in zip(_spread(sorted(heights), gap), np.argsort(heights), strict=True):
        method = labels[index][1]
        axis.annotate(
            LABELS[method], (1, place), (3, 0), xycoords="axes fraction",
            textcoords="offset points", va="center", color=COLORS[method], fontsize=9,
            annotation_clip=False,
        )  # fmt: skip


def _spread(places, gap):
    """Move sorted ``places`` apart until neighbours are ``gap`` apart; their mean stays."""
    places = np.array(places, dtype=float)
    for _ in range(100):
        close = np.flatnonzero(np.diff(places) < gap - 1e-9)
        if not len(close):
            break
        for i in close:
            push = (gap - (places[i + 1] - places[i])) / 2
            places[i] -= push
            places[i + 1] += push
    return places
