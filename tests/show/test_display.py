import json
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from normlab.handover import RESULTS_MIME
from normlab.show import display, figures
from normlab.show.display import (
    jsonable,
    percent,
    points,
    prose,
    publish,
    show,
    show_claims,
    show_table,
)
from normlab.show.tables import Table
from normlab.stats.claims import Bound, Effect, judge
from normlab.stats.intervals import Interval, mean_interval

EVIL = "<script>alert('x')</script> & co"
TABLE = Table(EVIL, ("name", "<b>"), ((EVIL, 0.123456), ("two", 2)))


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, as (bundle, metadata)."""
    bundles = []
    monkeypatch.setattr(
        display,
        "display",
        lambda data, raw, metadata=None: bundles.append((data, metadata)),
    )
    return bundles


def test_percent_and_points_by_hand():
    # mean 0.5, standard error 0.1, t(0.975, 1) = 12.706
    assert percent([0.48, 0.52]) == "50.0\N{NO-BREAK SPACE}% (24.6 to 75.4)"
    assert percent([0.715, 0.715], digits=0) == "72\N{NO-BREAK SPACE}% (72 to 72)"
    assert points([0.01, 0.03]) == "+2.0 points (\N{MINUS SIGN}10.7 to +14.7)"
    assert points([-0.05, -0.05], digits=2) == "-5.00 points (-5.00 to -5.00)".replace(
        "-", "\N{MINUS SIGN}"
    )


def test_points_have_no_minus_zero():
    assert "-0.0 " not in points([-0.0001, -0.0001])


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
    assert display.with_powers(text) == (expected or text)


def test_prose_is_markdown(shown):
    prose("**5** points")
    assert shown == [({"text/markdown": "**5** points", "text/plain": "**5** points"}, None)]


def test_show_carries_alt_text_and_a_folded_table(shown):
    show(Figure(), "curves", "A line\n    that rises.", TABLE)
    (figure, metadata), (table, _) = shown
    assert figure["image/svg+xml"].startswith("<svg")
    assert metadata["image/svg+xml"] == {"alt": "A line that rises.", "name": "curves"}
    assert table["text/html"].startswith("<details>\n<summary>The numbers</summary>\n<table>")
    ElementTree.fromstring(table["text/html"])


def test_show_carries_what_a_page_needs_of_a_figure_in_panels(shown, made_up):
    show(figures.training_curves(made_up(), 1000), "curves", "Three lines.", TABLE)
    about = shown[0][1]["image/svg+xml"]
    assert about["name"] == "curves"
    assert (about["columns"], about["width"], len(about["panels"])) == (3, 336, 3)
    assert "means over 3 seeds" in about["caption"]
    assert about["csv"].startswith("panel,line,epochs,mean,low,high\ntraining loss,none,0.05,")


def test_show_tells_the_numbers_that_were_drawn_if_it_has_no_table(shown, made_up):
    figure = figures.mode_gap({"a": made_up(batch_size=(2, 5, 50))})
    show(figure, "gap", "A line.")
    table = ElementTree.fromstring(shown[1][0]["text/html"]).find("table")
    heads = [head.text for head in table.findall("thead/tr/th")]
    assert heads == ["panel", "line", "batch size", "mean [low, high]"]
    assert len(table.findall("tbody/tr")) == 3
    assert table.find("tbody/tr/th").text == "difference in points, a"


@pytest.mark.parametrize("alt", ["", "  \n "])
def test_show_refuses_a_figure_without_words(alt, shown):
    with pytest.raises(ValueError, match="show: the figure has no alt text; say in words"):
        show(Figure(), "curves", alt)
    assert not shown


def test_show_table(shown):
    show_table(TABLE, name="numbers")
    data = {"text/html": TABLE.html(), "text/plain": TABLE.plain()}
    assert shown == [(data, {"text/html": {"table": "numbers"}})]


def verdicts():
    return judge(
        [
            Bound("small", EVIL, 0.5, 1, source="Holm & al. <1979>"),
            Effect("gain", "It gains.", np.array([0.04, 0.05, 0.06])),
        ]
    )


def test_claims_are_shown_with_state_and_evidence(shown):
    show_claims(verdicts())
    ((bundle, _),) = shown
    table = ElementTree.fromstring(bundle["text/html"])
    assert table.find("caption").text
    first, second = table.findall("tbody/tr")
    assert first.get("id") == "claim-small"
    texts = ["".join(part.itertext()) for part in first]
    assert texts == [EVIL, "supported", "0.5; limit 1", "Holm & al. <1979>"]
    assert first.find("th/a").get("href") == "#claim-small"
    assert first.find("td").get("class") == "supported"
    assert second.get("id") == "claim-gain"
    assert "supported: It gains. (+5.0 points" in bundle["text/plain"]


def results_of(shown, **more):
    arguments = {
        "answer": "Yes:\n    it does.",
        "headline": {"gain": mean_interval([0.1, 0.2]), "worst": np.float64("nan")},
        "verdicts": verdicts(),
        "tables": {"numbers": Table("t", ("a", "b"), (("x", Interval(1.0, np.nan, np.inf)),))},
        "figure": Figure(),
        "alt": "A small\n    figure.",
    }
    publish(**arguments | more)
    ((bundle, _),) = shown
    assert bundle["text/plain"] == arguments["answer"]
    return bundle[RESULTS_MIME]


def test_published_results_are_strict_json_with_all_that_the_pages_read(shown):
    results = results_of(shown)
    assert json.loads(json.dumps(results, allow_nan=False)) == results
    assert set(results) >= {"answer", "headline", "claims", "tables", "dataset", "figure"}
    assert results["answer"] == "Yes: it does."
    assert results["headline"]["gain"][0] == pytest.approx(0.15)
    assert results["headline"]["worst"] is None
    assert results["tables"]["numbers"]["rows"] == [["x", [1.0, None, None]]]
    assert results["figure"]["alt"] == "A small figure."
    assert results["figure"]["svg"].startswith("<svg")
    assert [claim["name"] for claim in results["claims"]] == ["small", "gain"]
    assert set(results["claims"][0]) >= {"name", "statement", "state", "evidence", "source"}
    assert results["dataset"] is None
    assert (results["runs"], results["diverged"]) == (0, 0)


def test_published_results_name_the_data_and_count_the_runs(shown, made_up):
    dataset = SimpleNamespace(name="n", title="T", origin="o", sha256="5", X_train=None)
    results = results_of(shown, dataset=dataset, sweeps=[made_up(), made_up(batch_size=(2, 5))])
    assert results["dataset"] == {"name": "n", "title": "T", "origin": "o", "sha256": "5"}
    assert (results["runs"], results["diverged"]) == (9 + 18, 0)


def test_publish_refuses_a_figure_without_words(shown):
    with pytest.raises(ValueError, match=r"publish: .*alt"):
        results_of(shown, alt=" ")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("inf"), None),
        (np.float32("nan"), None),
        (np.array([[1.5, np.nan]]), [[1.5, None]]),
        ((1, "a", None, True), [1, "a", None, True]),
        ({5: np.int64(3), "b": {"c": (np.bool_(True),)}}, {"5": 3, "b": {"c": [True]}}),
    ],
)
def test_jsonable(value, expected):
    assert jsonable(value) == expected
