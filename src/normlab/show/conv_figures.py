"""Figures of the page on convolution, a function each, as in `figures`."""

from normlab.show.drawing import ANSWER, PanelFigure, against, level, one_panel, styled, words
from normlab.show.series import ahead, series_of

_TEST = "final_test_accuracy"


@styled
def batch_sizes(sweep, connected):
    """Test accuracy against batch size above, and below the points that a normalization adds.

    ``connected`` is a Sweep of a fully connected net over the same sizes.
    """
    caption = (
        "Test accuracy at the end against batch size, in the network of convolutions and in the "
        "fully connected one; the axes do not begin at 0. Below, points above the plain network "
        "of the same kind, seed by seed."
    )
    figure = PanelFigure(2, 2, "batch size", caption)
    kinds = {"convolutions": sweep, "fully connected": connected}
    for column, (kind, each) in enumerate(kinds.items()):
        above, below = figure.axes[column::2]
        sizes = each.fields["batch_size"]
        against(above, sizes, series_of(each, _TEST), f"test accuracy, {kind}")
        against(below, sizes, ahead(each, _TEST), f"points above none, {kind}", single=False)
        level(below, 0)
    return figure.finished()


@styled
def answer(sweep, connected):
    """The answer of a page: the points that batch norm adds, against batch size."""
    figure, axis = one_panel("batch size", size=ANSWER)
    kinds = {"channel": sweep, "connected": connected}
    added = {kind: ahead(each, _TEST)["batchnorm"] for kind, each in kinds.items()}
    title = "points by batch norm, test images"
    against(axis, sweep.fields["batch_size"], added, title, single=False)
    level(axis, 0)
    return figure.finished()


@styled
def groups(sweep):
    """Training and test accuracy of group norm against the number of its groups."""
    caption = "Accuracy at the end against the number of groups; the axes do not begin at 0."
    figure = PanelFigure(1, 2, "groups", caption)
    for axis, split in zip(figure.axes, ("train", "test"), strict=True):
        accuracy = {"groupnorm": sweep.values(f"final_{split}_accuracy").T}
        against(axis, sweep.fields["groups"], accuracy, f"{words(split)} accuracy")
    return figure.finished()


@styled
def scatter(found, sizes):
    """How far the variance of a minibatch scatters, against its size; of `convolution.scatter`."""
    caption = (
        "Standard deviation of a feature's variance over 200 minibatches, divided by its mean, at "
        "the initial weights. A feature is a channel of the first convolution, or a unit of the "
        "first dense, that is fully connected, layer; the median over the features."
    )
    figure, axis = one_panel("batch size", caption)
    series = {kind: found.values(kind) for kind in ("channel", "unit")}
    against(axis, sizes, series, "relative scatter of the variance")
    axis.set_ylim(bottom=0)
    return figure.finished()
