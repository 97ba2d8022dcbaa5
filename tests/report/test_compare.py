"""``normlab compare``: what is said of two builds, line by line."""

import pytest

from normlab import cli
from normlab.report.compare import compare
from normlab.report.finished import read_build

SAME = [
    "A: a",
    "B: b",
    "",
    "02-nets",
    "  parameters: the same",
    "  data set: the same, Toy set",
    "  headline numbers: the same",
    "  claims: the same",
    "  tables: the same",
    "  code: the same",
    "  arithmetic: the same",
]


def said(tmp_path, write_results, ours, theirs):
    write_results(tmp_path / "a", "02-nets", **ours)
    write_results(tmp_path / "b", "02-nets", **theirs)
    return compare(*(read_build(name, tmp_path / name) for name in "ab"))


def claim(name, state):
    return {"name": name, "state": state, "statement": f"Statement of {name}."}


HASHES = {"notebook": "a" * 64, "normlab": "0.1.0", "data": "abc"}
DIFFERENCES = {
    "nothing": ({}, {}, []),
    "parameters": (
        {"parameters": {"seeds": 2, "dtype": "float32", "old": 1}},
        {"parameters": {"seeds": 3, "dtype": "float32", "widths": [5, 6]}},
        ["parameters", "  seeds: A 2, B 3", "  old: 1, only in A", "  widths: [5, 6], only in B"],
    ),
    "floats": (
        {"parameters": {"seeds": 2, "rate": 0.1}},
        {"parameters": {"seeds": 2, "rate": 0.10000000000000002}},
        ["parameters", "  rate: A 0.1, B 0.10000000000000002"],
    ),
    "parameters unknown": (
        {"parameters": None},
        {},
        ["parameters: not recorded in A; build it again"],
    ),
    "another data set": (
        {"dataset": {"title": "Toy set", "sha256": "0" * 64}},
        {"dataset": {"title": "Photos", "sha256": "1" * 64}},
        ["data set", "  A: Toy set, SHA-256 000000000000", "  B: Photos, SHA-256 111111111111"],
    ),
    "other data of one name": (
        {"dataset": {"title": "Toy set", "sha256": "0" * 64}},
        {"dataset": {"title": "Toy set", "sha256": "1" * 64}},
        ["data set", "  A: Toy set, SHA-256 000000000000", "  B: Toy set, SHA-256 111111111111"],
    ),
    "data in one": (
        {"dataset": None},
        {"dataset": {"title": "Toy set", "sha256": "ab"}},
        ["data set", "  A: none", "  B: Toy set, SHA-256 ab"],
    ),
    "no data": ({"dataset": None}, {"dataset": None}, ["data set: none in both"]),
    "intervals apart": (
        {"headline": {"accuracy": [0.9, 0.8, 1.0], "error": 1e-9}},
        {"headline": {"accuracy": [0.6, 0.5, 0.7], "error": 1e-9}},
        [
            "headline numbers",
            "  accuracy",
            "    A: 0.9000 (0.8000 to 1.000)",
            "    B: 0.6000 (0.5000 to 0.7000)",
            "    B - A: -0.3000, the intervals do not overlap",
        ],
    ),
    "intervals that touch": (
        {"headline": {"accuracy": [0.6, 0.5, 0.75]}},
        {"headline": {"accuracy": [0.875, 0.75, 1.0]}},
        [
            "headline numbers",
            "  accuracy",
            "    A: 0.6000 (0.5000 to 0.7500)",
            "    B: 0.8750 (0.7500 to 1.000)",
            "    B - A: +0.2750, the intervals overlap",
        ],
    ),
    "numbers": (
        {"headline": {"error": 1e-9, "lost": 1}},
        {"headline": {"error": 3e-9, "won": 2}},
        [
            "headline numbers",
            "  error",
            "    A: 1.000e-09",
            "    B: 3.000e-09",
            "    B - A: +2.000e-09",
            "  lost",
            "    A: 1.000",
            "  won",
            "    B: 2.000",
        ],
    ),
    "not finite": (
        {"headline": {"accuracy": [0.5, None, None], "loss": None}},
        {"headline": {"accuracy": [0.6, 0.5, 0.7], "loss": 2}},
        [
            "headline numbers",
            "  accuracy",
            "    A: 0.5000 (no interval)",
            "    B: 0.6000 (0.5000 to 0.7000)",
            "    B - A: +0.1000",
            "  loss",
            "    A: not finite",
            "    B: 2.000",
            "    B - A: not finite",
        ],
    ),
    "claims": (
        {"claims": [claim("x", "supported"), claim("y", "refuted"), claim("old", "refuted")]},
        {"claims": [claim("new", "supported"), claim("y", "refuted"), claim("x", "inconclusive")]},
        [
            "claims",
            "  x: A supported, B inconclusive",
            "    Statement of x.",
            "  old: refuted, only in A",
            "    Statement of old.",
            "  new: supported, only in B",
            "    Statement of new.",
        ],
    ),
    "tables": (
        {"tables": {"t": {"rows": [[1, 2, 3]]}}},
        {"tables": {"t": {"rows": [[1, 5, 6]]}}},
        ["tables: 2 values differ"],
    ),
    "one number": (
        {"tables": {"t": {"rows": [[1, 2, 3]]}}},
        {"tables": {"t": {"rows": [[1, 2, 6]]}}},
        ["tables: 1 value differs"],
    ),
    "code": (
        {"inputs": HASHES},
        {"inputs": HASHES | {"notebook": "b" * 64, "normlab": "0.2.0", "data": "def"}},
        ["code", "  normlab: A 0.1.0, B 0.2.0", "  notebook: A aaaaaaaaaaaa, B bbbbbbbbbbbb"],
    ),
    "code unknown": (
        {"inputs": None},
        {},
        ["code: not recorded in A; build it again"],
    ),
    "arithmetic": (
        {"arithmetic": {"numpy": "2.4", "simd": ["X86_V3"], "threads": 1}},
        {"arithmetic": {"numpy": "2.5", "simd": ["A", "B"], "threads": 1}},
        ["arithmetic", "  numpy: A 2.4, B 2.5", "  simd: A X86_V3, B A B"],
    ),
}


@pytest.mark.parametrize(("ours", "theirs", "expected"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_only_what_differs_is_told(ours, theirs, expected, tmp_path, write_results):
    lines = said(tmp_path, write_results, ours, theirs)
    title = expected[0].split(":")[0] if expected else None
    rest = [line for line in SAME if not (title and line.startswith(f"  {title}:"))]
    assert [line for line in lines if line in rest] == rest
    assert [line[2:] for line in lines if line not in rest] == expected


def test_notebooks_come_one_after_the_other(tmp_path, write_results):
    for folder, names in (("a", ("03-c", "01-a", "02-b")), ("b", ("04-d", "02-b", "01-a"))):
        for name in names:
            write_results(tmp_path / folder, name)
    lines = compare(*(read_build(name, tmp_path / name) for name in "ab"))
    assert [line for line in lines if line[:1] == "0"] == ["01-a", "02-b"]
    assert lines[-4:] == ["", "only in A: 03-c", "", "only in B: 04-d"]


def test_nothing_in_common(tmp_path, write_results):
    write_results(tmp_path / "a", "01-a")
    (write_results(tmp_path / "b", "02-b").parent / "01-a.json").write_text("{", "utf-8")
    assert compare(*(read_build(name, tmp_path / name) for name in "ab")) == [
        "A: a",
        "B: b",
        "B is damaged: 01-a.json: not whole; build it again",
        "",
        "no notebook is in both builds",
        "",
        "only in A: 01-a",
        "",
        "only in B: 02-b",
    ]


def test_the_command(small_project, write_results, monkeypatch, capsys):
    monkeypatch.chdir(small_project.root)
    write_results(small_project.reports, "02-nets")
    write_results(small_project.builds / "seeds-3_abc123", "02-nets", parameters={"seeds": 3})
    assert cli.main(["compare", "published", "seeds-3"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("A: published\nB: seeds-3_abc123\n\n02-nets\n  parameters\n")
    assert "    seeds: A 2, B 3\n" in out
    assert cli.main(["compare", "published", "sedes-3"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "did you mean 'seeds-3_abc123'?" in said.err
