"""Figures as SVG text: the same bytes at every build, light or dark as the reader's screen."""

import html
import io
import re

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from normlab.show.drawing import styled
from normlab.show.methods import style_sheet

_GEOMETRY = re.compile(r'\b(?:d|x|y|transform|width|height)="[^"]*"')
_PANEL = re.compile(r'^  <g id="[^"]*axes_\d+">\n.*?^  </g>\n', re.M | re.S)
_DEFINITIONS = re.compile(r"^ <defs>\n.*?^ </defs>\n", re.M | re.S)


@styled
def svg(figure: Figure, name: str, alt: str = "") -> str:
    """The figure as an SVG element; ids begin with ``name``, so that two fit on a page.

    It carries its own colours for a dark screen, and ``alt``, what it shows in words.
    """
    if layout := figure.get_layout_engine():
        layout.execute(figure)
        figure.set_layout_engine("none")  # the layout would move a little at each further draw
    buffer = io.StringIO()
    # `savefig` would draw twice.
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    FigureCanvasSVG(figure).print_svg(buffer, metadata=metadata)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r'<style type="text/css">', rf"\g<0>{style_sheet()}", text, count=1)
    text = re.sub(r"font-family: [^;\"]+;? ?", "", text)
    text = _GEOMETRY.sub(_rounded, text)
    for line, titles in getattr(figure, "titles", {}).items():
        text = _with_titles(text, line, titles)
    text = _without_idle_ids(text)
    label = f' role="img" aria-label="{html.escape(alt)}"' if alt else ""
    text = text.replace("<svg", f"<svg{label}", 1)
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)


def _with_titles(text, line, titles):
    """The markers of one line with what they tell to who points at them."""
    begin = text.index(f'<g id="{line}">')
    found = iter(titles)
    told = re.sub(
        r"<use ([^>]*)/>",
        lambda use: f"<use {use[1]}><title>{html.escape(next(found))}</title></use>",
        text[begin:],
        count=len(titles),
    )
    return text[:begin] + told


def panels(text: str, columns: int) -> list[str]:
    """The panels of a figure, an SVG element each, for pages that lay them out by their width.

    ``text`` is what `svg` returns for a figure whose panels fill a grid with so many ``columns``.
    They share definitions, so all have to be on one page.
    """
    found = _PANEL.findall(text)
    width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', text).groups())
    wide, high = width / columns, height / (len(found) // columns)
    definitions = "".join(_DEFINITIONS.findall(text))
    definitions, *found = (part.replace("xlink:href", "href") for part in (definitions, *found))
    return [
        f'<svg viewBox="{number % columns * wide:g} {number // columns * high:g} {wide:g} {high:g}"'
        f' aria-hidden="true">\n{definitions if number == 0 else ""}{panel}</svg>'
        for number, panel in enumerate(found)
    ]


def _without_idle_ids(text):
    """Only what something refers to, and the panels, keep their ids."""
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    return re.sub(
        r' id="([^"]+)"',
        lambda found: found[0] if found[1] in used or found[1].startswith("axes_") else "",
        text,
    )


def _rounded(attribute):
    """Coordinates to a hundredth of a point: less to load, and nothing that an eye could see."""
    return re.sub(
        r"-?\d+\.\d{3,}",
        lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."),
        attribute[0],
    )
