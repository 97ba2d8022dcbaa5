"""Drawings that say what is meant; they show no results."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from normlab.show.drawing import styled
from normlab.show.methods import INK, SOFT, look


@styled
def normalized_axes(rows=6, columns=9):
    """A drawing: the array of a layer's inputs, and what each normalization standardizes."""
    figure = Figure(figsize=(5.4, 2.3))
    figure.caption = "What is standardized together: a column by batch norm, a row by layer norm."
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(-3.6, columns + 4.2), ylim=(-0.4, rows + 1.6))
    axis.set_axis_off()
    axis.hlines(range(rows + 1), 0, columns, color=SOFT, lw=0.5)
    axis.vlines(range(columns + 1), 0, rows, color=SOFT, lw=0.5)
    for method, place, size in (
        ("batchnorm", (2, 0), (1, rows)),
        ("layernorm", (0, 1), (columns, 1)),
    ):
        color = look(method).color
        axis.add_patch(Rectangle(place, *size, fc=color, ec=color, alpha=0.45, lw=1.5))
    middle = {"ha": "center", "va": "center"}
    axis.text(2.5, rows + 0.8, "batch norm", color=look("batchnorm").text, **middle)
    axis.text(columns + 0.3, 1.5, "layer norm", color=look("layernorm").text, va="center")
    axis.text(-0.3, rows / 2, "N examples", color=INK, ha="right", va="center")
    axis.text(columns / 2 + 2, rows + 0.8, "D features", color=INK, **middle)
    return figure


@styled
def two_values():
    """A drawing: whatever two values are, standardized they are -1 and 1."""
    figure = Figure(figsize=(6.2, 1.9))
    figure.caption = "Two values of a feature, and what batch norm makes of them."
    axis = figure.add_axes((0.02, 0.02, 0.96, 0.96))
    axis.set(xlim=(-0.4, 10.4), ylim=(-0.6, 3.6))
    axis.set_axis_off()
    color = look("batchnorm").color
    for height, pair in zip((3, 2, 1), ((0.4, 1.1), (1.8, 2.0), (0.2, 3.4)), strict=True):
        axis.plot((0, 3.6), (height, height), color=SOFT, lw=0.7)
        axis.plot(pair, (height, height), ls="none", marker="o", ms=7, color=color)
        axis.annotate("", (5.9, height), (4.1, height), arrowprops={"arrowstyle": "->", "ec": SOFT})
        axis.plot((6.4, 9.8), (height, height), color=SOFT, lw=0.7)
        axis.plot((7.1, 9.1), (height, height), ls="none", marker="o", ms=7, color=color)
    for x, text in ((1.8, "two values of a feature"), (7.1, "−1"), (9.1, "+1")):
        axis.text(x, 0, text, ha="center", color=INK)
    axis.text(5, 0, "standardized", ha="center", color=look("batchnorm").text)
    return figure


@styled
def normalized_images(examples=4, channels=6, groups=2):
    """A drawing: a minibatch of images, and what each normalization standardizes together."""
    figure = Figure(figsize=(7.4, 2.5))
    figure.caption = (
        "What is standardized together. Each cell is one channel of one image, all of its pixels."
    )
    axis = figure.add_axes((0, 0, 1, 1))
    step = channels + 2.2
    axis.set(xlim=(-3.4, 3 * step - 1), ylim=(-0.3, examples + 1.5))
    axis.set_axis_off()
    middle = {"ha": "center", "va": "center"}
    for number, (method, place, size) in enumerate(
        (
            ("batchnorm", (1, 0), (1, examples)),
            ("layernorm", (0, 1), (channels, 1)),
            ("groupnorm", (0, 1), (channels // groups, 1)),
        )
    ):
        left, color = number * step, look(method).color
        axis.hlines(range(examples + 1), left, left + channels, color=SOFT, lw=0.5)
        axis.vlines(left + np.arange(channels + 1), 0, examples, color=SOFT, lw=0.5)
        corner = (left + place[0], place[1])
        axis.add_patch(Rectangle(corner, *size, fc=color, ec=color, alpha=0.45, lw=1.5))
        name = f"{look(method).label}{f', {groups} groups' if method == 'groupnorm' else ''}"
        axis.text(left + channels / 2, examples + 1.1, name, color=look(method).text, **middle)
        axis.text(left + channels / 2, examples + 0.4, "C channels", color=INK, **middle)
    axis.text(-0.3, examples / 2, "N examples", color=INK, ha="right", va="center")
    return figure
