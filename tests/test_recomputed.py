"""The published intervals and verdicts, once more: from the CSV files alone, by scipy alone.

Nothing of normlab is imported here.
"""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

REPORTS = Path(__file__).parents[1] / "reports"
CLAIMS = sorted(REPORTS.glob("*.claims.csv"))
FIGURES = sorted(set(REPORTS.glob("[0-9]*.csv")) - set(CLAIMS))
QUANTILES = {"02-deep-networks.signals"}  # bands are no intervals
COUNTED = {"03-weight-initialization.decades"}  # multiples of a step that has no short decimal
LOGARITHMIC = {"01-gradient-checks.step"}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def seeds(row):
    found = (value for name, value in row.items() if name and name.startswith("seed "))
    return np.array([float(value) for value in found if value])


def verdict(rule, low, high, margin):
    if rule == "within":
        if -margin < low and high < margin:
            return "supported"
        return "refuted" if low > margin or high < -margin else "inconclusive"
    if low > margin:
        return "supported"
    if rule != "more than, or not" and -margin < low and high < margin:
        return "equivalent"
    return "refuted" if high < margin else "inconclusive"


@pytest.mark.parametrize("path", CLAIMS, ids=lambda path: path.stem)
def test_claims(path):
    results = json.loads((REPORTS / f"{path.name.split('.')[0]}.json").read_text("utf-8"))
    published = {claim["name"]: claim for claim in results["claims"]}
    table = rows(path)
    assert list(dict.fromkeys(row["claim"] for row in table)) == list(published)
    states = {name: set() for name in published}
    noisy = [row for row in table if not published[row["claim"]]["exact"]]
    for row in table:
        claim, margin = published[row["claim"]], float(row["margin"])
        if row not in noisy:
            assert claim["state"] == ("supported" if claim["mean"] <= margin else "refuted")
            continue
        effects = seeds(row)
        assert 3 <= len(effects) <= len(results["seeds"])
        level = 1 - 0.05 / len(noisy)
        low, high = stats.ttest_1samp(effects, 0).confidence_interval(level)
        expected = (effects.mean(), low, high)
        shown = [float(row[k]) for k in ("mean", "low", "high")]
        np.testing.assert_allclose(shown, expected, 1e-4, 1e-6)
        states[row["claim"]].add(verdict(claim["rule"], low, high, margin))
        assert row["verdict"] == claim["state"]
        if claim["cells"] > 1 and claim["mean"] != pytest.approx(effects.mean()):
            continue  # another cell is shown
        np.testing.assert_allclose(
            [claim[k] for k in ("mean", "low", "high")], expected, 1e-4, 1e-6
        )
        times, digits = (100, 1) if claim["unit"].startswith(("points", "of ")) else (1, 2)
        shown = claim["evidence"].replace(claim["unit"], "").replace("\N{MINUS SIGN}", "-")
        numbers = shown.split()
        found = [
            float(n.strip("()")) for n in numbers if n.strip("()+-").replace(".", "").isdigit()
        ]
        np.testing.assert_allclose(found, np.round(np.multiply(expected, times), digits), atol=0.11)

    for name, found in states.items():
        order = ("refuted", "equivalent", "inconclusive", "supported")
        assert not found or published[name]["state"] == min(found, key=order.index)


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_figures(path):
    for row in rows(path):
        values = seeds(row)
        if not len(values) or not np.isfinite(values).all():
            continue
        mean, low, high = list(row.values())[3:6]
        if path.stem in QUANTILES:
            assert float(mean) == pytest.approx(10 ** np.log10(values).mean(), rel=1e-4)
            continue
        if path.stem in LOGARITHMIC:
            values = np.log10(values)
            mean, low, high = (math.log10(float(number)) for number in (mean, low, high))
        assert float(mean) == pytest.approx(values.mean(), rel=1e-4, abs=1e-6)
        if np.ptp(values) <= 1e-4 * abs(values.mean()):
            continue
        limits = stats.bootstrap(
            (values - values.min(),),
            lambda sample, axis: np.mean(sample, axis=axis).round(9),  # so that ties are ties
            n_resamples=1999,
            rng=np.random.default_rng(0),
        ).confidence_interval
        found = [float(low), float(high)]
        atol = 0.002 * np.ptp(values)
        if path.stem in COUNTED:  # a limit may fall on the next mean of such values
            atol = max(atol, 1.01 * np.diff(np.unique(values)).min() / len(values))
        np.testing.assert_allclose(found, values.min() + limits, rtol=1e-4, atol=atol)


def test_there_is_something_to_recompute():
    assert len(CLAIMS) == len(list(REPORTS.glob("[0-9]*.json"))) >= 6
    assert len(FIGURES) >= 10
