"""Colours that can be told apart and read, on white and on dark."""

import re

import pytest

from normlab.show import methods
from normlab.show.methods import GROUND, INK, LOOKS, SOFT, look, style_sheet

COLORS = {name: one.color for name, one in LOOKS.items()}
TEXT_COLORS = {name: one.text for name, one in LOOKS.items()}

DARK = dict(re.findall(r'"fill: (#\w+)"\]\{fill:(#\w+)', style_sheet()))


def luminance(color):
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("color", [INK, SOFT, *TEXT_COLORS.values()])
def test_text_can_be_read(color):
    assert contrast(color, GROUND) >= 4.5
    assert contrast(DARK[color], DARK[GROUND]) >= 4.5


@pytest.mark.parametrize("color", [c for name, c in COLORS.items() if name != "layernorm"])
def test_lines_can_be_seen(color):
    assert contrast(color, GROUND) >= 3
    assert contrast(DARK[color], DARK[GROUND]) >= 3


def test_the_orange_of_okabe_and_ito_stays_as_it_is():
    assert COLORS["layernorm"] not in DARK
    assert contrast(COLORS["layernorm"], DARK[GROUND]) >= 3


def test_no_two_colours_are_one():
    shown = [INK, SOFT, GROUND, *COLORS.values(), *TEXT_COLORS.values()]
    assert len(set(shown)) == len(shown)


def test_strokes_change_with_fills():
    strokes = re.findall(r'"stroke: (#\w+)"\]\{stroke:(#\w+)', style_sheet())
    assert dict(strokes) == DARK
    assert set(DARK) == set(methods._DARK)


def test_a_method_that_is_not_in_the_table_has_its_name_and_a_colour():
    assert look("mine") == LOOKS["other"]._replace(label="mine")
    assert look("batchnorm") is LOOKS["batchnorm"]
