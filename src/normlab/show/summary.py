"""Numbers of a sweep in a form that a page can print."""

import itertools

import numpy as np

from normlab.show.methods import look
from normlab.show.tables import Table
from normlab.stats.intervals import mean_interval

_HEADS = {"hidden_dims": "width of a layer"}


def summary(caption: str, sweep, measures: dict[str, str]) -> Table:
    """A row for each point of the grid: its field values, then means with intervals.

    ``measures`` maps the heading of a column to an attribute of History; accuracies are in
    per cent.
    """
    rows = []
    for point in itertools.product(*sweep.fields.values()):
        fixed = dict(zip(sweep.fields, point, strict=True))
        names = (_named(name, value) for name, value in fixed.items())
        means = (
            mean_interval(sweep.values(measure, **fixed) * (100 if "accuracy" in measure else 1))
            for measure in measures.values()
        )
        rows.append((*names, *means))
    fields = (_HEADS.get(name, name.replace("_", " ")) for name in sweep.fields)
    heads = (f"{head}, %" if "accuracy" in m else head for head, m in measures.items())
    seeds = f" Means over {len(sweep.seeds)} seeds, with 95 % intervals."
    return Table(caption + seeds, (*fields, *heads), tuple(rows))


def _named(field, value):
    """A value of a swept field as a table has it: methods by name, layers of one width by it."""
    if field == "normalization":
        return look(value).label
    return value[0] if field == "hidden_dims" and len(set(value)) == 1 else value


def signal_table(sweep) -> Table:
    """Median size of activations and gradients by depth, a row a method and moment."""
    rows = []
    for method in sweep.fields["normalization"]:
        for kind, when in itertools.product(("activation", "gradient"), ("start", "end")):
            median = sweep.medians(when, kind, normalization=method)
            means = (float(value) for value in 10 ** np.log10(median).mean(0))
            rows.append((look(method).label, kind, when, *means))
    layers = (f"layer {number}" for number in range(1, len(rows[0]) - 2))
    caption = "Median of the nonzero magnitudes by hidden layer, geometric means over seeds"
    return Table(caption, ("normalization", "signal", "moment", *layers), tuple(rows))
