"""Figures of the page on dynamic tanh, a function each, as in `figures`, and its set-up table."""

from normlab.show.drawing import (
    ANSWER,
    PanelFigure,
    against,
    guessing,
    label_sizes,
    level,
    one_panel,
    styled,
    words,
)
from normlab.show.figures import scale_panel
from normlab.show.series import ahead, series_of
from normlab.show.setup import setup_table
from normlab.show.tables import Table
from normlab.stats.intervals import mean_interval

_SHARES = ("train_accuracy", "test_accuracy", "saturated_before", "saturated")


def setup(config, images, seeds, **varied):
    """`setup_table` with the pixels divided by 255, and with what this page compares."""
    table = setup_table(config, images, seeds, **varied)
    own = {
        "Normalization": (
            "in front of each relu: layer norm or RMS norm over the features of an example, batch "
            "norm over the minibatch (ε 10⁻⁵), or DyT, γ tanh(αx) + β with one α a layer, 0.5 at "
            "the start; γ 1 and β 0 at the start; all are learned like the weights. In test mode "
            "batch norm uses running averages"
        ),
        "Evaluation": (
            "in test mode, over all training images of the run and over all test images, at the "
            f"end; for figure 1 after the first update and {config.evaluations} times more, evenly "
            "spaced"
        ),
    }
    rows = {name: own.get(name, how) for name, how in table.rows}
    rows["Images"] = rows["Images"].replace(
        "pixels go from 0 to 255 and are not divided",
        "pixels, from 0 to 255, are then divided by 255",
    )
    return Table(table.caption, table.columns, tuple(rows.items()))


@styled
def scales(sweep, fan_in, num_classes):
    """Training and test accuracy against the scale of the initial weights."""
    caption = "Accuracy at the end against the standard deviation of the initial weights."
    figure = PanelFigure(1, 2, "weight scale", caption, heights="row")
    for axis, split in zip(figure.axes, ("train", "test"), strict=True):
        _scales(axis, sweep, split, fan_in, num_classes)
    return figure.finished()


@styled
def answer(sweep, fan_in, num_classes):
    """The answer of the page: training accuracy against the scale of the initial weights."""
    figure, axis = one_panel("weight scale", size=ANSWER)
    _scales(axis, sweep, "train", fan_in, num_classes)
    return figure.finished()


def _scales(axis, sweep, split, fan_in, num_classes):
    measure, title = f"final_{split}_accuracy", f"{words(split)} accuracy"
    scale_panel(axis, sweep, measure, title, fan_in, num_classes, single=False)


@styled
def rates(sweep, num_classes):
    """Training accuracy against the learning rate."""
    caption = "Training accuracy at the end against the rate of plain SGD."
    figure, axis = one_panel("learning rate", caption)
    accuracy = series_of(sweep, "final_train_accuracy")
    against(axis, sweep.fields["learning_rate"], accuracy, "training accuracy", single=False)
    guessing(axis, num_classes)
    return figure.finished()


@styled
def sizes(sweep):
    """Test accuracy against the number of training images, and the lead of dynamic tanh."""
    caption = (
        "Test accuracy at the end against the number of training images, and points by which DyT "
        "is ahead of layer norm, seed by seed; the axes do not begin at 0."
    )
    figure = PanelFigure(1, 2, "training images", caption)
    left, right = figure.axes
    numbers, measure = sweep.fields["num_train"], "final_test_accuracy"
    against(left, numbers, series_of(sweep, measure), "test accuracy", single=False)
    points = ahead(sweep, measure, "layernorm")
    against(right, numbers, points, "test: points above layer norm", single=False)
    level(right, 0)
    return figure.finished()


@styled
def alphas(grids, num_classes):
    """Test accuracy against the alpha that training starts from, a panel a depth.

    ``grids`` are those of `train_from_alpha` over alpha, each with one value of hidden_dims.
    """
    caption = "Test accuracy at the end against the α that all layers start from; DyT has 0.5."
    figure = PanelFigure(1, len(grids), "α at the start", caption, heights="row")
    for axis, grid in zip(figure.axes, grids, strict=True):
        starts, dims = grid.fields["alpha"], _dims(grid)
        accuracy = {"dyt": grid.values("test_accuracy", hidden_dims=dims).T}
        against(axis, starts, accuracy, f"test accuracy, {len(dims) + 1} layers", single=False)
        label_sizes(axis, starts)
        guessing(axis, num_classes)
    return figure.finished()


def alpha_table(grids):
    """What became of alpha: a row a depth and start, means over seeds; ``grids`` as above."""
    rows = []
    starts = [(grid, start) for grid in grids for start in grid.fields["alpha"]]
    for each, start in starts:
        at = {"hidden_dims": _dims(each), "alpha": start}
        alpha = each.values("alpha", **at).mean(axis=-1)
        found = (mean_interval(100 * each.values(name, **at)) for name in _SHARES)
        rows.append((len(_dims(each)) + 1, float(start), mean_interval(alpha), *found))
    heads = ("layers", "α at the start", "α at the end", "training accuracy, %")
    heads += ("test accuracy, %", "saturated before, %", "saturated at the end, %")
    caption = (
        "What became of α, the mean over layers. Saturated are entries whose tanh is beyond 0.9 "
        f"in size. Means over {len(grids[0].seeds)} seeds, with 95 % intervals."
    )
    return Table(caption, heads, tuple(rows))


def _dims(grid):
    (dims,) = grid.fields["hidden_dims"]
    return dims
