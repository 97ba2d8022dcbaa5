"""The outputs of an executed notebook, made ready for its page: numbered, named, checked."""

import copy
import re
from collections import Counter
from urllib.parse import quote

import nbformat

from normlab.report.errors import BuildError, at
from normlab.report.markup import check_markup

_SHOWN = {"text/plain", "text/html", "text/markdown", "image/svg+xml"}
_TABLE = re.compile(r"<table\b.*?</table>", re.S)
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.S)


def shown_outputs(notebook):
    """Return a notebook all of whose outputs a page may hold, with words and names for figures.

    A BuildError names the cell and what is wrong with it.
    """
    names = []
    for number, cell in enumerate(notebook.cells, start=1):
        with at(f"cell {number}"):
            for output in cell.get("outputs", ()):
                _check_output(output)
                if "image/svg+xml" in output.get("data", {}):
                    names.append(_checked_name(output, names))
    # A page has them all, and one may refer to another.
    check_markup(
        "".join(text for output in _outputs(notebook) for text in _drawings(output)), "SVG"
    )
    return notebook


def _checked_name(output, names):
    """The name of a figure, which is not among ``names``."""
    about = output.metadata.get("image/svg+xml", {})
    if not (about.get("alt") or "").strip():
        raise BuildError("a figure has no alt text; use study.show")
    if (name := _slug(about.get("name"))) in names:
        raise BuildError(f"two figures are named {name!r}; give each its own")
    return name


def only_shown(notebook):
    """A copy with the outputs that a page may hold, and the plain text of the others."""
    notebook = copy.deepcopy(notebook)
    for output in _outputs(notebook):
        try:
            _check_output(output)
        except BuildError:
            output.data = {"text/plain": output.data.get("text/plain", "")}
    return notebook


def _check_output(output):
    data = output.get("data", {})
    check_markup(data.get("text/html", ""), "HTML")
    for text in _drawings(output):
        check_markup(text, "SVG")
    if unknown := data.keys() - _SHOWN:
        raise BuildError(
            f"a page shows no {', '.join(sorted(unknown))}; use study.show or study.prose"
        )


def _drawings(output):
    """The SVG of a figure as it is on a page: in panels, or whole."""
    whole = output.get("data", {}).get("image/svg+xml", "")
    return [whole, *_about_figure(output).get("panels", ())]


def data_files(notebook, page: str) -> dict[str, str]:
    """The files of numbers beside a page: name -> CSV, of figures and of claims."""
    outputs = list(_outputs(notebook))
    return {
        _file_name(page, about): about["csv"]
        for about in (*map(_about_figure, outputs), *map(_about_table, outputs))
        if about.get("csv")
    }


def numbered(notebook, page: str):
    """A copy of an executed notebook in which figures and tables know their place.

    Figures get number, anchor and, if there is a ``page``, the name of their data file; tables
    a region that scrolls by itself, and those in the open a number and an anchor.
    """
    notebook = copy.deepcopy(notebook)
    counts = Counter()
    for output in _outputs(notebook):
        if "image/svg+xml" in output.get("data", {}):
            about = output.metadata.setdefault("image/svg+xml", nbformat.NotebookNode())
            about.setdefault("alt", "A figure that nobody described")  # on a failure page
            counts["figure"] += 1
            about["number"] = counts["figure"]
            about["anchor"] = f"figure-{_slug(about.get('name') or counts['figure'])}"
            if page and about.get("csv"):
                about["file"] = _file_name(page, about)
        elif "text/html" in output.get("data", {}):
            about = _about_table(output)
            name = about.get("table")
            anchor = label = ""
            if name is not None:
                counts["table"] += 1
                anchor = f"table-{_slug(name or counts['table'])}"
                label = f'<a class="self" href="#{anchor}">Table {counts["table"]}.</a> '
            text = with_regions(output.data["text/html"], anchor, label)
            if page and about.get("csv"):
                file = quote(_file_name(page, about))
                text += f'\n<p><a class="data" href="{file}">Data of the claims as CSV</a></p>'
            output.data["text/html"] = text
    return notebook


def ids_of(notebook) -> set[str]:
    """The ids that a page has apart from its headings."""
    data = [output.get("data", {}) for output in _outputs(notebook)]
    markup = [part for each in data for part in (each.get("text/html"), each.get("image/svg+xml"))]
    figures = [about.get("anchor") for about in map(_about_figure, _outputs(notebook))]
    return {
        *("content", "error", "provenance", "all-code"),
        *(cell.get("id") for cell in notebook.cells),
        *filter(None, figures),
        *re.findall(r"""\bid=["']([^"']+)["']""", "".join(filter(None, markup))),
    }


def mark_failure(notebook, failure: str) -> bool:
    """Tag the cell that failed and those that did not run; False if no cell is to blame."""
    cells = notebook.cells
    number = next(
        (n for n, cell in enumerate(cells) if _has_error(cell)),
        int(match[1]) - 1 if (match := re.search(r"\bcell (\d+)\b", failure)) else len(cells),
    )
    if not 0 <= number < len(cells):
        return False
    cells[number].metadata["failed"] = True
    for cell in cells[number + 1 :]:
        cell.metadata["not_run"] = cell.get("execution_count") is None
    return True


def _has_error(cell):
    return any(output.output_type == "error" for output in cell.get("outputs", ()))


def _outputs(notebook):
    return (output for cell in notebook.cells for output in cell.get("outputs", ()))


def _about_figure(output):
    """What `study.show` says of a figure; nothing for other outputs."""
    if "image/svg+xml" not in output.get("data", {}):
        return {}
    return output.metadata.get("image/svg+xml", {})


def _about_table(output):
    """What `study.show_table` or `study.show_claims` says of a table."""
    return output.get("metadata", {}).get("text/html", {})


def _file_name(page, about):
    return f"{page}.{_slug(about['name'])}.csv"


def _slug(name):
    return re.sub(r"[^\w-]+", "-", str(name)).strip("-")


def with_regions(text, anchor="", label=""):
    """HTML whose tables can be scrolled, also by keyboard, each named by its caption."""

    def region(table):
        caption = _CAPTION.search(table[0])
        named = re.sub(r"<[^>]+>", "", caption[1]).replace('"', "&quot;") if caption else "Table"
        place = f' id="{anchor}"' if anchor else ""
        inner = _CAPTION.sub(lambda found: f"<caption>{label}{found[1]}</caption>", table[0])
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{named}"{place}>\n'
            f"{inner}\n</div>"
        )

    return _TABLE.sub(region, text)
