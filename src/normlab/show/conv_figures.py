"""Figures of the page on convolution, a function each, as in `figures`."""

import numpy as np

from normlab.show.drawing import (
    PanelFigure,
    about_lines,
    guessing,
    label_sizes,
    level,
    lines,
    share_heights,
    styled,
    words,
)
from normlab.show.figures import ANSWER, MIDDLE, about_runs, against_sizes, methods_of


@styled
def batch_sizes(sweep, connected):
    """Test accuracy against batch size, and the points that a normalization adds.

    ``connected`` is a Sweep of a fully connected net over the same normalizations and sizes.
    """
    caption = (
        "Test accuracy at the end against batch size; the axis does not begin at 0. To the right, "
        "points above the plain network of the same kind, seed by seed; that with dense layers is "
        f"batch norm in the fully connected network. {about_runs(sweep)}"
    )
    figure = PanelFigure(1, 2, "batch size", caption, MIDDLE)
    against_sizes(figure.axes[0], sweep, "final_test_accuracy", "test accuracy")
    _lead_by_size(figure.axes[1], sweep, connected)
    return figure.finished()


@styled
def answer(sweep, connected):
    """The answer of a page: the points that a normalization adds, against batch size."""
    figure = PanelFigure(1, 1, "batch size", size=ANSWER)
    _lead_by_size(figure.axes[0], sweep, connected, alpha=0)
    return figure.finished()


def _lead_by_size(axis, sweep, connected, alpha=0.25):
    def ahead(of, method):
        return 100 * of.difference("final_test_accuracy", method).T

    series = {m: ahead(sweep, m) for m in methods_of(sweep) if m != "none"}
    series["connected"] = ahead(connected, "batchnorm")
    sizes = np.array(sweep.fields["batch_size"])
    lines(axis, sizes, series, "test: points above none", xscale="log", alpha=alpha)
    level(axis, 0, "")
    label_sizes(axis, sizes)


@styled
def groups(sweep, num_classes):
    """Training and test accuracy of group norm against the number of its groups."""
    caption = f"Accuracy at the end against the number of groups. {about_runs(sweep)}"
    figure = PanelFigure(1, 2, "groups", caption, MIDDLE)
    share_heights(figure)
    numbers = np.array(sweep.fields["groups"])
    for axis, split in zip(figure.axes, ("train", "test"), strict=True):
        accuracy = {"groupnorm": sweep.values(f"final_{split}_accuracy").T}
        lines(axis, numbers, accuracy, f"{words(split)} accuracy", xscale="log")
        label_sizes(axis, numbers)
        guessing(axis, num_classes)
    return figure.finished()


@styled
def scatter(found, sizes):
    """How far the variance of a minibatch scatters, against its size; of `ledger.scatter`."""
    seeds = len(found["unit"])
    caption = (
        "Standard deviation, over minibatches, of the variance that a minibatch shows of a "
        "feature, beside its mean; without training. A feature is a channel of the first "
        "convolution, or a unit of a dense, that is fully connected, layer. "
        f"{about_lines('means', seeds)}"
    )
    figure = PanelFigure(1, 1, "batch size", caption, (5.6, 3.1))
    (axis,) = figure.axes
    sizes = np.array(sizes)
    lines(axis, sizes, found, "scatter of the variance", xscale="log")
    axis.set_ylim(bottom=0)
    label_sizes(axis, sizes)
    return figure.finished()
