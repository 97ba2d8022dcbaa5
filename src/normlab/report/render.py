"""An executed notebook as one HTML page that stands alone: no script, nothing from a network."""

import html
import re
from functools import cache
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

from normlab.report.errors import BuildError
from normlab.report.markup import check_markup, is_link, is_picture, printable

_TEMPLATES = Path(__file__).with_name("templates")
_BLOCK_END = "</math>\n"
_SHOWN = {"text/plain", "text/html", "text/markdown", "image/svg+xml"}


class _Renderer(IPythonRenderer):
    """Markdown in which TeX becomes MathML, so that formulas need no script."""

    def heading(self, text, level, **_):
        anchor = re.sub(r"[^\w]+", "-", html.unescape(re.sub(r"<[^>]+>", "", text))).strip("-")
        return f'<h{level} id="{html.escape(anchor)}">{text}</h{level}>\n'

    def paragraph(self, text):
        return (
            text if text.startswith("<math") and text.endswith(_BLOCK_END) else f"<p>{text}</p>\n"
        )

    def link(self, text, url, title=None):
        """Only a link that leads to a page; of others the words and the address."""
        if is_link(html.unescape(url)):
            return super().link(text, url, title)
        return f"{text} ({html.escape(html.unescape(url))})"

    def image(self, text, url, title=None):
        """Only a picture that is in the page itself; of others the words and the address."""
        if is_picture(url):
            return super().image(text, url, title)
        return f"{text} ({html.escape(html.unescape(url))})"

    def block_mermaidjs(self, code):
        return self.block_code(code)

    def block_math(self, body):
        return _mathml(body, "block") + "\n"

    def inline_math(self, body):
        return _mathml(body, "inline")


def _mathml(tex, display):
    """TeX as MathML; BuildError for what latex2mathml does not know or passes through as text."""
    from latex2mathml.converter import convert

    try:
        mathml = convert(tex.strip(), display=display)
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise BuildError(f"formula {tex.strip()!r}: {reason}; mend it") from error
    if unknown := re.search(r"\\[A-Za-z]+", re.sub(r"<annotation.*?</annotation>", "", mathml)):
        raise BuildError(
            f"formula {tex.strip()!r}: {unknown[0]} is not supported; write it otherwise"
        )
    mathml = re.sub(r"(?<=<mtext>).*?(?=</mtext>)", _escape_words, mathml, flags=re.S)
    try:
        return check_markup(mathml, "MathML")
    except BuildError as error:
        raise BuildError(f"formula {tex.strip()!r}: {error}") from error


def _escape_words(found):
    """Text within a formula, which latex2mathml escapes in part."""
    return html.escape(html.unescape(found[0]), quote=False)


def markdown(source: str) -> str:
    """Markdown as HTML, with MathML for ``$...$`` and ``$$...$$``; HTML in it is shown as text."""
    return MarkdownWithMath(renderer=_Renderer(escape=True)).render(source)


def check_markdown(path: Path) -> None:
    """Refuse a notebook with a formula that no page could show, before it is run."""
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1):
        if cell.cell_type == "markdown":
            try:
                markdown(cell.source)
            except BuildError as error:
                raise BuildError(f"{path.stem}: cell {number}: {error}") from error


@cache
def _stylesheet():
    colors = HtmlFormatter(style="default").get_style_defs(".highlight")
    return (_TEMPLATES / "style.css").read_text("utf-8") + colors


@cache
def _exporter():
    return HTMLExporter(
        template_name="page",
        extra_template_basedirs=[str(_TEMPLATES)],
        filters={"markdown2html": markdown},
    )


def render(notebook, *, title: str, answer: str = "", failure: str = "", **context) -> str:
    """The page of one executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
    title : str
        What the browser's tab shows.
    answer : str
        The computed answer to the question, Markdown; shown below the question.
    failure : str
        What went wrong; makes this a failure page, with a banner.
    **context
        ``previous`` and ``next`` (page, title), ``provenance`` (list of label, text).
    """
    if failure:
        _drop_what_is_not_shown(notebook)
    else:
        _check_outputs(notebook)
    page, _ = _exporter().from_notebook_node(
        notebook,
        resources={
            "normlab": {
                "title": title,
                "answer": markdown(answer),
                "failure": failure,
                "style": _stylesheet(),
                "contents": _contents(notebook),
                **context,
            }
        },
    )
    return printable(page)


def render_site(**context) -> str:
    """The index page, from the template beside this module.

    ``pages`` lists what a study has: name, title, question, results and its figure as ``svg``.
    """
    for page in context["pages"]:
        try:
            check_markup(page["svg"], "SVG")
        except BuildError as error:
            raise BuildError(f"{page['name']}.svg: {error}, then build the page again") from error
    return _fill("site.html.j2", context)


def render_builds(**context) -> str:
    """The page that lists builds side by side, from the template beside this module."""
    return _fill("builds.html.j2", context)


def _fill(template, context):
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("normlab.report", "templates"), autoescape=True, trim_blocks=True
    )
    environment.filters["markdown"] = markdown
    text = environment.get_template(template).render(style=_stylesheet(), **context)
    return printable(text)


def _check_outputs(notebook):
    """Refuse what a page would leave out or may not hold, and figures without words or name."""
    names = []
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            _check_markup_of(output.get("data", {}), number)
            shown = output.get("data", {"text/plain": ""}).keys()
            if shown - _SHOWN:
                raise BuildError(
                    f"cell {number}: a page shows no {', '.join(sorted(shown - _SHOWN))}; "
                    "use study.show or study.prose"
                )
            if "image/svg+xml" in shown:
                about = output.metadata.get("image/svg+xml", {})
                if not (about.get("alt") or "").strip():
                    raise BuildError(f"cell {number}: a figure has no alt text; use study.show")
                names.append(about.get("name"))
                if names.count(names[-1]) > 1:
                    raise BuildError(
                        f"cell {number}: two figures are named {names[-1]!r}; give each its own"
                    )


def _drop_what_is_not_shown(notebook):
    """Leave of each output what a page may show: a failure page shows all that it can."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in list(cell.get("outputs", ())):
            data = output.get("data", {"text/plain": ""})
            for kind in list(data):
                try:
                    _check_markup_of({kind: data[kind]}, number)
                    allowed = kind in _SHOWN
                except BuildError:
                    allowed = False
                if not allowed:
                    del data[kind]
            if not data:
                cell.outputs.remove(output)


def _check_markup_of(data, number):
    for mime, kind in (("text/html", "HTML"), ("image/svg+xml", "SVG")):
        try:
            check_markup(data.get(mime, ""), kind)
        except BuildError as error:
            raise BuildError(f"cell {number}: {error}") from error


def _contents(notebook):
    """(anchor, heading) of each second-level heading, for the table of contents."""
    prose = "".join(
        markdown(cell.source) for cell in notebook.cells if cell.cell_type == "markdown"
    )
    return re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', prose, re.S)
