import html
import re
from html.parser import HTMLParser

import pytest
from nbformat import v4

from normlab.report.errors import BuildError
from normlab.report.markdown import markdown
from normlab.report.render import render, render_site

EVIL = "<script>alert('x')</script>"


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.tags, self.text, self.attributes = [], [], [], "", {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value)
            if name == "id":
                self.ids.append(value)
            elif name in ("href", "src", "xlink:href"):
                self.links.append(value)

    def handle_data(self, data):
        self.text += data


def display(metadata=None, **data):
    data = {name.replace("_", "/", 1): value for name, value in data.items()}
    return v4.new_output("display_data", data, metadata=metadata or {})


def figure(alt="Two lines."):
    return v4.new_output(
        "display_data",
        {"image/svg+xml": "<svg><g id='f-1'/></svg>", "text/plain": "lines"},
        metadata={"image/svg+xml": {"alt": alt}},
    )


@pytest.fixture
def page(make):
    """A page with every kind of content that studies have."""
    notebook = make.executed(
        [display(text_markdown="Of **24** gradients, $x < 2$.")],
        [display(text_html="<table><tr><td>1</td></tr></table>")],
        [figure()],
        [v4.new_output("stream", name="stdout", text=f"printed {EVIL}")],
    )
    for heading in ("Method", "The error, against the step"):
        cell = v4.new_markdown_cell(f"## {heading}\n\n$$\\frac{{a}}{{b}}$$\n\nand $\\hat{{x}}_i$.")
        notebook.cells.insert(-1, cell)
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
    return lambda **more: render(
        notebook,
        **{
            "title": "Gradient checks",
            "short": "Yes.",
            "answer": "By $10^{-9}$.",
            "figure": '<svg><g id="answer-1"/></svg>',
            "provenance": [("Data set", EVIL), ("SHA-256", "ab" * 32)],
            "next": ("02-next.html", f"Next {EVIL}"),
        }
        | more,
    )


def test_the_frame_of_a_page(page):
    text = page()
    assert re.match(r'<!DOCTYPE html>\s+<html lang="en">', text)
    assert "<title>Gradient checks - normlab</title>" in text
    parsed = Page(text)
    assert "Content-Security-Policy" in parsed.attributes["http-equiv"]
    assert parsed.attributes["content"][1] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert 'href="#content"' in text
    assert parsed.ids.count("content") == 1
    assert parsed.attributes["charset"] == ["utf-8"]
    assert parsed.tags.count("main") == parsed.tags.count("h1") == 1
    assert "index.html" in parsed.links
    assert "02-next.html" in parsed.links


def test_the_same_bytes_again(page):
    assert page() == page()


def test_anchors_resolve_and_are_unique(page):
    parsed = Page(page())
    assert len(set(parsed.ids)) == len(parsed.ids)
    anchors = {link[1:] for link in parsed.links if link.startswith("#")}
    assert anchors >= {"Method", "The-error-against-the-step"}
    assert anchors <= set(parsed.ids)


def test_nothing_comes_from_another_host(page):
    text = page()
    parsed = Page(text)
    assert not [link for link in parsed.links if re.match(r"(https?:)?//", link)]
    assert not re.search(r"@import|url\((?!#|data:)", text)
    assert "script" not in parsed.tags
    assert not [name for name in parsed.attributes if name.startswith("on")]


def test_outputs_are_on_the_page(page):
    text = page()
    assert "Of <strong>24</strong> gradients" in text
    assert "<table><tr><td>1</td></tr></table>" in text
    assert 'aria-label="Table" class="scroll"' in text
    assert 'aria-label="Two lines."' in text
    assert '<div class="short"><p>Yes.</p>' in text
    assert "By <math" in text
    assert text.index('id="answer-1"') < text.index("Of <strong>24")


def test_text_is_escaped(page):
    for text, least in (
        (page(title=EVIL, previous=("01.html", EVIL)), 7),
        (page(title=EVIL, failure=EVIL), 4),
    ):
        assert EVIL not in text
        assert text.count(html.escape(EVIL)) + text.count(html.escape(EVIL, quote=False)) >= least


def test_a_failure_has_a_banner_and_a_place(page, make):
    error = v4.new_output("error", ename="E", evalue="v", traceback=[f"\x1b[31mE\x1b[0m: {EVIL}"])
    text = render(make.executed([error]), title="T", failure="cell 3 failed: <E>")
    assert '<div class="failure" role="alert">' in text
    assert '<a href="#error">' in text
    assert "cell 3 failed: &lt;E&gt;" in text
    assert 'id="error"' in text
    assert "\x1b" not in text
    assert "E: &lt;script&gt;" in text
    assert '<details class="code" open="">' in text.partition('id="error"')[2]
    assert "index.html" not in Page(text).links  # which is not there, beside a failure
    assert 'role="alert"' not in page()


@pytest.mark.parametrize("alt", ["", None, "  "])
def test_a_figure_without_alt_text_is_refused(alt, make):
    with pytest.raises(BuildError, match=r"^cell 3: a figure has no alt text; use study\.show$"):
        render(make.executed([figure(alt)]), title="T")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("$x^2$", "<msup><mi>x</mi><mn>2</mn></msup>"),
        (r"$$\frac{a}{b}$$", 'display="block"'),
        (r"$\mathcal{N}(0, s^2)$", "<math"),
        ("$a < b$", "&#x0003C;"),
    ],
)
def test_math_becomes_mathml(source, expected):
    assert expected in markdown(source)
    assert "$" not in markdown(source)


@pytest.mark.parametrize("source", [r"$\foo{x}$", r"$$ \frac{\unknown}{b} $$"])
def test_an_unknown_macro_is_one_line(source, make):
    notebook = make.executed([display(text_markdown=source)])
    with pytest.raises(
        BuildError, match=r"^cell 3: formula '[^\n]+ is not supported; write it otherwise$"
    ):
        render(notebook, title="T")


@pytest.mark.parametrize("source", [r"$\frac{1}{$", r"$\left( x$", "$x_$", "$ $"])
def test_a_broken_formula_is_one_line(source):
    with pytest.raises(BuildError, match=r"^formula [^\n]+$"):
        markdown(source)


def test_a_formula_in_a_heading(make):
    notebook = make.executed([])
    notebook.cells.append(v4.new_markdown_cell("## Var of $x^2$"))
    text = render(notebook, title="T")
    assert "ns0:" not in text
    assert 'href="#Var-of-x^2"' in text or 'href="#Var-of-x2"' in text


def test_a_formula_on_lines_of_its_own():
    assert "<p><p>" not in markdown("Text.\n\n$$\nx^2\n$$\n\nMore.")


PICTURE = v4.new_output("display_data", {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"})
LAST = v4.new_output("execute_result", {"text/plain": "42 apples"}, execution_count=3)
LATEX = v4.new_output("display_data", {"text/latex": "$x^2$", "text/plain": "42 apples"})


@pytest.mark.parametrize(
    "output", [PICTURE, LAST, LATEX], ids=["picture", "value of the last line", "latex"]
)
def test_no_output_vanishes_in_silence(output, make):
    try:
        text = render(make.executed([output]), title="T")
    except BuildError:
        return
    assert "42 apples" in text or "<img" in text or "<math" in text


def test_printed_colours_leave_no_control_characters(make):
    printed = v4.new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m")
    assert "\x1b" not in render(make.executed([printed]), title="T")


def test_two_figures_of_one_name_are_refused_or_told_apart(make):
    try:
        text = render(make.executed([figure()], [figure()]), title="T")
    except BuildError:
        return
    ids = Page(text).ids
    assert len(set(ids)) == len(ids)


def entry(make, name):
    results = make.results()
    svg = results["figure"].pop("svg")
    title, question = f"Title of {name} {EVIL}", f"Is it {EVIL}?"
    return {"name": name, "title": title, "question": question, "results": results, "svg": svg}


def test_the_index_tells_what_is_missing_or_old(make):
    old, good = (
        entry(make, "01-a") | {"stale": True},
        entry(make, "02-b") | {"files": ["02-b.x.csv"]},
    )
    gone = {"name": "03-c", "title": "Never built", "question": "?"}
    torn = gone | {"name": "04-d", "damaged": "it was changed"}
    text = render_site(pages=[old, good], studies=[old, good, gone, torn], versions=["0.1", "0.2"])
    assert "<dd>normlab 0.1, 0.2</dd>" in text
    states = re.findall(
        r'<th scope="row">(\S+)</th>.*?<td class="(stale|built|missing)">', text, re.S
    )
    assert states == [
        ("01-a", "stale"),
        ("02-b", "built"),
        ("03-c", "missing"),
        ("04-d", "missing"),
    ]
    assert "missing: normlab build 03-c" in text
    assert "damaged: normlab build 04-d" in text
    assert '<a href="02-b.x.csv">x.csv</a>' in text
    assert "03-c.html" not in text


def test_the_index_begins_with_what_went_against_its_source_and_has_all_claims(make):
    page = entry(make, "01-a")
    (claim,) = page["results"]["claims"]
    kinds = {
        "exact": {"exact": True},
        "odd": {"outcome": "against the prediction", "state": "refuted", "against_source": True},
    }
    page["results"]["claims"] = [claim | {"name": name} | kind for name, kind in kinds.items()]
    text = render_site(pages=[page])
    assert re.findall(r'#claim-(\w+)"', text) == ["odd", "exact", "odd"]
    assert "refuted <small>against the prediction</small>" in text
    assert "2 claims: 1 supported, 1 refuted. 1 went against their source" in text
    assert '<td class="predicted">yes</td>' in text


def test_the_index_answers_its_title_by_the_studies_that_train_first(make):
    pages = [entry(make, "01-a"), entry(make, "02-b")]
    pages[0]["results"] |= {"short": "Gradients are right.", "runs": 0}
    text = render_site(pages=pages)
    assert re.search(r'<p class="words">\s+It runs.\s+Gradients are right.\s+</p>', text)


def test_the_index(make):
    pages = [entry(make, "01-a"), entry(make, "02-b")]
    text = render_site(pages=pages)
    assert text == render_site(pages=pages)
    assert text.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in text
    assert EVIL not in text
    parsed = Page(text)
    assert len(set(parsed.ids)) == len(parsed.ids)
    local = {link for link in parsed.links if not link.startswith("#")}
    ends = (".html", ".html#claim-it-runs", ".json", ".svg")
    expected = {f"{name}{end}" for name in ("01-a", "02-b") for end in ends}
    assert local == expected | {"manifest.json", "ledger.csv", "https://example.org/us"}
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)
    assert "Yes, <strong>2</strong> of them." in text
    assert "It runs &amp; ends." in text
