"""An executed notebook as one HTML page that stands alone: no script, nothing from a network."""

import re
from functools import cache
from html import escape
from pathlib import Path

from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from normlab.report import ledger
from normlab.report.errors import BuildError, at
from normlab.report.markdown import Writer, markdown
from normlab.report.markup import check_markup, for_page
from normlab.report.outputs import (
    ids_of,
    mark_failure,
    numbered,
    only_shown,
    shown_outputs,
    with_regions,
)

_TEMPLATES = Path(__file__).with_name("templates")


@cache
def _stylesheet():
    light, dark = (
        HtmlFormatter(style=style, nobackground=True).get_style_defs(".highlight")
        for style in ("default", "github-dark")
    )
    dark = f"@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"
    return "\n".join([(_TEMPLATES / "style.css").read_text("utf-8"), light, dark])


@cache
def _exporter():
    return HTMLExporter(template_name="page", extra_template_basedirs=[str(_TEMPLATES)])


def render(
    notebook,
    *,
    title: str,
    name: str = "",
    short: str = "",
    answer: str = "",
    failure: str = "",
    folder: Path | None = None,
    **context,
) -> str:
    """The page of one executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
    title : str
    name : str
        Of the study; files of data beside the page begin with it. Without it the page stands
        alone, with no links to other files.
    short, answer : str
        The computed answer to the question in a sentence, and what follows it, Markdown; shown
        below the question.
    failure : str
        What went wrong; makes this a failure page, with a banner.
    folder : Path, optional
        Of the notebook, beside which its pictures lie.
    **context
        ``previous`` and ``next`` (page, title), ``provenance`` (list of label, text); the
        ``figure`` beside the answer, as SVG;
        ``changed`` and ``few``: values other than the published ones, and a warning.
    """
    with at(name):
        notebook = only_shown(notebook) if failure else shown_outputs(notebook)
        notebook = numbered(notebook, name)
        _write_markdown(notebook, folder, failure)
        with at("the answer"):
            short, answer = markdown(short), markdown(answer)
    page, _ = _exporter().from_notebook_node(
        notebook,
        resources={
            "normlab": {
                "title": title,
                "short": short,
                "answer": answer,
                "failure": failure,
                "failed_cell": bool(failure) and mark_failure(notebook, failure),
                "style": _stylesheet(),
                "contents": _contents(notebook),
                **context,
            }
        },
    )
    return for_page(page)


def render_site(**context) -> str:
    """The index page, from the template beside this module.

    ``pages`` lists what a study has: name, title, question, results, its figure as ``svg``, and
    perhaps ``files`` of data and whether it is ``stale``; ``studies`` also lists those without,
    perhaps with what is ``damaged`` there. ``versions`` of normlab made them.
    """
    for page in context["pages"]:
        try:
            check_markup(page["svg"], "SVG")
        except BuildError as error:
            raise BuildError(f"{page['name']}.svg: {error}, then build the page again") from error
    found = ledger.entries(context["pages"])
    return _fill(
        "site.html.j2",
        context | {"ledger": found, "summary": ledger.summary(found)},
    )


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
    return for_page(text)


def _write_markdown(notebook, folder, failure):
    """Put the HTML of all Markdown into the metadata of its cell or output, for the template."""
    writer = Writer(folder, ids_of(notebook))

    def put(part, source, attachments=None):
        try:
            part.metadata["html"] = with_regions(writer.html(source, attachments))
        except BuildError:
            if not failure:  # the page of a failure shows how it was written
                raise
            part.metadata["html"] = f"<pre>{escape(source)}</pre>"

    for number, cell in enumerate(notebook.cells, start=1):
        with at(f"cell {number}"):
            if cell.cell_type == "markdown":
                put(cell, cell.source, cell.get("attachments"))
            for output in cell.get("outputs", ()):
                if "text/markdown" in output.get("data", {}):
                    put(output, output.data["text/markdown"])


def _contents(notebook):
    """(anchor, heading) of each second-level heading, for the table of contents."""
    prose = "".join(cell.metadata.get("html", "") for cell in notebook.cells)
    found = re.findall(r'<h2 id="([^"]+)"[^>]*>(.*?)</h2>', prose, re.S)
    return [
        (anchor, re.sub(r"</?a\b[^>]*>| id=\"[^\"]*\"", "", heading)) for anchor, heading in found
    ]
