"""Figures and tables of the page on invariances, a function each, as in `figures`."""

import numpy as np

from normlab.experiments.invariances import CHANGES, NORMS
from normlab.ledger.invariances import CHANGED, KEPT
from normlab.show.drawing import PanelFigure, about_lines, level, lines, runs_and_band, styled
from normlab.show.figures import ANSWER, MIDDLE
from normlab.show.methods import look
from normlab.show.tables import Table
from normlab.stats.intervals import mean_interval


def change_table(changes):
    """What each normalization does not notice; cells that change show by how much, on average.

    ``changes`` is a grid of `experiments.invariances.changes`.
    """
    values = changes.values("change")  # (seeds, norms, changes)

    def shown(cell):
        if cell.max() <= KEPT:
            return "kept"
        return f"{100 * cell.mean():.0f}\N{NO-BREAK SPACE}%" if cell.min() >= CHANGED else "unclear"

    rows = tuple(
        (look(norm).label, *(shown(values[:, i, j]) for j in range(len(CHANGES))))
        for i, norm in enumerate(NORMS)
    )
    caption = (
        "What becomes of the output, at initial weights: kept to ten digits, or changed by so much "
        f"of its length, the mean over {len(values)} seeds."
    )
    return Table(caption, ("normalization", *CHANGES), rows)


@styled
def decay(decays):
    """Loss, length of the weights and learning rate with decay, and with a rate that grows."""
    seeds = len(decays.seeds)
    caption = (
        "Training loss (means of 20 steps), length of the first weights, and learning rate. With "
        "weight decay at a constant rate, and without decay at a rate that grows: "
        f"the losses lie on each other. {about_lines('means', seeds, single=False)}"
    )
    figure = PanelFigure(1, 3, "step", caption, (3.4, 2.7))
    steps = np.arange(1, decays.values("loss").shape[-1] + 1)
    growing = decays.values("rate_growing")
    panels = (
        ("training loss", _smooth(decays, "loss"), _smooth(decays, "loss_growing"), "linear"),
        ("length of the weights", decays.values("norm"), decays.values("norm_growing"), "log"),
        ("learning rate", np.full_like(growing, growing[0, 0]), growing, "log"),
    )
    for axis, (title, decayed, grown, scale) in zip(figure.axes, panels, strict=True):
        series = {"decay": decayed, "growing rate": grown}
        lines(axis, steps, series, title, yscale=scale, alpha=0)
    return figure.finished()


@styled
def answer(decays):
    """The answer of the page: two losses on each other."""
    figure = PanelFigure(1, 1, "step", size=ANSWER)
    series = {"decay": _smooth(decays, "loss"), "growing rate": _smooth(decays, "loss_growing")}
    steps = np.arange(1, decays.values("loss").shape[-1] + 1)
    lines(figure.axes[0], steps, series, "training loss", alpha=0)
    return figure.finished()


@styled
def scales(found):
    """Late training loss against the scale of the hidden weights, at one rate and at a matched."""
    caption = (
        "Mean training loss of the last 50 steps against the scale of the hidden weights at the "
        "start. The rate is the same for all, or it grows with the square of the scale. "
        f"{about_lines('means', len(found.seeds))}"
    )
    figure = PanelFigure(1, 1, "scale of the hidden weights", caption, (5.6, 3.1))
    series = {
        name: found.values(key)[..., -50:].mean(axis=-1).T
        for name, key in (("one rate", "plain"), ("rate × scale²", "matched"))
    }
    lines(figure.axes[0], np.array(found.fields["scale"]), series, "training loss", xscale="log")
    return figure.finished()


@styled
def two(found):
    """The share of the gradient that a unit lets through in a batch of two, against its h."""
    caption = (
        "Share of the gradient that batch norm lets through in a batch of two, against half the "
        "difference h of a unit's two inputs; each point is a unit of a seed. The line is "
        "ε / (h² + ε)."
    )
    figure = PanelFigure(1, 1, "h", caption, (5.6, 3.1), values=("share", "low", "high"))
    (axis,) = figure.axes
    axis.set_title("share of the gradient that passes")
    h, passed = np.ravel(found.values("h")), np.ravel(found.values("passed"))
    color = look("batchnorm").color
    axis.plot(h, passed, "o", ms=3, color=color, alpha=0.5, mew=0)
    line = np.logspace(np.log10(h.min()), np.log10(h.max()), 50)
    expected = 1e-5 / (line**2 + 1e-5)
    axis.plot(line, expected, color=look("none").color, dashes=look("none").dashes)
    level(axis, 0.01, "a hundredth")
    axis.set(xscale="log", yscale="log")
    order = np.argsort(h)
    rows = zip(h[order], passed[order], strict=True)
    figure.numbers += [(axis.get_title("left"), "batch norm", x, y, y, y) for x, y in rows]
    return figure.finished()


@styled
def xor(found):
    """How often a plane parts the classes of XOR, against the number of neurons."""
    caption = (
        "Share of random affine layers after whose normalization a plane parts the two classes of "
        f"XOR, against the number of neurons. {about_lines('means', len(found.seeds))}"
    )
    figure = PanelFigure(1, 1, "neurons", caption, MIDDLE)
    (axis,) = figure.axes
    widths = np.array(found.fields["width"])
    axis.set_title("share of draws that are parted")
    for norm in found.fields["norm"]:
        values, style = found.values("parted", norm=norm).T, look(norm)
        interval = mean_interval(values.T)
        runs_and_band(axis, widths, values, interval, style.color, 0)
        axis.plot(widths, interval.mean, "o-", color=style.color, dashes=style.dashes)
        figure.keep(axis, style.label, widths, interval, norm, values)
    axis.set_ylim(-0.03, 1.05)
    return figure.finished()


def _smooth(grid, name, window=20):
    """Means of a few steps, so that lines can be told apart."""
    values = grid.values(name)
    kernel = np.ones(window) / window
    ends = np.concatenate([np.repeat(values[:, :1], window - 1, axis=1), values], axis=1)
    return np.array([np.convolve(row, kernel, "valid") for row in ends])
