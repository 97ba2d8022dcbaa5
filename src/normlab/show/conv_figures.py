"""Figures of the page on convolution, a function each, as in `figures`."""

import numpy as np

from normlab.show.drawing import (
    PanelFigure,
    about_lines,
    label_sizes,
    level,
    lines,
    styled,
    words,
)
from normlab.show.figures import ANSWER, MIDDLE, about_runs, against_sizes, methods_of


@styled
def batch_sizes(sweep, connected):
    """Test accuracy against batch size above, and below the points that a normalization adds.

    ``connected`` is a Sweep of a fully connected net over the same sizes.
    """
    caption = (
        "Test accuracy at the end against batch size, in the network of convolutions and in the "
        "fully connected one; the axes do not begin at 0. Below, points above the plain network "
        f"of the same kind, seed by seed. {about_runs(sweep)}"
    )
    figure = PanelFigure(2, 2, "batch size", caption, MIDDLE)
    kinds = {"convolutions": sweep, "fully connected": connected}
    for above, below, (kind, each) in zip(
        figure.axes[:2], figure.axes[2:], kinds.items(), strict=True
    ):
        against_sizes(above, each, "final_test_accuracy", f"test accuracy, {kind}")
        ahead = {m: _ahead(each, m) for m in methods_of(each) if m != "none"}
        _points(below, each, ahead, f"points above none, {kind}")
    return figure.finished()


@styled
def answer(sweep, connected):
    """The answer of a page: the points that batch norm adds, against batch size."""
    figure = PanelFigure(1, 1, "batch size", size=ANSWER)
    ahead = {
        name: _ahead(each, "batchnorm")
        for name, each in (("channel", sweep), ("connected", connected))
    }
    _points(figure.axes[0], sweep, ahead, "points by batch norm, test images")
    return figure.finished()


def _ahead(sweep, method):
    """Points of test accuracy above none, (seeds, sizes)."""
    return 100 * sweep.difference("final_test_accuracy", method).T


def _points(axis, sweep, series, title):
    sizes = np.array(sweep.fields["batch_size"])
    lines(axis, sizes, series, title, xscale="log", alpha=0)
    level(axis, 0, "")
    label_sizes(axis, sizes)


@styled
def groups(sweep):
    """Training and test accuracy of group norm against the number of its groups."""
    caption = (
        "Accuracy at the end against the number of groups; the axes do not begin at 0. "
        f"{about_runs(sweep)}"
    )
    figure = PanelFigure(1, 2, "groups", caption, MIDDLE)
    numbers = np.array(sweep.fields["groups"])
    for axis, split in zip(figure.axes, ("train", "test"), strict=True):
        accuracy = {"groupnorm": sweep.values(f"final_{split}_accuracy").T}
        lines(axis, numbers, accuracy, f"{words(split)} accuracy", xscale="log")
        label_sizes(axis, numbers)
    return figure.finished()


@styled
def scatter(found, sizes):
    """How far the variance of a minibatch scatters, against its size; of `convolution.scatter`."""
    caption = (
        "Standard deviation of a feature's variance over 200 minibatches, divided by its mean, at "
        "the initial weights. A feature is a channel of the first convolution, or a unit of the "
        "first dense, that is fully connected, layer; the median over the features. "
        f"{about_lines('means', len(found.seeds))}"
    )
    figure = PanelFigure(1, 1, "batch size", caption, (5.6, 3.1))
    (axis,) = figure.axes
    sizes = np.array(sizes)
    series = {kind: found.values(kind) for kind in ("channel", "unit")}
    lines(axis, sizes, series, "relative scatter of the variance", xscale="log")
    axis.set_ylim(bottom=0)
    label_sizes(axis, sizes)
    return figure.finished()
