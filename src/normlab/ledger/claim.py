"""A claim, and what the results of an experiment say of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from normlab.ledger.sources import SOURCES
from normlab.stats.intervals import Interval, simultaneous_interval
from normlab.stats.rules import AtMost, MoreThan, Within

EXPECTED = ("yes", "no", "open")
_HELD = {"supported": "yes", "equivalent": "no", "refuted": "no"}


@dataclass(frozen=True)
class Claim:
    """A sentence, and the test that decides it; the sentence says what is tested.

    Parameters
    ----------
    name : str
        Its anchor on the page.
    statement : str
        With its margin. Words in braces are filled in from the results.
    rule : MoreThan | Within | AtMost
    measure : callable
        From the results to one effect a seed, (seeds,), or one a cell and seed, (cells, seeds),
        of a claim that holds in every cell; for AtMost to a number. Results have the names by
        which the notebook hands them to `judge`.
    expected : "yes" | "no" | "open"
        What we expect, before the published run.
    source : str
        Who makes a statement of it: a key of SOURCES, and where in it, as in "ioffe, section 3.3".
    says : "yes" | "no" | "open", optional
        What the source, or the usual answer, says of the sentence; by default yes, if there is a
        source.
    """

    name: str
    statement: str
    rule: MoreThan | Within | AtMost
    measure: Callable
    expected: str = "open"
    source: str = ""
    says: str = ""

    def __post_init__(self):
        if not self.says:
            object.__setattr__(self, "says", "yes" if self.source else "open")
        for name in ("expected", "says"):
            if getattr(self, name) not in EXPECTED:
                raise ValueError(
                    f"{self.name}: {name} is {getattr(self, name)!r}; choose from {EXPECTED}"
                )
        if self.source and self.source.partition(", ")[0] not in SOURCES:
            raise ValueError(f"{self.name}: no source is called {self.source!r}")


class Verdict(NamedTuple):
    """A claim with what came out.

    An ``exact`` one is of a number without noise, which is its mean and both limits. Of a claim
    on several cells the one that comes closest to failing is shown; ``cells`` holds the interval of
    each, and what that was made of.
    """

    name: str
    statement: str
    state: str
    expected: str
    mean: float
    low: float
    high: float
    margin: float
    unit: str
    source: str
    link: str
    exact: bool
    says: str
    rule: str
    cells: tuple

    def say(self, yes: str, no: str, unclear: str) -> str:
        """The one of three phrases that fits: supported, not so, or not decided."""
        return {"yes": yes, "no": no}.get(_HELD.get(self.state), unclear)

    @property
    def against_source(self) -> bool:
        """Whether the opposite of what the source, or the usual answer, says came out."""
        return self.says != "open" and _HELD.get(self.state, self.says) != self.says

    @property
    def as_expected(self) -> str:
        """Prediction against outcome."""
        if self.expected == "open":
            return "no prediction"
        if self.state not in _HELD:
            return "not decided"
        return "as predicted" if _HELD[self.state] == self.expected else "against the prediction"


def judge(claims: Sequence[Claim], **results) -> dict[str, Verdict]:
    """Say of each claim what the results do; name -> Verdict, in the order of the claims.

    The intervals of all claims with noise hold at once, see `simultaneous_interval`.
    """
    found = SimpleNamespace(**results)
    effects = [np.atleast_1d(claim.measure(found)) for claim in claims]
    noisy = [e for e, c in zip(effects, claims, strict=True) if not isinstance(c.rule, AtMost)]
    tests = sum(len(np.atleast_2d(each)) for each in noisy)
    verdicts = {}
    for claim, values in zip(claims, effects, strict=True):
        if claim.name in verdicts:
            raise ValueError(f"judge: two claims are called {claim.name!r}; give each its own name")
        verdicts[claim.name] = _verdict(claim, values, tests, results)
    return verdicts


def _verdict(claim, effects, tests, results):
    rule, exact = claim.rule, isinstance(claim.rule, AtMost)
    cells = np.atleast_2d(effects)
    intervals = [
        Interval(*map(float, (cell.max(),) * 3)) if exact else simultaneous_interval(cell, tests)
        for cell in cells
    ]
    one_sided = isinstance(rule, MoreThan)
    at = int(np.argmax([-i.low if one_sided else max(-i.low, i.high) for i in intervals]))
    key, _, place = claim.source.partition(", ")
    source = SOURCES.get(key)
    return Verdict(
        name=claim.name,
        statement=claim.statement.format(**results),
        state=state_of_all([rule.state(*interval[1:]) for interval in intervals]),
        expected=claim.expected,
        **intervals[at]._asdict(),
        margin=float(rule.margin),
        unit=rule.unit,
        source=", ".join(filter(None, (source.short, place))) if source else "",
        link=source.link if source else "",
        exact=exact,
        says=claim.says,
        rule=rule.name,
        cells=tuple(zip(intervals, (tuple(map(float, cell)) for cell in cells), strict=True)),
    )


def state_of_all(states):
    """Of a claim about every cell: it holds where all do, and fails where one does."""
    if len(set(states)) == 1:
        return states[0]
    return next(state for state in ("refuted", "equivalent", "inconclusive") if state in states)
