"""Statements that the data may support or refute.

A claim about training has a smallest effect of interest. It is supported when a
one-sided paired t test over the seeds rejects "the effect is no larger than
that", refuted when the opposite test rejects "it is at least that large", and
inconclusive otherwise. The p values of all claims judged together are adjusted
by Holm's method. A claim about a number without noise, such as the error of an
identity, is supported when the number stays within its limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from normlab.stats.intervals import hedges_g, one_sided_p, possible_interval, signed

ALPHA = 0.05


@dataclass(frozen=True, eq=False)
class Effect:
    """A claim that an effect exceeds the smallest one of interest.

    ``effects`` holds one paired difference a seed, shape (seeds,). Fractions, such as
    differences of accuracies, are shown times a hundred if their ``unit`` begins with
    "points" or "percent"; ``most`` is the largest that one of these can be, 2 for a difference
    of differences.
    """

    name: str
    statement: str
    effects: np.ndarray
    smallest: float = 0.0
    unit: str = "points"
    source: str = ""
    most: float = 1.0


@dataclass(frozen=True)
class Bound:
    """A claim that ``value``, a number without noise, is at most ``limit``."""

    name: str
    statement: str
    value: float
    limit: float
    source: str = ""


@dataclass(frozen=True)
class Verdict:
    """A claim with what the data say of it; ``state`` is one of three words."""

    name: str
    statement: str
    state: str  # "supported", "refuted" or "inconclusive"
    evidence: str
    source: str
    estimate: float
    p: float | None = None
    hedges_g: float | None = None


def holm(p_values):
    """Holm's adjusted p values, in the order given.

    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.
    """
    p_values = np.asarray(p_values, dtype=float)
    order = np.argsort(p_values, kind="stable")
    weights = np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(weights * p_values[order]))
    return adjusted


def paired_p_values(effects, smallest):
    """One-sided p values of a t test: (effect is larger than ``smallest``, it is smaller)."""
    shifted = np.asarray(effects, dtype=float) - smallest
    if len(shifted) < 3:  # two runs that happen to tie would prove anything
        return 1.0, 1.0
    if np.ptp(effects) == 0:
        return (0.0, 1.0) if shifted[0] > 0 else (1.0, 0.0) if shifted[0] < 0 else (1.0, 1.0)
    larger = one_sided_p(shifted)
    return larger, 1 - larger


def judge(claims: Sequence[Effect | Bound], alpha: float = ALPHA) -> list[Verdict]:
    """Say of each claim whether the data support it.

    All Effects among ``claims`` form one family for Holm's method, each with two
    tests. The verdicts come in the order of the claims.
    """
    names = [claim.name for claim in claims]
    if len(set(names)) < len(names):
        raise ValueError(f"judge: claim names repeat: {sorted(names)}; give each a name of its own")
    effects = [claim for claim in claims if isinstance(claim, Effect)]
    raw = [paired_p_values(claim.effects, claim.smallest) for claim in effects]
    larger, smaller = holm(np.ravel(raw)).reshape(-1, 2).T if raw else ((), ())
    of_effect = {
        claim.name: _judge_effect(claim, up, down, alpha)
        for claim, up, down in zip(effects, larger, smaller, strict=True)
    }
    return [of_effect.get(claim.name) or _judge_bound(claim) for claim in claims]


def _judge_effect(claim, p_larger, p_smaller, alpha):
    parts = claim.unit.startswith(("points", "percent"))
    most = claim.most if parts else np.inf
    interval = possible_interval(claim.effects, -most, most)
    state = "inconclusive"
    if p_larger < alpha:
        state = "supported"
    elif p_smaller < alpha:
        state = "refuted"
    shown, digits = (100, 1) if parts else (1, 2)
    mean, low, high = (signed(shown * limit, digits) for limit in interval)
    p = float(p_smaller if state == "refuted" else p_larger)
    return Verdict(
        name=claim.name,
        statement=claim.statement,
        state=state,
        evidence=(
            f"{mean} {claim.unit} ({low} to {high}, {len(claim.effects)} seeds); "
            f"asked for more than {shown * claim.smallest:g}, adjusted p {_shown_p(p)}"
        ),
        source=claim.source,
        estimate=float(interval.mean),
        p=p,
        hedges_g=hedges_g(claim.effects),
    )


def _shown_p(p):
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def _judge_bound(claim):
    held = claim.value <= claim.limit
    return Verdict(
        name=claim.name,
        statement=claim.statement,
        state="supported" if held else "refuted",
        evidence=f"{claim.value:.2g}; limit {claim.limit:g}",
        source=claim.source,
        estimate=float(claim.value),
    )
