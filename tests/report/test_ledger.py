"""The ledger: all claims of the pages, as a table, on a terminal, and one run again."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from normlab.cli import main
from normlab.report import ledger
from normlab.report.errors import BuildError
from tools import robustness

ROOT = Path(__file__).parents[2]


def claim(name, state="supported", **more):
    return {
        "name": name,
        "statement": f"It is {name}.",
        "source": "",
        "link": "",
        "says": "open",
        "expected": "yes",
        "state": state,
        "mean": 0.5,
        "low": 0.25,
        "high": 0.75,
        "margin": 0.1,
        "unit": "points",
        "cells": 1,
        "seeds": 2,
        "exact": False,
        "against_source": False,
        "evidence": "+50.0 points",
        "outcome": "as predicted",
    } | more


PAGES = [
    {
        "name": name,
        "title": title,
        "question": f"Why {title}?",
        "results": {"seeds": [0, 1], "claims": claims},
    }
    for name, title, claims in (
        ("02-deep", "Deep", [claim("a", against_source=True), claim("b", "refuted")]),
        ("03-wide", "Wide", [claim("b"), claim("c", exact=True, source="Ba, 1")]),
    )
]
FOUND = ledger.entries(PAGES)


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_the_table_has_a_line_a_claim():
    rows = list(csv.DictReader(io.StringIO(ledger.as_csv(FOUND))))
    assert [row["id"] for row in rows] == ["02/a", "02/b", "03/b", "03/c"]
    assert rows[0]["low"] == "0.25"
    assert rows[0]["seeds"] == "2"
    assert rows[3]["kind"] == "exact"


def test_the_text_is_grouped_by_question():
    text = ledger.as_text(FOUND)
    assert text.index("Why Deep?") < text.index("02/b: refuted") < text.index("Why Wide?")
    assert "02/a: supported (against its source), +50.0 points" in text
    assert "It is c. [Ba, 1]" in text


def test_the_summary_counts():
    said = ledger.summary(FOUND)
    assert said.startswith("4 claims: 3 supported, 1 refuted. 1 went against their source")
    assert "among those of 2 pages at most 0.1 pages with a false verdict" in said


def test_a_claim_is_chosen_by_id_or_by_a_name_that_is_used_once():
    assert ledger.choose(FOUND, "03/b") is FOUND[2]
    assert ledger.choose(FOUND, "c") is FOUND[3]
    with pytest.raises(BuildError, match=r"claim 'b': 02/b or 03/b\?; see normlab ledger"):
        ledger.choose(FOUND, "b")
    with pytest.raises(BuildError, match=r"unknown claim '03/d'; did you mean .*; see normlab le"):
        ledger.choose(FOUND, "03/d")


def test_the_published_ledger_is_that_of_the_pages(capsys):
    published = (ROOT / "reports/ledger.csv").read_text("utf-8")
    assert main(["ledger", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rows = list(csv.DictReader(io.StringIO(published)))
    assert [entry["id"] for entry in found] == [row["id"] for row in rows]
    assert [entry["state"] for entry in found] == [row["state"] for row in rows]
    assert len({entry["id"] for entry in found}) == len(found)
    assert main(["ledger"]) == 0
    assert capsys.readouterr().out.rstrip().splitlines()[-1].startswith(f"{len(found)} claims: ")


def test_verdicts_from_other_seeds_are_compared():
    first = {entry.id: entry for entry in FOUND}
    other = first["02/b"]._replace(claim=first["02/b"].claim | {"state": "inconclusive"})
    text = robustness.page(first, first | {"02/b": other}, {"02/b": "refuted", "02/a": "refuted"})
    assert "Of 3 verdicts over seeds 2 came out the same: 66.7%." in text
    assert "| 02/b: It is b. | refuted: +50.0 points | inconclusive: +50.0 points |" in text
    assert "Of 2 verdicts over seeds 1 came out the same: 50.0%." in text
    assert "| 02/a: It is a. | supported: +50.0 points | refuted |" in text
    assert "3 came out the same: 100.0%" in robustness.page(first, first, {"02/b": "refuted"})
    with pytest.raises(ValueError, match="the two builds have other claims"):
        robustness.page(first, {}, {})


def test_flips_of_signs_find_what_a_t_interval_finds(tmp_path):
    rng, cases = np.random.default_rng(0), {}
    rows = ["claim,margin," + ",".join(f"seed {seed}" for seed in range(12))]
    for rule in ("more than", "more than, or not", "within"):
        for mean in (-3, 0, 1, 3):
            name, effects = f"{rule}{mean}".replace(",", ""), rng.normal(mean, 0.3, 12)
            cases[f"02/{name}"] = rule
            rows.append(f"{name},1," + ",".join(map(str, effects)))
    path = tmp_path / "02-two.claims.csv"
    path.write_text("\n".join(rows), "utf-8")
    entries = {
        name: FOUND[0]._replace(claim={"rule": rule, "margin": 1, "exact": False})
        for name, rule in cases.items()
    }
    found = robustness.by_sign_flips(path, entries)
    assert [found[name] for name in cases] == [
        *("refuted", "equivalent", "inconclusive", "supported"),
        *("refuted", "refuted", "inconclusive", "supported"),
        *("refuted", "supported", "inconclusive", "refuted"),
    ]


@pytest.mark.slow
def test_a_claim_is_run_from_nothing(capsys):
    assert main(["ledger", "run", "06/decay-is-rate", "-p", "seeds=2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["id"] == "06/decay-is-rate"
    assert found["state"] == "supported"
    assert found["seeds"] == 2
