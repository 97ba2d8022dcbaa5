"""Figures, tables and failing cells of a page: numbers, anchors, files."""

import re

import pytest
from nbformat import v4

from normlab.report.errors import BuildError
from normlab.report.outputs import data_files, mark_failure, numbered
from normlab.report.render import render

TABLE = "<table><caption>Errors of a &amp; b</caption><tr><td>1</td></tr></table>"


def figure(name, **about):
    about = {"alt": f"Lines of {name}.", "name": name} | about
    return v4.new_output(
        "display_data", {"image/svg+xml": "<svg/>"}, metadata={"image/svg+xml": about}
    )


def table(html=TABLE, **about):
    metadata = {"text/html": about} if about else {}
    return v4.new_output("display_data", {"text/html": html}, metadata=metadata)


@pytest.fixture
def notebook(make):
    """Two figures, one with data and panels, and three tables, one of them folded."""
    panels = ["<svg id='p-1'></svg>", "<svg id='p-2'></svg>"]
    return make.executed(
        [
            figure("curves", caption="Means < 3.", csv="a,b\n1,2\n", panels=panels, columns=2),
            table(f"<details><summary>x</summary>{TABLE}</details>"),
        ],
        [table(table="errors"), table(table="")],
        [figure("a gap/..")],
    )


def test_figures_and_open_tables_are_numbered_in_order(notebook):
    text = render(notebook, title="T", name="01-a")
    for anchor, label in {
        "figure-curves": "Figure 1.",
        "figure-a-gap": "Figure 2.",
        "table-errors": "Table 1.",
        "table-2": "Table 2.",
    }.items():
        assert text.count(f'id="{anchor}"') == 1
        assert f'<a class="self" href="#{anchor}">{label}</a>' in text
    assert "Means &lt; 3." in text
    assert "Table 3" not in text


def test_every_table_can_be_scrolled_by_keyboard_and_has_a_name(notebook):
    text = render(notebook, title="T")
    regions = re.findall(r'<div (.*?class="scroll".*?)>', text)
    assert len(regions) == 3
    for region in regions:
        assert {'role="region"', 'tabindex="0"'} <= set(region.split())
        assert 'aria-label="Errors of a &amp; b"' in region


def test_panels_stand_in_the_place_of_the_figure(notebook):
    text = render(notebook, title="T")
    assert text.count("<svg id='p-") + text.count('<svg id="p-') == 2
    assert text.count('aria-label="Lines of curves."') == 1
    assert "--columns: 2" in text


def test_data_lie_beside_the_page_that_links_them(notebook):
    files = data_files(notebook, "01-a")
    assert files == {"01-a.curves.csv": "a,b\n1,2\n"}
    assert 'href="01-a.curves.csv"' in render(notebook, title="T", name="01-a")


def test_a_page_that_stands_alone_links_no_data(notebook):
    assert ".csv" not in render(notebook, title="T")


@pytest.mark.parametrize("name", ["../../x", "a/b", ".hidden", "c d"])
def test_a_data_file_cannot_leave_its_folder(name, make):
    (file,) = data_files(make.executed([figure(name, csv="a\n")]), "01-a")
    assert "/" not in file
    assert file.startswith("01-a.")


def test_the_notebook_stays_as_it_is(notebook):
    before = str(notebook)
    numbered(notebook, "01-a")
    assert str(notebook) == before


def failing(make):
    error = v4.new_output("error", ename="E", evalue="v", traceback=["E: v"])
    notebook = make.executed([table()], [error], [])
    notebook.cells[-1].execution_count = None
    return notebook


def test_the_cell_that_failed_is_found_by_its_error(make):
    notebook = failing(make)
    assert mark_failure(notebook, "01: cell 2 failed")
    assert [cell.metadata.get("failed", False) for cell in notebook.cells] == [
        False,
        False,
        False,
        True,
        False,
    ]
    assert notebook.cells[-1].metadata["not_run"]


def test_or_else_by_the_message(make):
    notebook = make.executed([table()], [table()])
    assert mark_failure(notebook, "01-a: cell 3 shows a date, '2020-01-01'")
    assert notebook.cells[2].metadata["failed"]
    assert not notebook.cells[3].metadata["not_run"]


@pytest.mark.parametrize("failure", ["the kernel died", "cell 99 failed", "cell 0"])
def test_without_a_cell_to_blame_there_is_no_link(failure, make):
    text = render(make.executed([table()]), title="T", failure=failure)
    assert "This page is incomplete" in text
    assert "#error" not in text


def test_the_page_of_a_failure_shows_what_came_before_and_what_did_not_run(make):
    text = render(failing(make), title="T", failure="01: cell 2 failed: E")
    assert text.index("Errors of a") < text.index('id="error"') < text.index("Code, not run")


@pytest.mark.parametrize("panel", ["<script>x</script>", "<svg onload='x'/>", "<svg>"])
def test_a_panel_that_acts_is_refused(panel, make):
    notebook = make.executed([figure("f", panels=["<svg/>", panel])])
    with pytest.raises(BuildError, match=r"^cell 3: "):
        render(notebook, title="T")


def test_what_a_figure_says_of_itself_is_text(make):
    evil = "\"><script>alert('x')</script>"
    about = {"alt": evil, "caption": evil, "csv": "a", "columns": evil, "width": evil}
    text = render(make.executed([figure(evil, **about)]), title="T", name="01-a")
    assert "<script" not in text


def test_figures_that_are_endless_together_are_refused(make):
    """A page has all figures at once, and one may refer to another."""
    parts = [f"<g id='g{n + 1}'>" + f"<use href='#g{n}'/>" * 9 + "</g>" for n in range(7)]
    notebook = make.executed(
        [figure("a", panels=parts[:3])], [figure("b", panels=[*parts[3:], "<use href='#g7'/>"])]
    )
    with pytest.raises(BuildError, match=r"^01-a: a drawing whose parts refer to each other"):
        render(notebook, title="T", name="01-a")


def test_a_refusal_begins_with_the_name_of_the_notebook(make):
    latex = v4.new_output("display_data", {"text/latex": "$a$"})
    with pytest.raises(BuildError, match=r"^01-a: cell 3: a page shows no text/latex"):
        render(make.executed([latex]), title="T", name="01-a")
    formula = v4.new_output("display_data", {"text/markdown": r"$\nosuch$"})
    with pytest.raises(BuildError, match=r"^01-a: cell 4: formula '..nosuch'"):
        render(make.executed([], [formula]), title="T", name="01-a")
    with pytest.raises(BuildError, match=r"^01-a: the answer: formula "):
        render(make.executed([]), title="T", name="01-a", answer=r"$\nosuch$")


def test_two_figures_that_would_share_a_file_are_refused(make):
    with pytest.raises(BuildError, match=r"^cell 4: two figures are named 'a-b'"):
        render(make.executed([figure("a b")], [figure("a-b")]), title="T")
