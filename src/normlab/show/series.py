"""What lines show, taken from a grid of results: name -> the values of its runs, seeds first."""

import numpy as np


def series_of(grid, measure, by="normalization", **fixed):
    """A line for each value of a field: value -> (seeds, points).

    Points are those of the other field that is not ``fixed``, or those of a curve.
    """
    others = len(grid.fields) - 1 - len(fixed)
    return {
        value: np.moveaxis(grid.values(measure, **{by: value}, **fixed), others, 0)
        for value in grid.fields[by]
    }


def ahead(sweep, measure, rival="none"):
    """Points by which each other method is ahead of a rival, seed by seed; as `series_of`."""
    values = series_of(sweep, measure)
    return {m: 100 * (values[m] - values[rival]) for m in values if m != rival}
