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
        From the results to one effect a seed, (seeds,), or for AtMost to a number. Results have
        the names by which the notebook hands them to `judge`.
    expected : "yes" | "no" | "open"
        What theory, or the source, lets expect.
    source : str
        Who says so: a key of SOURCES, and where in it, as in "ioffe, section 3.3".
    """

    name: str
    statement: str
    rule: MoreThan | Within | AtMost
    measure: Callable
    expected: str = "open"
    source: str = ""

    def __post_init__(self):
        if self.expected not in EXPECTED:
            raise ValueError(f"{self.name}: expected is {self.expected!r}; choose from {EXPECTED}")
        if self.source and self.source.partition(", ")[0] not in SOURCES:
            raise ValueError(f"{self.name}: no source is called {self.source!r}")


class Verdict(NamedTuple):
    """A claim with what came out; ``effects`` holds what its interval was made of.

    An ``exact`` one is of a number without noise, which is its mean and both limits.
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
    effects: tuple

    def say(self, yes: str, no: str, unclear: str) -> str:
        """The one of three phrases that fits: supported, not so, or not decided."""
        return {"yes": yes, "no": no}.get(_HELD.get(self.state), unclear)

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
    tests = sum(not isinstance(claim.rule, AtMost) for claim in claims)
    verdicts = {}
    for claim, values in zip(claims, effects, strict=True):
        if claim.name in verdicts:
            raise ValueError(f"judge: two claims are called {claim.name!r}; give each its own name")
        verdicts[claim.name] = _verdict(claim, values, tests, results)
    return verdicts


def _verdict(claim, effects, tests, results):
    rule, exact = claim.rule, isinstance(claim.rule, AtMost)
    if exact:
        interval = Interval(*map(float, (effects.max(),) * 3))
    else:
        interval = simultaneous_interval(effects, tests)
    key, _, place = claim.source.partition(", ")
    source = SOURCES.get(key)
    return Verdict(
        name=claim.name,
        statement=claim.statement.format(**results),
        state=rule.state(*interval[1:]),
        expected=claim.expected,
        **interval._asdict(),
        margin=float(rule.margin),
        unit=rule.unit,
        source=", ".join(filter(None, (source.short, place))) if source else "",
        link=source.link if source else "",
        exact=exact,
        effects=tuple(map(float, effects)),
    )
