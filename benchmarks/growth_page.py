"""Measurements of growth in, docs/growth.md and its figures out."""

import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from benchmarks.growth import AXES, BOUND, OURS, PRODUCTS, exponent, fitted_part, milliseconds
from benchmarks.machine import describe
from benchmarks.ratios import Spread, ratio
from benchmarks.table import table, text
from normlab.show.drawing import spread, styled
from normlab.show.methods import LOOKS

STYLES = {
    OURS: {"color": LOOKS["batchnorm"].color, "marker": "o", "ms": 4},
    BOUND: {"color": LOOKS["other"].color, "marker": "s", "ms": 3, "lw": 1.2},
    PRODUCTS: {"color": LOOKS["none"].color, "dashes": (4, 1.5), "lw": 1.2},
}
_TEXT_OF = {look.color: look.text for look in LOOKS.values()}
WHY = {
    "width": (
        "A narrow net leaves the line of its products because drawing and gathering a minibatch "
        "and the loss cost the same whatever the width. A wide one stays above it because Adam "
        "reads and writes weights and moments, which grow as the products do."
    ),
    "depth": (
        "Every layer adds its own small products and normalization, so both grow by a "
        "constant a layer. With few layers the first one, 3072 numbers wide, sets the time: its "
        "products and its share of Adam."
    ),
    "batch": (
        "Products grow with the batch; Adam does not. So a small batch lies far "
        "above the line, by Adam's pass over weights and moments, which the line with Adam in C "
        "has too. A large batch comes near the line; what is left then is "
        "normalization, relu and gathering, which grow with the batch as well."
    ),
    "workers": (
        "The time is that of one update: total time divided by the updates of all workers. It "
        "falls like one over the workers up to the {cores} cores, and no further, for the "
        "products as well."
    ),
}
PAGE = """\
# Growth

How the time of an update grows, beside that of its matrix products alone (the GEMM line) and of
the products with one pass of Adam in C. All in the reference arithmetic, one BLAS thread a
process. Where nothing else is said the net is {base}.
Made by `make bench-growth`.

The exponent is the slope in the logarithms over the larger half of the sizes, and up to
the number of cores for workers; the pale line shows it.

{sections}
## How it is measured

As on [the page on speed](speed.md): live processes asked in turn, {rounds} rounds of slices of
{seconds:g} s. Times are medians, ratios medians (quartiles) of those within a round.

Machine: {machine}

The numbers behind this page are in [measurements.json](growth/measurements.json).
"""
SECTION = """\
## {title}

![Time per update against {label}](growth/{name}.svg)

{reading}

{table}"""


def page(m, base):
    """The Markdown text for the measurements that benchmarks.growth makes."""
    sections = []
    for axis in AXES:
        points = m["speeds"][axis.name]
        reading = f"{_where(points)} {WHY[axis.name].format(cores=m['machine']['cores'])}"
        sections.append(
            SECTION.format(
                title=axis.label.capitalize(),
                label=axis.label,
                name=axis.name,
                reading=textwrap.fill(reading, 98, break_on_hyphens=False),
                table=_table(axis.name, points),
            )
        )
    return PAGE.format(
        base=base,
        sections="\n".join(sections),
        rounds=m["rounds"],
        seconds=m["seconds"],
        machine=describe(m["machine"], m["versions"]),
    )


def _where(points):
    """One sentence: how far normlab is from the line at both ends, and where it is near."""
    sizes = list(points)
    above = [1 / ratio(speeds, OURS, PRODUCTS).median for speeds in points.values()]
    near = [size for size, times in zip(sizes, above, strict=True) if times <= 2]
    return (
        f"At {sizes[0]} an update takes {above[0]:.1f} times its products, at {sizes[-1]} "
        f"{above[-1]:.1f} times; it takes at most twice of them at {', '.join(near) or 'no size'}."
    )


def _table(name, points):
    names = [n for n in STYLES if n in next(iter(points.values()))]
    rows = []
    for size, speeds in points.items():
        times = [f"{milliseconds({size: speeds}, n)[1][0]:.3f}" for n in names]
        above = np.reciprocal(ratio(speeds, OURS, PRODUCTS))
        rows.append([size, *times, text(Spread(above[0], above[2], above[1]))])
    return table([name, *(f"{n}, ms" for n in names), f"{OURS} to {PRODUCTS}"], rows)


@styled
def figure(axis, points, cores):
    """Time per update against one size, both logarithmic."""
    figure = Figure(figsize=(6, 3), layout="constrained")
    plot = figure.subplots()
    ends = []
    for name, style in STYLES.items():
        if name not in next(iter(points.values())):
            continue
        sizes, times = milliseconds(points, name)
        part = fitted_part(axis.name, sizes, cores)
        slope, line = exponent(sizes[part], times[part])
        plot.plot(sizes[part], line, color=style["color"], lw=6, alpha=0.2)
        plot.plot(sizes, times, **style)
        ends.append((times[-1], f"{name}: {axis.name}$^{{{slope:.2f}}}$", style["color"]))
    plot.set(xscale="log", yscale="log", xlabel=axis.label, ylabel="ms per update")
    plot.set_xticks(sizes, [str(size) for size in sizes])
    plot.minorticks_off()
    low, high = plot.get_ylim()
    plot.yaxis.set_major_locator(
        LogLocator(subs=(1, 2, 5) if high > 8 * low else (1, 1.5, 2, 3, 5))
    )
    plot.yaxis.set_major_formatter("{x:g}")
    _label_ends(plot, sorted(ends))
    return figure


def _label_ends(plot, ends):
    to_axes = plot.transData + plot.transAxes.inverted()
    right = plot.get_xlim()[1]
    places = spread([to_axes.transform((right, height))[1] for height, *_ in ends], 0.09)
    for place, (_, name, color) in zip(places, ends, strict=True):
        plot.annotate(
            name,
            (1, place),
            (3, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=_TEXT_OF[color],
            fontsize=9,
            annotation_clip=False,
        )
