import re
from xml.etree import ElementTree

import pytest

from normlab.show import figures
from normlab.show.methods import GROUND, INK, LOOKS, SOFT, style_sheet
from normlab.show.svg import panels, svg

COLORS = {name: one.color for name, one in LOOKS.items()}
TEXT_COLORS = {name: one.text for name, one in LOOKS.items()}

SVG = "{http://www.w3.org/2000/svg}"
GRID = "#808080"  # half transparent, for both grounds


@pytest.fixture(scope="module")
def text(made_up):
    return svg(figures.training_curves(made_up(), 1000, 10), "curves", 'Three "lines" < four.')


def test_it_says_in_words_what_it_shows(text):
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Three "lines" < four.'


def test_it_has_no_metadata_and_its_own_colours_for_dark_screens(text):
    assert "<metadata" not in text
    assert text.count(style_sheet()) == 1


def test_all_its_colours_have_a_place_in_both_schemes(text):
    used = set(re.findall(r"(?:fill|stroke): (#\w+)", text))
    assert used >= {INK, SOFT, GROUND, COLORS["batchnorm"], TEXT_COLORS["batchnorm"]}
    assert used <= {INK, SOFT, GROUND, GRID, *COLORS.values(), *TEXT_COLORS.values()}
    shapes = re.findall(r'<(?:path|use|text)\b[^>]*?style="([^"]*)"', text)
    assert [style for style in shapes if not re.search(r"fill|stroke", style)] == []


def test_its_font_is_that_of_the_reader(text):
    assert "DejaVu" not in text


def test_coordinates_are_short(text):
    coordinates = re.findall(r'\b(?:d|x|y|transform)="([^"]*)"', text)
    assert coordinates
    assert not [c for c in coordinates if re.search(r"\.\d{3}", c)]


def test_only_ids_that_something_refers_to_are_there(text):
    ids = set(re.findall(r' id="([^"]+)"', text))
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text))
    assert ids - used == {"curves-axes_1", "curves-axes_2", "curves-axes_3"}


@pytest.mark.parametrize(
    ("make", "columns", "boxes"),
    [
        (
            lambda sweep: figures.training_curves(sweep, 1000, 10),
            3,
            ["0 0 252 194.4", "252 0 252 194.4", "504 0 252 194.4"],
        ),
        (
            figures.signals_by_depth,
            2,
            [f"{x} {y} 309.6 201.6" for y in (0, 201.6) for x in (0, 309.6)],
        ),
    ],
    ids=["a row", "two rows"],
)
def test_panels_are_pieces_of_the_figure(make, columns, boxes, made_up):
    whole = svg(make(made_up()), "name")
    pieces = panels(whole, columns)
    assert re.findall(r'viewBox="([^"]+)"', "".join(pieces)) == boxes
    together = ElementTree.fromstring(
        f'<div xmlns="http://www.w3.org/1999/xhtml" xmlns:xlink="x">{"".join(pieces)}</div>'
    )
    assert [piece.get("aria-hidden") for piece in together] == ["true"] * len(boxes)
    titles = re.findall(r">([^<]+ (?:loss|accuracy|training))</text>", whole)
    assert titles
    for title, piece in zip(titles, pieces, strict=True):
        assert title in piece
    joined = "".join(pieces)
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', joined))
    ids = re.findall(r' id="([^"]+)"', joined)
    assert used <= set(ids)
    assert len(set(ids)) == len(ids)
    assert joined.count(style_sheet()) == 1
