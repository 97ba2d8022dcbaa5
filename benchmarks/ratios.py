"""From speeds, round by round, to ratios with their spread."""

from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """The median and the quartiles over the rounds."""

    median: float
    low: float
    high: float


def spread(values):
    """Median and quartiles of the values of all rounds."""
    low, median, high = np.quantile(values, (0.25, 0.5, 0.75))
    return Spread(median, low, high)


def best(speeds, family):
    """Of a family, the contender whose median is highest; None if none of it ran.

    Parameters
    ----------
    speeds : dict, name -> list of float
    family : str
        A whole name, or its beginning up to a comma.
    """
    if family in speeds:
        return family
    members = [name for name in speeds if name.startswith(f"{family},")]
    return max(members, key=lambda name: np.median(speeds[name]), default=None)


def ratio(speeds, family, rival):
    """How often faster the best of one family is than the best of another, or None."""
    ours, theirs = best(speeds, family), best(speeds, rival)
    if ours is None or theirs is None:
        return None
    return spread(np.divide(speeds[ours], speeds[theirs]))
