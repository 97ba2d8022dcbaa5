"""An executed notebook as one HTML page that stands alone: no script, nothing from a network."""

import re
from functools import cache
from pathlib import Path

from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from normlab.report.errors import BuildError
from normlab.report.markdown import markdown
from normlab.report.markup import check_markup, printable
from normlab.report.outputs import check_outputs, mark_failure, numbered, only_shown

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
    return HTMLExporter(
        template_name="page",
        extra_template_basedirs=[str(_TEMPLATES)],
        filters={"markdown2html": markdown},
    )


def render(
    notebook, *, title: str, name: str = "", answer: str = "", failure: str = "", **context
) -> str:
    """The page of one executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
    title : str
        What the browser's tab shows.
    name : str
        Of the study; files of data beside the page begin with it. Without it the page stands
        alone, with no links to other files.
    answer : str
        The computed answer to the question, Markdown; shown below the question.
    failure : str
        What went wrong; makes this a failure page, with a banner.
    **context
        ``previous`` and ``next`` (page, title), ``provenance`` (list of label, text);
        ``changed`` and ``few``: values other than the published ones, and a warning.
    """
    notebook = only_shown(notebook) if failure else check_outputs(notebook)
    notebook = numbered(notebook, name)
    page, _ = _exporter().from_notebook_node(
        notebook,
        resources={
            "normlab": {
                "title": title,
                "name": name,
                "answer": markdown(answer),
                "failure": failure,
                "failed_cell": bool(failure) and mark_failure(notebook, failure),
                "style": _stylesheet(),
                "contents": _contents(notebook),
                **context,
            }
        },
    )
    return printable(page)


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


def _contents(notebook):
    """(anchor, heading) of each second-level heading, for the table of contents."""
    prose = "".join(
        markdown(cell.source) for cell in notebook.cells if cell.cell_type == "markdown"
    )
    found = re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', prose, re.S)
    return [(anchor, re.sub(r"</?a\b[^>]*>", "", heading)) for anchor, heading in found]
