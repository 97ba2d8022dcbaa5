"""How all figures are drawn: panels, lines with bands and names, axes.

Lines are means over seeds, bands their 95 % intervals, and each line carries its name at
its right end. A figure keeps the numbers that it shows.
"""

import functools
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    PercentFormatter,
)

from normlab.show.methods import look
from normlab.stats.intervals import FEW, Interval, interval_of

_MARGINS = {"left": 0.55, "right": 0.85, "bottom": 0.5, "top": 0.32}  # inches
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def styled(function):
    """Run ``function`` under the style of this package."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        with matplotlib.rc_context(fname=Path(__file__).with_name("normlab.mplstyle")):
            return function(*args, **kwargs)

    return wrapper


class PanelFigure(Figure):
    """Panels of one size in a grid, row by row, with the numbers that they show.

    Parameters
    ----------
    rows, columns : int
    x : str
        What all panels have on their horizontal axis, with its unit.
    caption : str
        What lines, bands and marks mean.
    size : (float, float)
        Width and height of a panel, in inches.
    values : (str, str, str)
        What is drawn as a line and as the lower and upper edge of a band.
    """

    def __init__(
        self, rows, columns, x, caption="", size=(3.5, 2.7), values=("mean", "low", "high")
    ):
        wide, high = columns * size[0], rows * size[1]
        super().__init__(figsize=(wide, high))
        self.columns, self.caption = columns, caption
        self.header, self.numbers = ("panel", "line", x, *values), []
        self.ends = {}
        width = size[0] - _MARGINS["left"] - _MARGINS["right"]
        height = size[1] - _MARGINS["bottom"] - _MARGINS["top"]
        for row in range(rows):
            for column in range(columns):
                left = column * size[0] + _MARGINS["left"]
                bottom = (rows - 1 - row) * size[1] + _MARGINS["bottom"]
                axis = self.add_axes((left / wide, bottom / high, width / wide, height / high))
                axis.set_xlabel(x)

    def keep(self, axis, line: str, x, interval: Interval, method=None) -> None:
        """Keep the numbers of one line and its band; with a ``method``, name it at its end."""
        panel = axis.get_title("left")
        self.numbers += [(panel, line, *map(float, row)) for row in zip(x, *interval, strict=True)]
        if method:
            self.ends.setdefault(axis, []).append((interval.mean[-1], method))

    def finished(self) -> "PanelFigure":
        """The figure with ticks and names at the ends of lines, when all lines are there."""
        for axis in self.axes:
            readable_ticks(axis)
            label_ends(axis, self.ends.get(axis, []))
        return self


def share_heights(figure):
    """Give the panels of each row one vertical axis."""
    for number, axis in enumerate(figure.axes):
        if number % figure.columns:
            axis.sharey(figure.axes[number - 1])


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
    axis.xaxis.set_minor_locator(NullLocator())


def lines(axis, x, series, title, yscale="linear", xscale="linear"):
    """Mean, band and faint runs of each method; ``series`` maps method -> (seeds, len(x))."""
    axis.set_title(title)
    drawable = False
    for method, values in series.items():
        color, interval = look(method).color, interval_of(np.asarray(values).T, title)
        runs_and_band(axis, x, np.asarray(values), interval, color)
        axis.plot(x, interval.mean, color=color, dashes=look(method).dashes)
        axis.figure.keep(axis, look(method).label, x, interval, method)
        drawable |= bool(np.isfinite(interval.mean[-1]))
    axis.set(xscale=xscale, yscale=yscale if drawable else "linear")
    if "accuracy" in title:
        axis.yaxis.set_major_formatter(PercentFormatter(1, 0, "\N{NO-BREAK SPACE}%"))
        axis.set_ylim(max(axis.get_ylim()[0], 0), min(axis.get_ylim()[1], 1.02))


def runs_and_band(axis, x, values, interval, color, alpha=0.25):
    """Single runs, (seeds, len(x)), and the interval of their mean if there are enough of them."""
    few = len(values) < FEW
    if few or alpha:
        width, alpha = (0.9, 0.7) if few else (0.5, alpha)
        axis.plot(x, values.T, color=color, lw=width, alpha=alpha)
    if not few:
        axis.fill_between(x, interval.low, interval.high, color=color, alpha=0.2, lw=0)


def about_lines(means: str, seeds: int, more: str = "") -> str:
    """What lines and bands are, for a caption; ``more`` of them if there are bands."""
    what = "thin lines single runs" if seeds < FEW else f"bands their 95 % intervals{more}"
    return f"Lines are {means} over {seeds} seeds, {what}."


def readable_ticks(axis):
    """Round numbers as ticks; on a logarithmic axis 1, 2, 5 if it is short, else powers of ten."""
    for which in (axis.xaxis, axis.yaxis):
        if isinstance(which.get_major_locator(), FixedLocator):
            continue
        if which.get_scale() != "log":
            which.get_major_locator().set_params(nbins=6, steps=(1, 2, 5, 10))
            continue
        low, high = which.get_view_interval()
        short, most = np.log10(high / low) < 2, 6 if which is axis.xaxis else 7
        if high / low < 4:
            which.set_major_locator(MaxNLocator(most - 1, steps=(1, 2, 5, 10)))
        else:
            which.set_major_locator(LogLocator(subs=(1, 2, 5) if short else (1,), numticks=most))
        plain = short or (low > 5e-4 and high < 5e3)
        which.set_major_formatter(FuncFormatter(_plain if plain else _power))
        which.set_minor_formatter(NullFormatter())


def _plain(value, _):
    return f"{value:g}"


def _power(value, _):
    return power_of_ten(round(float(np.log10(value))))


def power_of_ten(exponent: int) -> str:
    """1, 10 or 10 with its exponent, as text that needs no markup."""
    return {0: "1", 1: "10"}.get(exponent, "10" + str(exponent).translate(_SUPERSCRIPTS))


def label_ends(axis, labels):
    """Write each method's name beside the right end of its line, not too near to each other."""
    to_axes = axis.transData + axis.transAxes.inverted()
    right = axis.get_xlim()[1]
    heights = [to_axes.transform((right, y))[1] if np.isfinite(y) else 0.5 for y, _ in labels]
    places = spread(np.clip(sorted(heights), 0, 1), gap=0.08)
    places += min(0, 1 - max(places, default=1)) + max(0, -min(places, default=0))
    for place, index in zip(places, np.argsort(heights), strict=True):
        method = labels[index][1]
        axis.annotate(
            look(method).label,
            (1, place),
            (3, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=look(method).text,
            fontsize=9,
            annotation_clip=False,
        )


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
