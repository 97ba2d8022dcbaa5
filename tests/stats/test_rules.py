import numpy as np
import pytest

from normlab.stats.rules import AtMost, MoreThan, Within


@pytest.mark.parametrize(
    ("low", "high", "more_than", "without", "within"),
    [
        (0.03, 0.05, "supported", "supported", "refuted"),
        (0.01, 0.05, "inconclusive", "inconclusive", "inconclusive"),
        (-0.01, 0.01, "equivalent", "refuted", "supported"),
        (-0.03, 0.01, "refuted", "refuted", "inconclusive"),
        (-0.05, -0.03, "refuted", "refuted", "refuted"),
        (-0.03, 0.03, "inconclusive", "inconclusive", "inconclusive"),
        (-np.inf, np.inf, "inconclusive", "inconclusive", "inconclusive"),
        (np.nan, np.nan, "inconclusive", "inconclusive", "inconclusive"),
    ],
)
def test_a_verdict_is_read_off_the_interval(low, high, more_than, without, within):
    assert MoreThan(0.02).state(low, high) == more_than
    assert MoreThan(0.02, equivalence=False).state(low, high) == without
    assert Within(0.02).state(low, high) == within


@pytest.mark.parametrize(
    ("value", "state"),
    [(0.5, "supported"), (1.0, "supported"), (1.01, "refuted"), (np.nan, "refuted")],
)
def test_a_number_without_noise_is_at_most_its_limit_or_not(value, state):
    assert AtMost(1.0).state(value, value) == state
