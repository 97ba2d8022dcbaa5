"""How all figures are drawn: style, colours, lines with bands and names, SVG.

Colour means method on every page. Lines are means over seeds, bands their 95 %
intervals, and each line carries its name at its right end.
"""

import functools
import io
import re
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation, NullFormatter, PercentFormatter

from normlab.study.statistics import mean_interval

# Okabe & Ito's palette, readable with every kind of colour vision.
COLORS = {"none": "#767676", "batchnorm": "#0072B2", "layernorm": "#E69F00"}
LABELS = {"none": "none", "batchnorm": "batch norm", "layernorm": "layer norm"}
DASHES = {"none": (4, 1.5), "batchnorm": (), "layernorm": (1.2, 1.2)}
INK = "#767676"


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
    if layout := figure.get_layout_engine():
        layout.execute(figure)
        figure.set_layout_engine("none")  # the layout would move a little at each further draw
    buffer = io.StringIO()
    # `savefig` would draw twice, the first time for the layout, which is fixed by now.
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    FigureCanvasSVG(figure).print_svg(buffer, metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)


def smooth(values, window=10):
    """Mean of the last ``window`` values (fewer at the start) along the last axis."""
    sums = np.cumsum(np.insert(values, 0, 0, axis=-1), axis=-1, dtype=float)
    end = np.arange(1, values.shape[-1] + 1)
    begin = np.maximum(end - window, 0)
    return (sums[..., end] - sums[..., begin]) / (end - begin)


def words(measure):
    """The name of a measure in words: "final_val_accuracy" -> "final validation accuracy"."""
    full = {"train": "training", "val": "validation"}
    return " ".join(full.get(word, word) for word in measure.split("_"))


def label_batch_sizes(axis, sizes):
    """Name just the sizes that were run on a logarithmic axis."""
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.xaxis.set_minor_formatter(NullFormatter())


def lines(axis, x, series, title, yscale="linear", xscale="linear"):
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
    label_ends(axis, labels)


def label_ends(axis, labels, gap=0.075):
    """Write each method's name beside the right end of its line, ``gap`` apart at least."""
    to_axes = axis.transData + axis.transAxes.inverted()
    right = axis.get_xlim()[1]
    heights = [to_axes.transform((right, y))[1] if np.isfinite(y) else 0.5 for y, _ in labels]
    for place, index in zip(spread(sorted(heights), gap), np.argsort(heights), strict=True):
        method = labels[index][1]
        axis.annotate(
            LABELS[method], (1, place), (3, 0), xycoords="axes fraction",
            textcoords="offset points", va="center", color=COLORS[method], fontsize=9,
            annotation_clip=False,
        )  # fmt: skip


def spread(places, gap):
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
