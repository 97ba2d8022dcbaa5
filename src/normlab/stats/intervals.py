"""Intervals over seeds, paired differences, effect sizes.

Arrays hold one value a seed along their last axis. Every interval is Student's t
at 95 % unless said otherwise.
"""

import warnings
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

LEVEL = 0.95
FEW = 3  # with fewer seeds than this, single runs say more than an interval
_ENOUGH = 10  # seeds for an interval to stay as the t distribution gives it


class Interval(NamedTuple):
    """A mean with its confidence limits; three numbers or three arrays."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def mean_interval(values, level=LEVEL):
    """Mean over seeds with a t interval.

    Parameters
    ----------
    values : array, (..., seeds)
        Two seeds or more: one run has no error bar.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    Interval of arrays, (...)
    """
    values = np.asarray(values, dtype=float)
    if values.ndim == 0 or values.shape[-1] < 2:
        raise ValueError(
            f"mean_interval: values has shape {values.shape}; expected (..., seeds) with seeds >= 2"
        )
    if not 0 < level < 1:
        raise ValueError(f"mean_interval: level is {level}; expected a number between 0 and 1")
    n, mean = values.shape[-1], values.mean(axis=-1)
    half = stdtrit(n - 1, (1 + level) / 2) * values.std(axis=-1, ddof=1) / np.sqrt(n)
    return Interval(mean, mean - half, mean + half)


def possible_interval(values, lowest, highest):
    """`mean_interval` of values that lie between two limits, however few the seeds.

    From ten seeds on it is left as it is.
    """
    interval = mean_interval(values)
    if np.shape(values)[-1] >= _ENOUGH:
        return interval
    return Interval(interval.mean, *(np.clip(limit, lowest, highest) for limit in interval[1:]))


def fraction_interval(values):
    """`possible_interval` of fractions, such as accuracies."""
    return possible_interval(values, 0, 1)


def interval_of(values, measure: str):
    """The interval of a measure, whose name or title tells between which limits it lies."""
    if "points" in measure:
        return possible_interval(values, -100, 100)
    return fraction_interval(values) if "accuracy" in measure else mean_interval(values)


def one_sided_p(values) -> float:
    """One-sided p value of a t test that the mean over seeds is larger than zero.

    Parameters
    ----------
    values : array, (seeds,)
        Two seeds or more.

    Returns
    -------
    float
    """
    from scipy.stats import ttest_1samp  # half a second, for pages with claims alone

    with warnings.catch_warnings(action="ignore"):  # of values that are nearly all the same
        return float(ttest_1samp(values, 0, alternative="greater").pvalue)


def hedges_g(differences):
    """Standardized mean of paired differences, corrected for few seeds.

    Parameters
    ----------
    differences : array, (seeds,)

    Returns
    -------
    float : mean / standard deviation, times 1 - 3 / (4 (n - 1) - 1); infinite when all are equal.

    Source: Hedges 1981, equation 6e.
    """
    differences = np.asarray(differences, dtype=float)
    n = len(differences)
    if n < 3:
        return float("nan")
    if np.ptp(differences) == 0:
        return float(np.copysign(np.inf, differences.mean())) if differences.mean() else 0.0
    correction = 1 - 3 / (4 * (n - 1) - 1)
    return float(differences.mean() / differences.std(ddof=1) * correction)


def signed(number, digits) -> str:
    """A number with its sign and so many decimals; what rounds to zero is +0."""
    return with_minus(f"{round(float(number), digits) + 0.0:+.{digits}f}")


def with_minus(number: str) -> str:
    """A number as text with the minus of print, after which no line breaks, for its hyphen."""
    return number.replace("-", "\N{MINUS SIGN}", 1) if number.startswith("-") else number


def decades_that_train(scales, accuracy, threshold):
    """Width of the range of scales at which a net trains, in decades.

    The scales are evenly spaced in the logarithm, and each stands for an equal part
    of the range from the first to the last.

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
    return (np.asarray(accuracy) >= threshold).mean(axis=0) * np.log10(scales[-1] / scales[0])


def fraction_to_reach(accuracy, updates, target):
    """When a run first reaches a target, as a fraction of its length.

    Parameters
    ----------
    accuracy : array, (seeds, E)
        At each evaluation.
    updates : array, (E,)
        When the evaluations took place; the last one is the end of the run.
    target : array, (seeds,)

    Returns
    -------
    array, (seeds,) : 1 where the target is never reached
    """
    reached = np.asarray(accuracy) >= np.asarray(target)[:, None]
    first = np.where(reached.any(axis=1), reached.argmax(axis=1), -1)
    return np.asarray(updates)[first] / updates[-1]


def he_scale(fan_in):
    """Standard deviation sqrt(2 / fan_in) that keeps the signal's size through a relu layer.

    Source: He et al. 2015, equation 10 (arXiv:1502.01852).
    """
    return float(np.sqrt(2 / fan_in))
