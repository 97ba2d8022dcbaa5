"""Figures of the page on signal and gradient by depth, a function each, as in `figures`."""

import numpy as np

from normlab.ledger.depth_measures import rates
from normlab.ledger.mean_field import limit_rate, moments
from normlab.show.drawing import ANSWER, PanelFigure, against, level, lines, one_panel, styled
from normlab.show.methods import INK, SOFT, look
from normlab.show.series import series_of
from normlab.stats.intervals import Interval

_FEW = 16  # layers of a long net that are drawn


def _gradients(grid):
    """The squared gradient in each layer by that in the last, method -> (seeds, layers)."""
    logarithms = series_of(grid, "gradient")
    return {m: np.exp(each - each[:, -1:]) for m, each in logarithms.items()}


@styled
def along(grid):
    """Gradient, signal, cosine and effective rank in each layer, a line a normalization."""
    caption = (
        "Relu layers with He's weights, by layer. Gradient: mean square with respect to the "
        "output of the weights, by that in the last layer. Signal: mean square of the output of "
        "the weights. Cosine: between two examples, behind relu; dotted, 1/π. "
        "Effective rank: in how many directions the examples spread."
    )
    figure = PanelFigure(2, 2, "layer", caption)
    gradient, signal, cosine, rank = figure.axes
    signals = {m: np.exp(each) for m, each in series_of(grid, "signal").items()}
    _some(gradient, _gradients(grid), "squared gradient", "log")
    _some(signal, signals, "squared signal")
    _some(cosine, series_of(grid, "cosine"), "cosine of two examples")
    _some(rank, series_of(grid, "rank"), "effective rank", "log")
    signal.set_ylim(bottom=0)
    cosine.set_ylim(0, 1.02)
    level(cosine, 1 / np.pi, "1/π")
    return figure.finished()


@styled
def answer(grid):
    """The answer of the page: the squared gradient by layer."""
    figure, axis = one_panel("layer", size=ANSWER)
    _some(axis, _gradients(grid), "squared gradient", "log")
    return figure.finished()


@styled
def growth(grid):
    """By how much the squared gradient grows a layer, against the batch size, with predictions."""
    caption = (
        "With batch norm: by how much the squared gradient grows from one layer down to the next, "
        "a line an activation. Crosses are the formula for small batches, dotted lines the limit "
        "of large ones. The axis does not begin at 0."
    )
    figure, axis = one_panel("batch size", caption, (5.6, 3.4))
    sizes = grid.fields["batch"]
    found = {name: rates(each) for name, each in series_of(grid, "gradient", "activation").items()}
    against(axis, sizes, found, "growth a layer", single=False)
    for name in found:
        axis.plot(sizes, [moments(name, size)[0] for size in sizes], "x", color=INK, ms=6)
        level(axis, limit_rate(name))
    return figure.finished()


@styled
def residual(grid, scaled, skip_init):
    """The squared signal along residual blocks, and the branch's part of it."""
    caption = (
        "Residual blocks. Left, the squared signal behind each block: with batch norm or layer "
        "norm in front of the branch, with layer norm multiplied by 1/√l in block l, and without "
        "normalization, with branches as they are or multiplied by 1/√depth. Right, the part that "
        "comes from the branch of the block; dotted, 1/(l + 1)."
    )
    figure = PanelFigure(1, 2, "block l", caption)
    panels = {"square": ("squared signal", 1), "share": ("part from the branch", 0)}
    for axis, (name, (title, start)) in zip(figure.axes, panels.items(), strict=True):
        series = series_of(grid, name) | {
            "by 1/√l": scaled.values(name),
            "by 1/√depth": skip_init.values(name),
        }
        last = series["none"].shape[1] - start
        blocks = np.unique(np.geomspace(1, last, _FEW).round().astype(int))
        each = {method: values[:, blocks - 1 + start] for method, values in series.items()}
        lines(axis, blocks, each, title, "log", "log", single=False)
    figure.axes[0].set_ylim(1, 10 * (1 + blocks[-1]))
    figure.axes[1].plot(blocks, 1 / (1 + blocks), color=SOFT, ls=":", lw=1)
    return figure.finished()


@styled
def shattered(grid):
    """The correlation of neighbouring gradients against depth, of three kinds of net."""
    caption = (
        "Nets of one input and one output: the correlation of the gradient at a point with that "
        "at the next."
    )
    figure, axis = one_panel("layers", caption, (5.6, 3.2))
    plain, residual = (series_of(grid, "correlation", kind=kind) for kind in ("plain", "residual"))
    series = {
        "plain, none": plain["none"],
        "plain, batch norm": plain["batchnorm"],
        "residual, batch norm": residual["batchnorm"],
    }
    against(axis, grid.fields["depth"], series, "correlation of neighbours", single=False)
    level(axis, 0)
    return figure.finished()


@styled
def parts(chain, odd):
    """Left the gradient with orthogonal weights, right the cosines where batch norm is halved."""
    caption = (
        "Left, linear layers with batch norm that does not center: the squared gradient by that "
        "in the last layer, as a power of 10. Right, relu layers that are centered but not "
        "rescaled: the mean cosine of the other examples with the odd one, and among themselves."
    )
    figure = PanelFigure(1, 2, "layer", caption)
    left, right = figure.axes
    gradients = series_of(chain, "gradient", "weights")
    powers = {w: (each - each[:, -1:]) / np.log(10) for w, each in gradients.items()}
    _some(left, powers, "power of 10 of the squared gradient")
    names = {"outside": "with the odd one", "inside": "among the others"}
    cosines = {label: odd.values(name, rescaled=False) for name, label in names.items()}
    _some(right, cosines, "cosine, only centered")
    right.set_ylim(bottom=0)
    return figure.finished()


def _some(axis, series, title, yscale="linear"):
    """Draw some of many layers."""
    number = next(iter(series.values())).shape[1]
    at = np.unique(np.linspace(0, number - 1, 2 * _FEW).astype(int))
    drawn = {name: values[:, at] for name, values in series.items()}
    lines(axis, at + 1, drawn, title, yscale, single=False)


@styled
def singular_values(grid):
    """How the singular values of a layer are spread, with the quarter circle law."""
    caption = (
        "Singular values of a layer with standardized inputs and outputs, of all seeds; dotted, "
        "the quarter circle law. The shaded part is between 0.9 and 1.1."
    )
    figure, axis = one_panel("singular value", caption, (5.6, 3.0))
    axis.set_title("density")
    edges = np.linspace(0, 2.05, 42)
    density, _ = np.histogram(grid.values("singular"), edges, density=True)
    middles = (edges[:-1] + edges[1:]) / 2
    axis.axvspan(0.9, 1.1, color=SOFT, alpha=0.15, lw=0)
    axis.stairs(density, edges, color=look("batchnorm").color)
    figure.keep(axis, "batch norm", middles, Interval(density, density, density))
    inside = np.linspace(0, 2, 200)
    axis.plot(inside, np.sqrt(4 - inside**2) / np.pi, color=SOFT, ls=":")
    axis.set_ylim(bottom=0)
    return figure.finished()
