"""The figure of the speed page: every contender beside PyTorch, workload by workload."""

from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from benchmarks.lineup import BOUND, JAX, OURS, PLAIN, PYTORCH, READABLE, VMAP
from benchmarks.ratios import ratio
from normlab.show.drawing import spread, styled
from normlab.show.methods import INK, LOOKS

SHADE = {
    OURS: "batchnorm",
    READABLE: "layernorm",
    PLAIN: "other",
    JAX: "groupnorm",
    VMAP: "groupnorm",
    PYTORCH: "ink",
    BOUND: "none",
}
COLORS = {name: LOOKS[shade].color if shade in LOOKS else INK for name, shade in SHADE.items()}
TEXTS = {name: LOOKS[shade].text if shade in LOOKS else INK for name, shade in SHADE.items()}
MARKERS = {OURS: "o", READABLE: "D", PLAIN: "s", JAX: "^", VMAP: "v", PYTORCH: "|", BOUND: "X"}
SHORT = {VMAP: "JAX vmap x8"}
TICKS = (0.25, 0.5, 1, 2, 4, 8, 16, 32)


@styled
def ratios(single, sweeps):
    """Speed over that of the best PyTorch, or without it of the best plain code.

    Parameters
    ----------
    single, sweeps : dict, workload -> contender -> speeds round by round
    """
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    axes = figure.subplots(1, 2)
    titles = ("one net, one process", "sweeps on two cores")
    for axis, measured, title in zip(axes, (single, sweeps), titles, strict=True):
        _panel(axis, measured, title)
    return figure


def _panel(axis, measured, title):
    base = next((f for f in (PYTORCH, PLAIN, OURS) if _found(measured, f)), OURS)
    families = [family for family in COLORS if _found(measured, family)]
    first = {}
    for row, speeds in enumerate(measured.values()):
        for family in families:
            median, low, high = ratio(speeds, family, base)
            axis.plot([low, high], [row, row], color=COLORS[family], lw=3, alpha=0.4)
            axis.plot(median, row, MARKERS[family], color=COLORS[family], ms=7, mew=1.5)
            first.setdefault(family, median)
    axis.set(
        xscale="log",
        title=title,
        xlabel=f"speed over that of the best {base}",
        ylim=(len(measured) - 0.5, -0.55 - 0.35 * len(measured)),
    )
    axis.set_yticks(range(len(measured)), measured)
    low, high = axis.get_xlim()
    axis.set_xticks([tick for tick in TICKS if low <= tick <= high])
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.minorticks_off()
    _name(axis, first)


def _name(axis, first):
    """Write each family's name over its marker in the first row."""
    to_axes = axis.transData + axis.transAxes.inverted()
    names = sorted(first, key=first.get)
    places = [to_axes.transform((first[name], 0))[0] for name in names]
    for place, name in zip(spread(places, 0.075), names, strict=True):
        axis.annotate(
            SHORT.get(name, name),
            (first[name], -0.15),
            (place, 0.8),
            textcoords="axes fraction",
            rotation=35,
            color=TEXTS[name],
            fontsize=9,
            ha="left",
            va="bottom",
            arrowprops={"arrowstyle": "-", "color": COLORS[name], "lw": 0.5},
            annotation_clip=False,
        )


def _found(measured, family):
    return all(ratio(speeds, family, family) for speeds in measured.values())
