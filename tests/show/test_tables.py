import csv
import io
from xml.etree import ElementTree

import numpy as np
import pytest

from normlab.show.tables import Table, cell, csv_text
from normlab.stats.intervals import Interval, mean_interval

EVIL = "<script>alert('x')</script> & co"
TABLE = Table(EVIL, ("name", "<b>"), ((EVIL, 0.123456), ("two", 2)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.123"),
        (np.float32(0.5), "0.5"),
        (1234.5, "1.23\xa0×\xa010³"),
        (np.float64(1250), "1,250"),
        (1e-16, "10⁻¹⁶"),
        (0.0001373, "1.37\xa0×\xa010⁻⁴"),
        (-2e-05, "\N{MINUS SIGN}2\xa0×\xa010⁻⁵"),
        (float("nan"), "nan"),
        (42, "42"),
        (np.int64(7), "7"),
        ("a < b & c", "a &lt; b &amp; c"),
        (Interval(1.0, 0.5, 1.55555), "1.00 (0.500 to 1.56)"),
        (Interval(123.4, 0.79, 1e-9), "123 (0.790 to 1.00\xa0×\xa010⁻⁹)"),
        (mean_interval([2.0, 2.0]), "2.00"),
    ],
)
def test_cell(value, text):
    assert cell(value) == text


def test_table_is_escaped_html_with_headers():
    root = ElementTree.fromstring(TABLE.html())
    assert root.tag == "table"
    assert root.find("caption").text == EVIL
    assert [head.text for head in root.findall("thead/tr/th")] == ["name", "<b>"]
    assert [head.get("scope") for head in root.findall(".//th")] == ["col", "col", "row", "row"]
    first, second = root.findall("tbody/tr")
    assert (first.find("th").text, first.find("td").text) == (EVIL, "0.123")
    assert (second.find("th").text, second.find("td").text) == ("two", "2")


def test_table_as_text():
    assert TABLE.plain() == f"name\t<b>\n{EVIL}\t0.123\ntwo\t2"
    assert TABLE.column(1) == [0.123456, 2]


def test_csv_can_be_read_back():
    rows = [("a, b", 'c "d"\ne', 0.123456789, 1e-17, float("nan")), ("é", "", 10.0, -2.5, 3.0)]
    text = csv_text(("panel", "line", "x", "y", "z"), rows)
    assert text.startswith("panel,line,x,y,z\n")
    assert "\r" not in text
    _, first, second = csv.reader(io.StringIO(text))
    assert first == ["a, b", 'c "d"\ne', "0.123457", "1e-17", "nan"]
    assert second == ["é", "", "10", "-2.5", "3"]
