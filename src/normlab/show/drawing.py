"""How all figures are drawn: panels, lines with bands and names, axes.

Lines are means over seeds, bands their 95 % intervals, and each line carries its name at
its right end. A figure keeps the numbers that it shows, and its caption ends with what its
lines and bands are.
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

from normlab.show.methods import SOFT, look
from normlab.show.text import number, power_of_ten, with_minus
from normlab.stats.intervals import FEW, Interval, mean_interval

ANSWER = (4.4, 2.9)  # inches, for the panel that carries the answer of a page
_SIZES = {1: (5.6, 3.1), 2: (4.3, 2.8), 3: (3.5, 2.7)}  # inches, for so many panels a row
_VALUES = ("mean", "low", "high")
_MARGINS = {"left": 0.55, "right": 0.85, "bottom": 0.5, "top": 0.32}  # inches
MOST_RUNS = 10  # that are drawn one by one
_MOST_POINTS = 24  # of a line that tell their value


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
        What panels and marks mean; `finished` adds what lines and bands are.
    size : (float, float), optional
        Width and height of a panel, in inches; by default what suits so many columns.
    values : (str, str, str)
        What is drawn as a line and as the lower and upper edge of a band.
    heights : str, optional
        What has one vertical axis: the panels of each "row", or "all".
    means : str
        What lines are, for the caption.
    """

    def __init__(
        self, rows, columns, x, caption="", size=None, values=_VALUES, heights=None, means="means"
    ):
        size = size or _SIZES[min(columns, 3)]
        wide, high = columns * size[0], rows * size[1]
        super().__init__(figsize=(wide, high))
        self.columns, self.caption, self.means = columns, caption, means
        self.seeds, self.single = 0, False  # of what is drawn, and whether runs are one by one
        self.header, self.numbers = ("panel", "line", x, *values), []
        self.ends, self.titles = {}, {}
        width = size[0] - _MARGINS["left"] - _MARGINS["right"]
        height = size[1] - _MARGINS["bottom"] - _MARGINS["top"]
        for row in range(rows):
            for column in range(columns):
                left = column * size[0] + _MARGINS["left"]
                bottom = (rows - 1 - row) * size[1] + _MARGINS["bottom"]
                axis = self.add_axes((left / wide, bottom / high, width / wide, height / high))
                axis.set_xlabel(x)
                if heights and (column or (row and heights == "all")):
                    axis.sharey(self.axes[row * columns if heights == "row" else 0])

    def keep(self, axis, line: str, x, interval: Interval, method=None, runs=()) -> None:
        """Keep the numbers of one line and its band, and ``runs``, (seeds, len(x)), behind them.

        With a ``method``, name it at the line's end. Some points tell their values to who points
        at them.
        """
        panel = axis.get_title("left")
        rows = zip(x, *interval, *runs, strict=True)
        self.numbers += [(panel, line, *map(float, row)) for row in rows]
        if len(runs):
            self.header = (*self.header[:6], *(f"seed {seed}" for seed in range(len(runs))))
        if method:
            self.ends.setdefault(axis, []).append((interval.mean[-1], method))
        self._tell(axis, line, np.asarray(x), interval)

    def _tell(self, axis, line, x, interval):
        """Put points on a line that nobody sees, with their values as titles."""
        some = np.unique(np.linspace(0, len(x) - 1, _MOST_POINTS).astype(int))
        some = [at for at in some if np.isfinite(interval.mean[at])]
        if not some:
            return
        name = f"titles_{len(self.titles)}"
        self.titles[name] = [
            f"{line}, {axis.get_xlabel()} {x[at]:.3g}: {self._told(axis, interval, at)}"
            for at in some
        ]
        style = {"ls": "none", "marker": "o", "ms": 9, "mew": 0, "color": SOFT, "alpha": 0}
        axis.plot(x[some], interval.mean[some], gid=name, **style)

    @staticmethod
    def _told(axis, interval, at):
        limits = Interval(*(float(limit[at]) for limit in interval))
        if "accuracy" not in axis.get_title("left"):
            return number(limits)
        mean, low, high = (with_minus(f"{100 * limit:.1f}") for limit in limits)
        return f"{mean} % ({low} to {high})"

    def finished(self) -> "PanelFigure":
        """The figure with ticks, names and the end of its caption, when all lines are there."""
        for axis in self.axes:
            readable_ticks(axis)
            label_ends(axis, self.ends.get(axis, []))
        if self.caption and self.seeds:
            self.caption += f" {self._about_lines()}"
        return self

    def _about_lines(self):
        """What lines and bands are; single runs are drawn if they are not many."""
        faint = ", faint lines single runs" if self.single and self.seeds <= MOST_RUNS else ""
        bands = f"bands their 95 % intervals{faint}"
        what = "thin lines single runs" if self.seeds < FEW else bands
        return f"Lines are {self.means} over {self.seeds} seeds, {what}."


def one_panel(x, caption="", size=None):
    """A figure of one panel, and this panel; arguments as of PanelFigure."""
    figure = PanelFigure(1, 1, x, caption, size)
    return figure, figure.axes[0]


def words(measure):
    """The name of a measure in words: "final_val_accuracy" -> "final validation accuracy"."""
    full = {"train": "training", "val": "validation"}
    return " ".join(full.get(word, word) for word in measure.split("_"))


def label_sizes(axis, sizes):
    """Name just the sizes that were run on a logarithmic axis."""
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.xaxis.set_minor_locator(NullLocator())


def lines(axis, x, series, title, yscale="linear", xscale="linear", single=True, **style):
    """Mean and band of each method, and its ``single`` runs, faint, if they are not many.

    ``series`` maps method -> (seeds, len(x)); ``style`` is that of all means.
    """
    axis.set_title(title)
    drawable = False
    for method, values in series.items():
        color, interval = look(method).color, mean_interval(np.asarray(values).T)
        runs_and_band(axis, x, np.asarray(values), interval, color, single)
        axis.plot(x, interval.mean, color=color, dashes=look(method).dashes, **style)
        axis.figure.keep(axis, look(method).label, x, interval, method, values)
        drawable |= bool(np.isfinite(interval.mean[-1]))
    axis.set(xscale=xscale, yscale=yscale if drawable else "linear")
    if "accuracy" in title:
        axis.yaxis.set_major_formatter(PercentFormatter(1, 0, "\N{NO-BREAK SPACE}%"))
        axis.set_ylim(max(axis.get_ylim()[0], 0), min(axis.get_ylim()[1], 1.02))


def against(axis, x, series, title, yscale="linear", single=True):
    """`lines` against a swept field, on a logarithmic axis; whole numbers are its ticks."""
    x = np.array(x)
    lines(axis, x, series, title, yscale, "log", single)
    if x.dtype.kind == "i":
        label_sizes(axis, x)


def level(axis, y, name=""):
    """A dotted line across, named at its right end."""
    axis.axhline(y, color=SOFT, lw=1, ls=":")
    _note(axis, name, (1, y), (-3, 2), ("axes fraction", "data"), va="bottom", ha="right")


def guessing(axis, num_classes):
    """Mark the accuracy of guessing, on an axis that begins at none."""
    axis.set_ylim(bottom=0)
    level(axis, 1 / num_classes, "guessing")


def mark(axis, x, name):
    """A dotted line upwards, named at its top."""
    axis.axvline(x, color=SOFT, lw=1, ls=":")
    _note(axis, name, (x, 1), (3, -2), ("data", "axes fraction"), va="top")


def _note(axis, text, place, shift, coordinates, color=SOFT, **style):
    style |= {"xycoords": coordinates, "textcoords": "offset points", "fontsize": 9}
    axis.annotate(text, place, shift, color=color, annotation_clip=False, **style)


def runs_and_band(axis, x, values, interval, color, single=True):
    """Single runs, (seeds, len(x)), and the interval of their mean if there are enough of them."""
    axis.figure.seeds = len(values)
    axis.figure.single |= single
    few = len(values) < FEW
    if few or (single and len(values) <= MOST_RUNS):
        width, alpha = (0.9, 0.7) if few else (0.5, 0.25)
        axis.plot(x, values.T, color=color, lw=width, alpha=alpha)
    if not few:
        axis.fill_between(x, interval.low, interval.high, color=color, alpha=0.2, lw=0)


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


def label_ends(axis, labels):
    """Write each method's name beside the right end of its line, not too near to each other."""
    to_axes = axis.transData + axis.transAxes.inverted()
    right = axis.get_xlim()[1]
    heights = [to_axes.transform((right, y))[1] if np.isfinite(y) else 0.5 for y, _ in labels]
    places = spread(np.clip(sorted(heights), 0, 1), gap=0.08)
    places += min(0, 1 - max(places, default=1)) + max(0, -min(places, default=0))
    for place, index in zip(places, np.argsort(heights), strict=True):
        method = labels[index][1]
        name, color = look(method).label, look(method).text
        _note(axis, name, (1, place), (3, 0), "axes fraction", color, va="center")


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
