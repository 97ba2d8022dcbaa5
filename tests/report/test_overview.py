"""build/reports/index.html: every build with what differs, also when some are damaged."""

import os
import re
from urllib.parse import unquote

import pytest

from normlab.report.errors import BuildError
from normlab.report.overview import write_overview

EVIL = "<script>alert(1)</script>\"'&"


@pytest.fixture
def project(small_project, write_results):
    """The published build and two others."""
    for name in ("01-checks", "02-nets"):
        write_results(small_project.reports, name, page=True)
    write_results(
        small_project.builds / "seeds-3_abc123",
        "02-nets",
        page=True,
        parameters={"seeds": 3, "widths": [5, 6]},
    )
    write_results(
        small_project.builds / "dataset-mine_def456",
        "02-nets",
        page=True,
        dataset={"title": "My images", "sha256": "ff"},
    )
    return small_project


def page_of(project):
    write_overview(project)
    return (project.builds / "index.html").read_text("utf-8")


def rows_of(page):
    """The text of each cell, a list a row."""
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)
    ]


def test_each_build_has_a_row_a_notebook(project):
    accuracy, claims = (
        "accuracy: 0.7000\u00a0(0.6000\u00a0to\u00a00.8000)",
        "1 refuted, 1 supported",
    )
    assert rows_of(page_of(project))[1:] == [
        ["published", "as published", "01-checks", "Toy set", accuracy, claims],
        ["02-nets", "Toy set", accuracy, claims],
        ["dataset-mine_def456", "as published", "02-nets", "My images", accuracy, claims],
        ["seeds-3_abc123", "seeds=3widths=[5, 6]", "02-nets", "Toy set", accuracy, claims],
    ]


def test_links_are_relative_and_resolve(project):
    links = re.findall(r'href="([^"]*)"', page_of(project))
    assert "../../reports/index.html" in links
    assert "seeds-3_abc123/02-nets.html" in links
    assert len(links) == 7
    for link in links:
        assert (project.builds / unquote(link)).is_file()


def test_the_page_is_the_same_again_and_stands_alone(project):
    page = page_of(project)
    assert page == page_of(project)
    assert 'lang="en"' in page
    assert "default-src 'none'" in page
    assert page.count("<main>") == page.count("<caption>") == page.count("<h1>") == 1
    assert set(re.findall(r"<th(?: scope=\"(\w+)\")?", page)) <= {"col", "row", "rowgroup", ""}
    assert not re.search(r"<th>", page)
    assert str(project.root) not in page
    assert sorted(os.listdir(project.builds)) == [
        "dataset-mine_def456",
        "index.html",
        "seeds-3_abc123",
    ]


def test_what_is_damaged_is_named(project, write_results):
    (project.builds / "empty").mkdir()
    (project.builds / "seeds-3_abc123" / "01-checks.json").write_text("{", "utf-8")
    write_results(project.builds / "bare", "02-nets")
    page = page_of(project)
    assert re.findall("<li>(.*?)</li>", page) == [
        "empty: holds no results; build it again, or remove it",
        "seeds-3_abc123: 01-checks.json: not whole; build it again",
    ]
    assert ["bare", "as published", "02-nets"] in [row[:3] for row in rows_of(page)]
    assert 'href="bare' not in page


@pytest.mark.parametrize("where", ["published", "seeds-3_abc123"])
def test_parameters_that_were_not_recorded(where, project, write_results):
    folder = project.reports if where == "published" else project.builds / where
    write_results(folder, "02-nets", parameters=None)
    rows = {row[0]: row for row in rows_of(page_of(project))}
    assert rows["seeds-3_abc123"][1] == "not recorded"
    assert rows["published"][1] == "as published"


def test_without_published_pages(small_project, write_results):
    write_results(small_project.builds / "seeds-3_abc123", "02-nets")
    assert "seeds-3_abc123" in page_of(small_project)


def test_without_builds_nothing_is_written(small_project, write_results):
    write_results(small_project.reports, "02-nets")
    write_overview(small_project)
    assert not small_project.builds.exists()


def test_texts_are_escaped(project, write_results):
    write_results(
        project.builds / "evil",
        f"0{EVIL.replace('/', '')}",
        page=True,
        parameters={EVIL: EVIL},
        dataset={"title": EVIL, "sha256": EVIL},
        headline={EVIL: 1},
        claims=[{"name": EVIL, "state": EVIL, "statement": EVIL}],
    )
    (project.builds / 'name "with" <b>#%?').mkdir()
    page = page_of(project)
    assert "<script" not in page
    assert "<b>" not in page
    assert page.count("&lt;script&gt;") >= 5


def test_a_name_that_is_no_text(project, write_results):
    try:
        write_results(project.builds / os.fsdecode(b"caf\xe9"), "02-nets", page=True)
    except OSError:
        pytest.skip("this file system has no such names")
    assert ">caf\\udce9<" in page_of(project)


def test_a_page_that_cannot_be_written_is_one_line(project):
    (project.builds / "index.html").mkdir()
    with pytest.raises(BuildError, match=r"cannot list the builds there: .*; the pages them"):
        write_overview(project)
