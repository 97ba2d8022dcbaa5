"""What a claim asks for, and what an interval says of it.

A verdict is read off the interval of the mean effect: a claim is supported where the whole
interval is as the claim has it, refuted where all of it is otherwise, and inconclusive where the
interval lies on both sides. An effect that asks for more than a margin, and lies within the
margin on either side of nothing, is equivalent: two one-sided tests say so.
"""

from typing import NamedTuple

STATES = ("supported", "equivalent", "refuted", "inconclusive")


class MoreThan(NamedTuple):
    """The mean over seeds is larger than ``margin``, in ``unit``.

    Without ``equivalence`` what lies within the margin is refuted like the rest: where zero is
    no special value, as of the share of steps that are saved.
    """

    margin: float
    unit: str = "points"
    equivalence: bool = True

    @property
    def name(self) -> str:
        """What is asked for, in words."""
        return "more than" if self.equivalence else "more than, or not"

    def state(self, low: float, high: float) -> str:
        """What an interval says."""
        if low > self.margin:
            return "supported"
        if self.equivalence and -self.margin < low and high < self.margin:
            return "equivalent"
        return "refuted" if high < self.margin else "inconclusive"


class Within(NamedTuple):
    """The mean over seeds is smaller than ``margin`` in size, in ``unit``."""

    margin: float
    unit: str = "points"
    name = "within"

    def state(self, low: float, high: float) -> str:
        """What an interval says."""
        if -self.margin < low and high < self.margin:
            return "supported"
        return "refuted" if low > self.margin or high < -self.margin else "inconclusive"


class AtMost(NamedTuple):
    """A number without noise is at most ``margin``."""

    margin: float
    unit: str = ""
    name = "at most"

    def state(self, low: float, high: float) -> str:
        """What the number says, which is both limits."""
        return "supported" if high <= self.margin else "refuted"
