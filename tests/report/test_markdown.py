"""Markdown as JupyterLab shows it, or refused before the run."""

import base64
import html
import io
import re
from itertools import pairwise

import nbformat
import pytest
from nbformat import v4
from PIL import Image

from normlab.report.errors import BuildError
from normlab.report.markdown import Writer, check_markdown, markdown
from normlab.report.render import render


def png(width=2, height=3, kind="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, kind)
    return buffer.getvalue()


def strict(source, folder=None, **more):
    return Writer(folder, strict=True).html(source, **more)


def words(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", "", page))).strip()


SHOWN = {
    "a comment": ("a <!-- TODO --> b", "<p>a  b</p>"),
    "a comment of its own": ("<!-- a\n\nb -->\n\nc", "<p>c</p>"),
    "entities": ("a&nbsp;b &mdash; &lt;b&gt; &#65; AT&T", "<p>a\xa0b — &lt;b&gt; A AT&amp;T</p>"),
    "a break": ("one<br>two", "<p>one<br />two</p>"),
    "inline HTML": (
        "H<sub>2</sub>O<sup>1</sup> <kbd>k</kbd> <font color=red>r</font>",
        '<p>H<sub>2</sub>O<sup>1</sup> <kbd>k</kbd> <font color="red">r</font></p>',
    ),
    "a folded part": ("<details>\n<summary>S</summary>\n\n**b**\n\n</details>", "<p><strong>b</s"),
    "a centered part": ("<div align='center'>x</div>", '<div align="center">x</div>'),
    "bars in a formula in a table": ("|a|b|\n|-|-|\n|c|$|x|$|", "<td>c</td>\n<td><math"),
    "a cell too few": ("|a|b|\n|-|-|\n|3|", "<td>3</td>\n<td></td>"),
    "a cell too many": ("|a|\n|-|\n|3|4|", "<td>3</td>\n</tr>"),
    "columns to the right": ("|a|\n|-:|\n|3|", '<td style="text-align:right">3</td>'),
    "lists in lists": ("1. a\n   - b\n     - c\n2. d", "<li>b\n<ul>\n<li>c</li>"),
    "a task list": ("- [ ] a\n- [x] b", '<li class="task-list-item">\u2611 b</li>'),
    "a loose task list": ("- [ ] a\n\n- [x] b", "<p>\u2611 b</p>"),
    "formulas side by side": ("$a$$b$", "<mi>a</mi></mrow></math><math"),
    "formulas after a price": ("costs \\\\$5\n\n$x$", "<p>costs $5</p>\n<p><math"),
    "two backslashes": (r"a \\\\ b", r"<p>a \ b</p>"),
    "what is struck out": ("~~a~~ ~b~", "<s>a</s> <s>b</s>"),
    "a reference": ("[a][b]\n\n[b]: https://h.org 'T'", '<a href="https://h.org" title="T">a</a>'),
    "an underlined heading": ("A\n===", '<h1 id="A">'),
    "no heading": ("#a", "<p>#a</p>"),
    "an address": ("see https://h.org/a_b(c)).", 'see <a href="https://h.org/a_b(c)">'),
    "an address in angles": ("<https://h.org>", '<a href="https://h.org">https://h.org</a>'),
    "a price": ("costs $5", "<p>costs $5</p>"),
    "two prices": (r"costs \\$5 or \\$6", "<p>costs $5 or $6</p>"),
    "dollars in code": ("`$x$`", "<code>$x$</code>"),
    "dollars in a block of code": ("```\n$x$ \\begin{a}\n```", "<code>$x$ \\begin{a}\n</code>"),
    "dollars in indented code": ("    $HOME/$x", "<code>$HOME/$x\n</code>"),
    "code of a language": ("```python\nx = '$a$'\n```", '<span class="s1">'),
    "code of no language": ("```nosuch\na < b\n```", '<code class="language-nosuch">a &lt; b\n'),
    "the sign of a formula": ("@@0@@ and $x$", "<p>@@0@@ and <math"),
    "a formula of words": (r"$\text{if $x < 1$, 50\%}$", "<mtext>if\xa0</mtext><mrow><mi>x</mi>"),
    "a formula in brackets": (r"\\(x\\)", '<math xmlns="http://www.w3.org/1998/Math/MathML" d'),
    "no formula in brackets": (r"\(x\) \[y\]", "<p>(x) [y]</p>"),
    "stars in a formula": ("$a*b$ *c*", "<em>c</em>"),
    "an empty line in a formula": ("$$ a\n\nb $$", "<p>$$ a</p>\n<p>b $$</p>"),
    "distances between rows": (
        r"\begin{align*} a &= b \\[4pt] c &= d \end{align*}",
        "<mi>b</mi></mtd></mtr><mtr>",
    ),
    "a row that begins with a bracket": (r"$\begin{matrix} 1 \\(2) \end{matrix}$", "<mtr><mtd"),
    "an operator that is a sign": (r"$\operatorname*{\mathbb{E}}_x$", "<msub><mrow><mi>&#x1D53C;"),
    "an operator of two words": (
        r"$\DeclareMathOperator*{\am}{arg\,max}\am_x$ $\operatorname{arg\;min}_x$",
        '<mo movablelimits="true">arg\u2009max</mo>',
    ),
    "a macro": (r"$\newcommand{\E}[1]{\mathbb{E}[#1]}\E{x}$", "<mi>&#x1D53C;</mi>"),
    "another study": ("[a](02-b.ipynb#A-b)", '<a href="02-b.html#A-b">a</a>'),
    "a heading of this page": ("[a](#A-b:-c)", '<a href="#A-b-c">a</a>'),
}


@pytest.mark.parametrize("kind", SHOWN)
def test_what_jupyterlab_shows_a_page_shows(kind):
    source, expected = SHOWN[kind]
    assert expected in strict(source)
    assert markdown(source) == strict(source)


REFUSED = {
    "a script": ("<script>x</script>", "no <script> in HTML"),
    "a style": ("<style>p {}</style>", "no <style> in HTML"),
    "a video": ("<video src='a'></video>", "no <video> in HTML"),
    "an element that is open": ("a <b>c", "HTML in which </p> comes before </b>"),
    "a comparison": ("a<b and c>d", "write &lt; for <"),
    "an end alone": ("a </b> c", "HTML in which </b> comes before </p>"),
    "a short element": ("<div/>a", "<div/> is open in HTML"),
    "a handler": ("<p onclick='x'>a</p>", "no <p> with onclick='x'"),
    "a link that acts": ("[a](javascript:x)", "cannot link to 'javascript:x'"),
    "a link to a file": ("[a](../docs/a.md)", "cannot link to '../docs/a.md', which lies else"),
    "a footnote": ("a[^1]\n\n[^1]: note", "cannot link to 'note'"),
    "a link in a link": ("<a href='#x'>[b](#c)</a>", "a link within a link"),
    "prices": (r"costs \$5 or \$6", r"JupyterLab takes '\$5 or \$' for a formula"),
    "a picture of another host": ("![a](https://h.org/a.png)", "is not in the project; save it"),
    "a picture that is not there": ("![a](a.png)", "'a.png': No such file"),
    "an attachment that is not there": ("![a](attachment:a.png)", "no attachment 'a.png'"),
    "an id twice": ("<a id='x'></a><b id='x'>c</b>", "two elements have the id 'x'"),
    "a table after a list": ("- a\n|b|c|\n|-|-|\n|d|e|", r"'\|-\|-\|' in a paragraph; put an"),
    "a price before a formula": (r"\$5 or $x$", r"JupyterLab takes '\$5 or \$' for a formula"),
    "braces that do not match": ("$a { b$", r"formula '\$a { b\$': its braces do not match"),
    "a brace too many": ("$x}$", r"formula 'x}': a } without its {; mend it"),
    "a reference to a formula": (r"$\eqref{x}$", r"\\eqref is not supported"),
    "an unknown environment": (r"\begin{theorem}x\end{theorem}", r"\\begin{theorem} is not supp"),
    "half an environment": (r"$\begin{align} x$", r"\\begin{align} is not supported"),
    "an & alone": ("$a & b$", "an & or # that belongs to nothing"),
    "a macro without end": (r"$\def\x{\x\x}\x$", "more than a page can hold"),
    "a macro that doubles": (
        "$"
        + "".join(rf"\def\{b}{{\{a}\{a}}}" for b, a in pairwise("nmlkjihgfedcba"))
        + r"\def\a{aaaaaaaaaaaaaaaa}\n$",
        "more than a page can hold",
    ),
    "a line break in no table": (r"$$a \\ b$$", r"\\ breaks no line here; put \\begin{aligned}"),
    "a drawing": ("```mermaid\ngraph TD; A-->B;\n```", "save the drawing as a picture"),
    "a deep formula": ("$" + "{" * 900 + "}" * 900 + "$", "formula '{{{{.{0,120}"),
    "deep quotes": (">" * 3000 + " a", "too deep; mend it"),
    "deep lists": ("\n".join("  " * n + "- a" for n in range(300)), "more than 200 elements"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_jupyterlab_shows_otherwise_is_refused(kind, tmp_path):
    source, reason = REFUSED[kind]
    path = tmp_path / "notebooks" / "07-a.ipynb"
    path.parent.mkdir()
    cells = [v4.new_markdown_cell("# A"), v4.new_raw_cell("<b>"), v4.new_markdown_cell(source)]
    nbformat.write(v4.new_notebook(cells=cells), path)
    with pytest.raises(BuildError, match=f"^07-a: cell 3: .*{reason}") as refusal:
        check_markdown(path)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300


ENVIRONMENTS = {
    "align": r"a &= b \\ c &= d",
    "align*": r"a &= b \\ c &= d",
    "gather": r"a \\ b",
    "multline": r"a \\ b \\ c",
    "eqnarray": r"a &=& b \\ c &=& d",
    "equation": "a = b",
    "alignat": r"{2} a &= b & c &= d \\ e &= f",
    "flalign": r"a &= b \\ c",
}
INNER = {
    "aligned": r"a &= b \\ c &= d",
    "alignedat": r"{2} a &= b \\ c",
    "gathered": r"a \\ b",
    "split": r"a &= b \\ &= c",
    "cases": r"1 & \text{if } x \\ 0",
    "dcases": r"1 \\ 0",
    "rcases": r"1 \\ 0",
    "matrix": r"a & b \\ c & d",
    "pmatrix": r"a \\ b",
    "bmatrix": r"a \\ b",
    "Bmatrix": r"a \\ b",
    "vmatrix": r"a \\ b",
    "Vmatrix": r"a \\ b",
    "smallmatrix": r"a \\ b",
    "array": r"{c|c} \hline a & b \\ \hline c & d \\ \hline",
}


@pytest.mark.parametrize("name", [*ENVIRONMENTS, *INNER])
def test_environments_are_tables_of_as_many_rows(name):
    source = f"\\begin{{{name}}}{(ENVIRONMENTS | INNER)[name]}\\end{{{name}}}"
    page = strict(source if name in ENVIRONMENTS else f"$${source} + 1$$")
    assert 'display="block"' in page
    assert page.count("<mtr>") == source.replace(r"\\ \hline\end", "").count(r"\\") + 1
    assert not re.search(r"\\|&amp;|\$|begin|end\{|hline", page)


def test_rows_keep_their_labels_and_lose_those_for_references():
    page = strict(r"\begin{align} a &= b \tag{A} \label{x} \\ c &= d \notag \end{align}")
    assert words(page) == "a=b(A)c=d"
    assert words(strict(r"$$x \tag{1}$$")) == "x(1)"


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\arg\max_x", '<mo>arg</mo><munder><mo movablelimits="true">max</mo><mi>x</mi>'),
        (r"\operatorname*{argmin}_x", "argmin</mo><mi>x</mi></munder>"),
        (r"\mathop{\rm argmin}_x", "argmin</mo><mi>x</mi></munder>"),
        (r"\boldsymbol{\mu}\mathscr{L}\mathbb{1}", "<mi>𝝁</mi>"),
        (r"\left(\sum_{i=1}^n x\right)", "<munderover><mo>&#x02211;"),
        (r"\overline{a \overline{b}}", "border-top: 1px solid"),
        (r"\boxed{x}", "border: 1px solid"),
        (r"x \sim y", "<mo>&#x0223C;</mo>"),
        (r"\langle x \rangle", '<mo stretchy="false">&#x027E8;</mo>'),
        (r"\sum_{\substack{i \\ j}} a % a comment", "<mtr>"),
        (r"\biggl\{ x \biggr\|", ">{</mo>"),
    ],
)
def test_formulas_are_drawn_as_they_are_meant(tex, expected):
    assert expected in strict(f"$${tex}\n$$")


def test_macros_hold_for_the_cells_that_follow():
    writer = Writer(strict=True)
    assert writer.html(r"$\newcommand{\R}{\mathbb{R}}$ $\DeclareMathOperator{\Var}{Var}$")
    assert "Var</mo><mi>&#x0211D;</mi>" in writer.html(r"$\Var\R$")


# Pictures


@pytest.fixture
def folder(tmp_path):
    """notebooks/ of a project with pictures in it and beside it."""
    (tmp_path / "a.png").write_bytes(png())
    project = tmp_path / "project"
    (project / "notebooks" / "figures").mkdir(parents=True)
    (project / "notebooks" / "figures" / "a b.png").write_bytes(png())
    (project / "a.jpg").write_bytes(png(kind="JPEG"))
    (project / "a.gif").write_bytes(png(kind="GIF"))
    (project / "notebooks" / "large.png").write_bytes(png() + bytes(3_000_000))
    (project / "notebooks" / "wide.png").write_bytes(png(6000, 6000))
    (project / "notebooks" / "text.png").write_text("no picture")
    (project / "notebooks" / "out.png").symlink_to(tmp_path / "a.png")
    return project / "notebooks"


@pytest.mark.parametrize(
    "source",
    [
        "![a](figures/a%20b.png)",
        "![a](<figures/a b.png> 'T')",
        "![a](../a.jpg)",
        "![a](../a.gif)",
        "<img src='figures/a b.png' alt='a' width=20>",
        "![a][b]\n\n[b]: figures/a%20b.png",
    ],
)
def test_a_picture_of_the_project_is_in_the_page(source, folder):
    page = strict(source, folder)
    assert re.search(r'<img [^>]*src="data:image/(png|jpeg|gif);base64,[\w+/=]+"', page)
    assert 'alt="a"' in page
    assert "max-width: 100%" in page


def test_a_pasted_picture_is_in_the_page(folder):
    text = base64.b64encode(png()).decode()
    attachments = {"image b.png": {"image/png": text}}
    page = strict("![c](attachment:image%20b.png)", folder, attachments=attachments)
    assert f'src="data:image/png;base64,{text}"' in page
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("![c](attachment:image%20b.png)")])
    notebook.cells[0]["attachments"] = attachments
    assert text in render(notebook, title="T")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("../../a.png", "outside the project"),
        ("out.png", "outside the project"),
        ("/etc/hostname", "outside the project"),
        ("large.png", "has 3.0 MB, and 2 are allowed"),
        ("wide.png", "has 6000 x 6000 pixels"),
        ("text.png", "is no PNG, JPEG, GIF or WebP"),
        ("figures", "is not a file"),
        ("%00", "cannot be read|No such file"),
        ("data:image/svg+xml;base64,PHN2Zz4=", "is no PNG"),
        ("file:///a.png", "not in the"),
        ("//h.org/a.png", "not in the project"),
        ("data:image/png;base64,!", "cannot be read"),
    ],
)
def test_other_pictures_are_refused(address, reason, folder):
    with pytest.raises(BuildError, match=reason):
        strict(f"![a](<{address}>)", folder)
    assert "<img" not in Writer(folder).html(f"![a](<{address}>)")


# Pages


def test_every_heading_has_an_anchor_of_its_own(make):
    notebook = make.executed([])
    for text in ("# A\n\n## A", "## A", "## $x^2$", "## !!!", "## ???", "## content", "# cell 1"):
        notebook.cells.append(v4.new_markdown_cell(text))
    page = render(notebook, title="T")
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(set(ids)) == len(ids)
    assert all(ids)
    assert {"A", "A-2", "A-3", "x2", "section", "section-2", "content-2"} <= set(ids)
    links = re.findall(r'<li><a href="#([^"]*)">', page)
    assert set(links) <= set(ids)


def test_a_raw_cell_is_shown_as_it_is(make):
    notebook = make.executed([])
    notebook.cells += [v4.new_raw_cell("raw <b> & $x$ \x1b[31mred"), v4.new_raw_cell("")]
    page = render(notebook, title="T")
    assert '<pre class="output" tabindex="0">raw &lt;b&gt; &amp; $x$ red</pre>' in page
    assert page.count('<pre class="output"') == 1


def test_a_wide_table_can_be_scrolled(make):
    notebook = make.executed([])
    notebook.cells.append(v4.new_markdown_cell("| a |\n|---|\n| b |"))
    assert '<div aria-label="Table" class="scroll" role="region" tabindex="0">' in render(
        notebook, title="T"
    )


def test_outputs_show_as_text_what_a_notebook_would_be_refused_for():
    assert markdown("a <script>b</script>") == "<p>a &lt;script&gt;b&lt;/script&gt;</p>\n"
    assert markdown("a <br> b") == "<p>a <br /> b</p>\n"
