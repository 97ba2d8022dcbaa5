"""Measurements in, Markdown out."""

from benchmarks.lineup import (
    BOUND,
    JAX,
    NATIVE,
    NATIVE_BOUND,
    OURS,
    PLAIN,
    PYTORCH,
    READABLE,
    VMAP,
)
from benchmarks.ratios import ratio, spread

SINGLE = (
    (OURS, PYTORCH),
    (NATIVE, PYTORCH),
    (OURS, PLAIN),
    (OURS, READABLE),
    (READABLE, PLAIN),
    (OURS, JAX),
    (OURS, VMAP),
    (OURS, BOUND),
    (NATIVE, NATIVE_BOUND),
    (PYTORCH, PLAIN),
)
SWEEPS = (
    (OURS, PYTORCH),
    (OURS, VMAP),
    (OURS, BOUND),
    (VMAP, PYTORCH),
)
BEST_OF = {PYTORCH: "the best PyTorch", PLAIN: "the best plain code"}


def ratio_table(measured, comparisons):
    """A row a comparison, a column a workload; medians of ratios with quartiles."""
    rows = []
    for family, rival in comparisons:
        ratios = [ratio(speeds, family, rival) for speeds in measured.values()]
        if any(ratios):
            name = f"{BEST_OF.get(family, family)} to {BEST_OF.get(rival, rival)}"
            rows.append([name, *(text(r) for r in ratios)])
    return table(["speed of … to …", *measured], rows)


def speed_table(measured):
    """A row a contender, a column a workload; medians of net-updates a second."""
    names = list(next(iter(measured.values())))
    rows = [
        [name, *(f"{spread(speeds[name]).median:.0f}" for speeds in measured.values())]
        for name in names
    ]
    return table(["net-updates a second", *measured], rows)


def parts_table(parts):
    """A row a part of an update, a column a workload; microseconds."""
    names = next(iter(parts.values()))
    rows = [[name, *(f"{of[name]:.0f}" for of in parts.values())] for name in names]
    rows.append(["sum", *(f"{sum(of.values()):.0f}" for of in parts.values())])
    return table(["microseconds an update", *parts], rows)


def pipeline_table(seconds):
    """How long the two commands take, and their ratio."""
    rows = [[name, text(spread(values), " s")] for name, values in seconds.items()]
    rows.append(["the first to the second", text(ratio(seconds, *seconds))])
    return table(["command", "time"], rows)


def table(head, rows):
    """A Markdown table; the first column is text, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def text(spread, unit=""):
    """A median with its quartiles; a dash for None."""
    if spread is None:
        return "–"
    median, low, high = spread
    digits = 2 if median < 20 else 0
    return f"{median:.{digits}f}{unit} ({low:.{digits}f}–{high:.{digits}f})"
