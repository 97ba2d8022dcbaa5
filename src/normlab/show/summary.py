"""Numbers of a sweep in a form that a page can print."""

import itertools

import numpy as np

from normlab.show.tables import Table
from normlab.stats.intervals import interval_of
from normlab.training.histories import SIGNAL_QUANTILES


def summary(caption: str, sweep, measures: dict[str, str]) -> Table:
    """A row for each point of the grid: its field values, then means with intervals.

    ``measures`` maps the heading of a column to an attribute of History.
    """
    rows = []
    for point in itertools.product(*sweep.fields.values()):
        fixed = dict(zip(sweep.fields, point, strict=True))
        values = {measure: sweep.values(measure, **fixed) for measure in measures.values()}
        rows.append((*point, *(interval_of(v, measure) for measure, v in values.items())))
    fields = (name.replace("_", " ") for name in sweep.fields)
    seeds = f" (mean and 95 % interval of {len(sweep.seeds)} seeds)"
    return Table(caption + seeds, (*fields, *measures), tuple(rows))


def signal_table(sweep) -> Table:
    """Median size of activations and gradients by depth, a row a method and moment."""
    rows = []
    for method in sweep.fields["normalization"]:
        for kind, when in itertools.product(("activation", "gradient"), ("start", "end")):
            median = _median(sweep, when, kind, method)
            rows.append((method, kind, when, *(float(v) for v in 10 ** np.log10(median).mean(0))))
    layers = (f"layer {number}" for number in range(1, len(rows[0]) - 2))
    caption = "Median of the nonzero magnitudes by hidden layer, geometric means over seeds"
    return Table(caption, ("normalization", "signal", "moment", *layers), tuple(rows))


def decades_along_depth(sweep, when: str, kind: str, normalization: str):
    """How far a signal grows from the first hidden layer to the last, in decades, (seeds,).

    It is log10 of the ratio of the medians, negative where the signal shrinks; ``when`` is
    "start" or "end" of training, ``kind`` "activation" or "gradient".
    """
    median = _median(sweep, when, kind, normalization)
    return np.log10(median[:, -1] / median[:, 0])


def _median(sweep, when, kind, normalization):
    quantiles = sweep.signals(when, kind, "quantiles", normalization=normalization)
    return quantiles[..., SIGNAL_QUANTILES.index(0.5)]
