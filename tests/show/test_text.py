import numpy as np
import pytest

from normlab.ledger import Claim, judge
from normlab.show.text import about, effect, percent, points, with_powers
from normlab.stats.rules import AtMost, MoreThan


def test_percent_and_points():
    assert percent([0.48, 0.52, 0.5]).startswith("50.0\N{NO-BREAK SPACE}% (48.")
    assert percent([0.715, 0.715], digits=0) == "72\N{NO-BREAK SPACE}% (72 to 72)"
    assert points([0.01, 0.03]).startswith("+2.0 points (+")
    minus = "\N{MINUS SIGN}"
    assert points([-0.05, -0.05], digits=2) == f"{minus}5.00 points ({minus}5.00 to {minus}5.00)"
    assert about([0.714, 0.716]) == "72\N{NO-BREAK SPACE}%"


def test_points_have_no_minus_zero():
    assert points([-0.0001, -0.0001]) == "0.0 points (0.0 to 0.0)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by 4.3e-08.", "by 4.3\xa0×\xa010⁻⁸."),
        ("h = 1e-05, or 2e+10", "h = 10⁻⁵, or 2\xa0×\xa010¹⁰"),
        ("(1.50e-300)", "(1.50\xa0×\xa010⁻³⁰⁰)"),
        ("abc1e-05 0x1e-5 1e-5.3 12e-3 1e5 3 and e-05", None),
    ],
)
def test_powers_of_ten_are_written_as_such(text, expected):
    assert with_powers(text) == (expected or text)


@pytest.mark.parametrize(
    ("rule", "effects", "words"),
    [
        (AtMost(1e-10), 3.4e-16, "3.4\xa0×\xa010⁻¹⁶; at most 10⁻¹⁰"),
        (MoreThan(0.02), [0.05] * 3, "+5.0 points (+5.0 to +5.0)"),
        (MoreThan(1, "decades"), [1.5] * 3, "+1.50 decades (+1.50 to +1.50)"),
        (MoreThan(0.5, "of the steps"), [0.6] * 3, "+60.0 % of the steps (+60.0 to +60.0)"),
        (MoreThan(0.02), [0.05, 0.07], "+6.0 points (too few seeds for an interval)"),
    ],
)
def test_what_came_out_for_a_claim(rule, effects, words):
    claim = Claim("c", "It is.", rule, lambda r: np.array(effects))
    assert effect(judge([claim])["c"]) == words
