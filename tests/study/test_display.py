import json
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from normlab.handover import RESULTS_MIME
from normlab.study import display
from normlab.study.claims import Bound, Effect, judge
from normlab.study.display import (
    Table,
    cell,
    jsonable,
    percent,
    points,
    prose,
    publish,
    show,
    show_claims,
    show_table,
)
from normlab.study.statistics import Interval, mean_interval

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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.123"),
        (np.float32(0.5), "0.5"),
        (1234.5, "1.23e+03"),
        (1e-16, "1e-16"),
        (float("nan"), "nan"),
        (42, "42"),
        (np.int64(7), "7"),
        ("a < b & c", "a &lt; b &amp; c"),
        (Interval(1.0, 0.5, 1.55555), "1 [0.5, 1.56]"),
        (mean_interval([2.0, 2.0]), "2 [2, 2]"),
    ],
)
def test_cell(value, text):
    assert cell(value) == text


def test_table_is_escaped_html_with_headers():
    root = ElementTree.fromstring(TABLE.html())
    assert root.tag == "table"
    assert root.find("caption").text == EVIL
    assert [head.text for head in root.findall("thead/tr/th")] == ["name", "<b>"]
    assert [head.get("scope") for head in root.findall(".//th")] == ["col", "col", "row", "row"]
    first, second = root.findall("tbody/tr")
    assert (first.find("th").text, first.find("td").text) == (EVIL, "0.123")
    assert (second.find("th").text, second.find("td").text) == ("two", "2")


def test_table_as_text():
    assert TABLE.plain() == f"name\t<b>\n{EVIL}\t0.123\ntwo\t2"
    assert TABLE.column(1) == [0.123456, 2]


def test_percent_and_points_by_hand():
    # mean 0.5, standard error 0.1, t(0.975, 1) = 12.706
    assert percent([0.4, 0.6]) == "50.0\N{NO-BREAK SPACE}% (-77.1 to 177.1)"
    assert percent([0.715, 0.715], digits=0) == "72\N{NO-BREAK SPACE}% (72 to 72)"
    assert points([0.01, 0.03]) == "+2.0 points (-10.7 to +14.7)"
    assert points([-0.05, -0.05], digits=2) == "-5.00 points (-5.00 to -5.00)"


def test_points_have_no_minus_zero():
    assert "-0.0 " not in points([-0.0001, -0.0001])


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


@pytest.mark.parametrize("alt", ["", "  \n "])
def test_show_refuses_a_figure_without_words(alt, shown):
    with pytest.raises(ValueError, match="show: the figure has no alt text; say in words"):
        show(Figure(), "curves", alt)
    assert not shown


def test_show_table(shown):
    show_table(TABLE)
    assert shown == [({"text/html": TABLE.html(), "text/plain": TABLE.plain()}, None)]


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
    first, second = ElementTree.fromstring(bundle["text/html"]).findall("tbody/tr")
    assert first.get("id") == "claim-small"
    assert [part.text for part in first] == [EVIL, "supported", "0.5; limit 1", "Holm & al. <1979>"]
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
