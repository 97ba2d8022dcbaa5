"""Figures and tables of the page on invariances, a function each, as in `figures`."""

import numpy as np

from normlab.experiments.invariances import CHANGES, NORMS
from normlab.ledger.invariances import CHANGED, KEPT
from normlab.show.drawing import ANSWER, PanelFigure, against, level, lines, one_panel, styled
from normlab.show.methods import look
from normlab.show.series import series_of
from normlab.show.tables import Table
from normlab.stats.intervals import smooth

_WINDOW = 20  # steps, in a curve of the training loss


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
    caption = (
        f"Training loss (means of {_WINDOW} steps), length of the first weights, and learning "
        "rate. With weight decay at a constant rate, and without decay at a rate that grows: "
        "the losses lie on each other."
    )
    figure = PanelFigure(1, 3, "step", caption, (3.4, 2.7))
    loss, length, rate = figure.axes
    _both(loss, _smoothed(decays, "loss"), _smoothed(decays, "loss_growing"), "training loss")
    lengths = decays.values("norm"), decays.values("norm_growing")
    _both(length, *lengths, "length of the weights", "log")
    growing = decays.values("rate_growing")
    before = growing[:, :1] * np.sqrt(growing[:, :1] / growing[:, 1:2])  # half a factor earlier
    _both(rate, np.broadcast_to(before, growing.shape), growing, "learning rate", "log")
    return figure.finished()


@styled
def answer(decays):
    """The answer of the page: two losses on each other."""
    figure, axis = one_panel("step", size=ANSWER)
    _both(axis, _smoothed(decays, "loss"), _smoothed(decays, "loss_growing"), "training loss")
    return figure.finished()


def _both(axis, decay, growing, title, yscale="linear"):
    """A line for each way to train, (seeds, steps)."""
    steps = np.arange(1, decay.shape[1] + 1)
    series = {"decay": decay, "growing rate": growing}
    lines(axis, steps, series, title, yscale, single=False)


def _smoothed(decays, name):
    """Means of a few losses, so that lines can be told apart; the first stands for those before."""
    before = [(0, 0), (_WINDOW - 1, 0)]
    return smooth(np.pad(decays.values(name), before, "edge"), _WINDOW)[:, _WINDOW - 1 :]


@styled
def scales(found):
    """Late training loss against the scale of the hidden weights, at one rate and at a matched."""
    caption = (
        "Mean training loss of the last 50 steps against the scale of the hidden weights at the "
        "start. The rate is the same for all, or it grows with the square of the scale."
    )
    figure, axis = one_panel("scale of the hidden weights", caption)
    series = {
        name: found.values(key)[..., -50:].mean(axis=-1).T
        for name, key in (("one rate", "plain"), ("rate × scale²", "matched"))
    }
    against(axis, found.fields["scale"], series, "training loss")
    return figure.finished()


@styled
def two(found):
    """The share of the gradient that a unit lets through in a batch of two, against its h."""
    caption = (
        "Share of the gradient that batch norm lets through in a batch of two, against half the "
        "difference h of a unit's two inputs; each point is a unit of a seed. The line is "
        "ε / (h² + ε)."
    )
    figure = PanelFigure(1, 1, "h", caption, values=("share", "low", "high"))
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
        "XOR, against the number of neurons."
    )
    figure, axis = one_panel("neurons", caption, (4.3, 2.8))
    series = series_of(found, "parted", "norm")
    title = "share of draws that are parted"
    lines(axis, found.fields["width"], series, title, single=False, marker="o")
    axis.set_ylim(-0.03, 1.05)
    return figure.finished()
