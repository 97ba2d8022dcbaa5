"""Intervals over seeds, and what is measured of curves.

Arrays hold one value a seed along their last axis.
"""

import warnings
from typing import NamedTuple

import numpy as np

LEVEL = 0.95
FEW = 3  # with fewer seeds than this, single runs say more than an interval
_RESAMPLES = 1999


class Interval(NamedTuple):
    """A mean with its confidence limits; three numbers or three arrays."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def mean_interval(values, level=LEVEL):
    """Mean over seeds with a bootstrap interval, bias-corrected and accelerated (BCa).

    It follows a skewed sample, and never leaves the range in which the values lie. Values that
    are all the same have an interval without width; one that is not finite has none.

    Parameters
    ----------
    values : array, (..., seeds)
        Two seeds or more: one run has no error bar.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    Interval of arrays, (...)

    Source: Efron 1987, Journal of the American Statistical Association 82, 171-185.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim == 0 or values.shape[-1] < 2:
        raise ValueError(
            f"mean_interval: values has shape {values.shape}; expected (..., seeds) with seeds >= 2"
        )
    if not 0 < level < 1:
        raise ValueError(f"mean_interval: level is {level}; expected a number between 0 and 1")
    rows = values.reshape(-1, values.shape[-1])
    low = high = rows.mean(axis=1)
    spread = np.isfinite(low) & (np.ptp(rows, axis=1) > 0)
    if spread.any():
        low, high = low.copy(), high.copy()
        low[spread], high[spread] = _bootstrapped(rows[spread], level)
    shape = values.shape[:-1]
    return Interval(values.mean(axis=-1), low.reshape(shape)[()], high.reshape(shape)[()])


def _bootstrapped(rows, level):
    """Limits of the means of rows, (R, seeds), none of them constant."""
    from scipy.stats import bootstrap  # half a second

    least, width = rows.min(axis=1), np.ptp(rows, axis=1)
    with warnings.catch_warnings(action="ignore"):  # of samples that are nearly the same
        limits = bootstrap(
            ((rows - least[:, None]) / width[:, None],),
            _rounded_mean,
            axis=1,
            confidence_level=level,
            n_resamples=_RESAMPLES,
            rng=np.random.default_rng(0),
        ).confidence_interval
    for limit, extreme in zip(limits, (0, 1), strict=True):
        yield least + width * np.clip(np.where(np.isnan(limit), extreme, limit), 0, 1)


def _rounded_mean(values, axis):
    """A mean that ties with another where but for rounding the two are equal: the method counts."""
    return values.mean(axis=axis).round(12)


def simultaneous_interval(effects, tests: int, level=LEVEL):
    """Mean over seeds with a t interval, one of so many that hold all at once.

    Each is widened as Bonferroni has it, so that with the probability ``level`` or more no
    mean lies outside of its interval, neither below nor above.

    Parameters
    ----------
    effects : array, (seeds,)
        With fewer than three the interval is the whole line: two runs that tie prove nothing.
    tests : int
        How many intervals there are.

    Returns
    -------
    Interval of float
    """
    from scipy.stats import ttest_1samp

    effects = np.asarray(effects, dtype=float)
    mean = float(effects.mean())
    if len(effects) < FEW:
        return Interval(mean, -np.inf, np.inf)
    if np.ptp(effects) == 0:
        return Interval(mean, mean, mean)
    with warnings.catch_warnings(action="ignore"):  # of effects that are nearly the same
        test = ttest_1samp(effects, 0)
    return Interval(mean, *map(float, test.confidence_interval(1 - (1 - level) / tests)))


def decades_that_train(scales, accuracy, threshold):
    """Width of the range of scales at which a net trains, in decades.

    The scales are evenly spaced in the logarithm, and each stands for as much as lies between two
    neighbours.

    Parameters
    ----------
    scales : array, (S,)
        Increasing, evenly spaced in the logarithm.
    accuracy : array, (S, seeds)
    threshold : float
        A net trains where its accuracy is at least this.

    Returns
    -------
    array, (seeds,)
    """
    scales = np.asarray(scales, dtype=float)
    if len(scales) < 2:
        raise ValueError(f"decades_that_train: {len(scales)} scale; expected two or more")
    between = np.log10(scales[-1] / scales[0]) / (len(scales) - 1)
    return (np.asarray(accuracy) >= threshold).sum(axis=0) * between


def updates_to_reach(accuracy, updates, target):
    """After how many updates a curve first reaches a target, between evaluations by a line.

    Parameters
    ----------
    accuracy : array, (seeds, E)
        At each evaluation.
    updates : array, (E,)
        When the evaluations took place.
    target : array, (seeds,)

    Returns
    -------
    array, (seeds,) : the last of ``updates`` where the target is never reached
    """
    updates, target = np.asarray(updates, dtype=float), np.asarray(target)[:, None]
    above = np.asarray(accuracy) >= target
    first = np.where(above.any(axis=1), above.argmax(axis=1), len(updates) - 1)
    before = np.maximum(first - 1, 0)
    rows = np.arange(len(first))
    low, high = (np.asarray(accuracy)[rows, place] for place in (before, first))
    rise = np.where(high > low, high - low, 1)
    part = np.where(above.any(axis=1) & (high > low), (target[:, 0] - low) / rise, 1)
    return updates[before] + np.clip(part, 0, 1) * (updates[first] - updates[before])


def smooth(values, window):
    """Mean of the last ``window`` values (fewer at the start) along the last axis."""
    sums = np.cumsum(np.insert(values, 0, 0, axis=-1), axis=-1, dtype=float)
    end = np.arange(1, values.shape[-1] + 1)
    begin = np.maximum(end - window, 0)
    return (sums[..., end] - sums[..., begin]) / (end - begin)


def he_scale(fan_in):
    """Standard deviation sqrt(2 / fan_in) that keeps the signal's size through a relu layer.

    Source: He et al. 2015, equation 10 (arXiv:1502.01852).
    """
    return float(np.sqrt(2 / fan_in))
