"""An executed notebook as one HTML page that stands alone: no script, nothing from a network."""

import re
from functools import cache
from pathlib import Path

from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

from normlab.report.errors import BuildError

_TEMPLATES = Path(__file__).with_name("templates")


class _Renderer(IPythonRenderer):
    """Markdown in which TeX becomes MathML, so that formulas need no script."""

    def block_math(self, body):
        return f"<p>{_mathml(body, 'block')}</p>\n"

    def inline_math(self, body):
        return _mathml(body, "inline")


def _mathml(tex, display):
    from latex2mathml.converter import convert

    mathml = convert(tex.strip(), display=display)
    unknown = re.search(r"\\[A-Za-z]+", re.sub(r"<annotation.*?</annotation>", "", mathml))
    if unknown:
        raise BuildError(
            f"formula {tex.strip()!r}: {unknown[0]} is not supported; write it otherwise"
        )
    return mathml


def markdown(source: str) -> str:
    """Markdown as HTML, with MathML for ``$...$`` and ``$$...$$``."""
    return MarkdownWithMath(renderer=_Renderer(escape=False)).render(source)


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
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if "image/svg+xml" in output.get("data", {}) and not _alt(output):
                raise BuildError(f"cell {number}: a figure has no alt text; use study.show")
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
    return page


def render_site(**context) -> str:
    """The index page, from the template beside this module."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(
        loader=PackageLoader("normlab.report", "templates"), autoescape=True, trim_blocks=True
    )
    environment.filters["markdown"] = markdown
    return environment.get_template("site.html.j2").render(style=_stylesheet(), **context)


def _alt(output):
    return output.metadata.get("image/svg+xml", {}).get("alt")


def _contents(notebook):
    """(anchor, heading) of each second-level heading, for the table of contents."""
    prose = "".join(
        markdown(cell.source) for cell in notebook.cells if cell.cell_type == "markdown"
    )
    return re.findall(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', prose, re.S)
