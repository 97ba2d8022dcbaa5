import json
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from normlab.handover import RESULTS_MIME
from normlab.ledger import Claim, judge
from normlab.show import display, figures
from normlab.show.display import (
    fold_table,
    jsonable,
    prose,
    publish,
    question,
    references,
    show,
    show_claims,
    show_table,
)
from normlab.show.tables import Table
from normlab.stats.intervals import Interval, mean_interval
from normlab.stats.rules import AtMost, MoreThan

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


def test_prose_is_markdown(shown):
    prose("**5** points")
    assert shown == [({"text/markdown": "**5** points", "text/plain": "**5** points"}, None)]


def test_show_carries_alt_text_and_a_folded_table(shown):
    show(Figure(), "curves", "A line\n    that rises.", TABLE)
    (figure, metadata), (table, _) = shown
    assert figure["image/svg+xml"].startswith("<svg")
    assert metadata["image/svg+xml"] == {
        "alt": "A line that rises.",
        "name": "curves",
        "caption": "",
        "width": 614,
    }
    assert table["text/html"].startswith("<details>\n<summary>The numbers</summary>\n<table>")
    ElementTree.fromstring(table["text/html"])


def test_show_carries_what_a_page_needs_of_a_figure_in_panels(shown, made_up):
    show(figures.training_curves(made_up(), 1000, 10), "curves", "Three lines.", TABLE)
    about = shown[0][1]["image/svg+xml"]
    assert about["name"] == "curves"
    assert (about["columns"], about["width"], len(about["panels"])) == (3, 336, 3)
    assert "means over 3 seeds" in about["caption"]
    assert about["csv"].startswith(
        "panel,line,epochs,mean,low,high,seed 0,seed 1,seed 2\ntraining loss,none,0.05,"
    )


def test_show_tells_the_numbers_that_were_drawn_if_it_has_no_table(shown, made_up):
    figure = figures.mode_gap({"a": made_up(batch_size=(2, 5, 50))})
    show(figure, "gap", "A line.")
    table = ElementTree.fromstring(shown[1][0]["text/html"]).find("table")
    heads = [head.text for head in table.findall("thead/tr/th")]
    assert heads == ["panel", "line", "batch size", "mean"]
    assert len(table.findall("tbody/tr")) == 3
    assert table.find("tbody/tr/th").text == "test mode ahead, points, a"


@pytest.mark.parametrize("alt", ["", "  \n "])
def test_show_refuses_a_figure_without_words(alt, shown):
    with pytest.raises(ValueError, match="show: the figure has no alt text; say in words"):
        show(Figure(), "curves", alt)
    assert not shown


def test_show_table(shown):
    show_table(TABLE, name="numbers")
    data = {"text/html": TABLE.html(), "text/plain": TABLE.plain()}
    assert shown == [(data, {"text/html": {"table": "numbers"}})]


def test_a_folded_table(shown):
    fold_table(TABLE, "All < of them")
    html = shown[0][0]["text/html"]
    assert html.startswith("<details>\n<summary>All &lt; of them</summary>\n<table>")


def test_a_question_has_its_answer_folded_under_it(shown):
    question(
        "Is 1 < 2?",
        """*Yes*,
        since 2 > 1.""",
    )
    text = shown[0][0]["text/markdown"]
    assert text.startswith("<details>\n<summary>Is 1 &lt; 2?</summary>\n\n*Yes*,\n since")
    assert text.endswith("\n\n</details>")


def test_references_have_links(shown):
    references("ba", "he")
    lines = shown[0][0]["text/markdown"].splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("(https://arxiv.org/abs/1607.06450)")


CLAIMS = (
    Claim("small", EVIL, AtMost(1), lambda r: 0.5, "yes", "ba, section <3>"),
    Claim("gain", "It gains.", MoreThan(0.03), lambda r: np.array([0.04, 0.05, 0.06]), "no"),
)


def verdicts():
    return judge(CLAIMS)


def test_claims_are_shown_with_prediction_outcome_and_verdict(shown):
    show_claims(verdicts())
    ((bundle, metadata),) = shown
    table = ElementTree.fromstring(bundle["text/html"])
    assert "All 1 intervals hold together" in table.find("caption").text
    first, second = table.findall("tbody/tr")
    assert first.get("id") == "claim-small"
    texts = ["".join(part.itertext()) for part in first]
    assert texts == [
        f"{EVIL} Ba et al. 2016, section <3>",
        "yes",
        "0.5; at most 1",
        "supported as predicted",
    ]
    assert [link.get("href") for link in first.findall("th//a")] == [
        "#claim-small",
        "https://arxiv.org/abs/1607.06450",
    ]
    assert first.findall("td")[-1].get("class") == "supported"
    assert "".join(second[-1].itertext()) == "inconclusive not decided"
    assert "inconclusive: It gains. (+5.0 points (+2.5 to +7.5))" in bundle["text/plain"]
    rows = metadata["text/html"]["csv"].splitlines()
    assert rows[0] == "claim,verdict,mean,low,high,margin,unit,seed 0,seed 1,seed 2"
    assert rows[2].startswith("gain,inconclusive,0.05,0.0251")
    assert rows[2].endswith(",0.03,points,0.04,0.05,0.06")


def results_of(shown, **more):
    arguments = {
        "short": "It does.",
        "answer": "Yes:\n    it does.",
        "headline": {"gain": mean_interval([0.1, 0.2]), "worst": np.float64("nan")},
        "verdicts": verdicts(),
        "tables": {"numbers": Table("t", ("a", "b"), (("x", Interval(1.0, np.nan, np.inf)),))},
        "figure": Figure(),
        "alt": "A small\n    figure.",
    }
    publish(**arguments | more)
    ((bundle, _),) = shown
    assert bundle["text/plain"] == "It does. Yes: it does."
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
    assert results["claims"][0]["evidence"] == "0.5; at most 1"
    assert [claim["exact"] for claim in results["claims"]] == [True, False]
    assert [claim["outcome"] for claim in results["claims"]] == ["as predicted", "not decided"]
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
