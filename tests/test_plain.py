import doctest
import io

import pytest

from normlab import plain
from normlab.plain import Plain, printable, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("größer, 日本, Ёж, עברית, ‌نیم‌فاصله, e\u0301, 👩‍🔬, a\u00a0b", None),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("a\rb\x08\x00\x7f", r"a\rb\x08\x00\x7f"),
        ("\x9b31m\x85", r"\x9b31m\x85"),
        ("a\u202eb\u2066\u2028", r"a\u202eb\u2066\u2028"),
        ("a\udcff", r"a\udcff"),
        ("two\nlines\tand", r"two\nlines\tand"),
    ],
)
def test_printable(text, expected):
    assert printable(text) == (text if expected is None else expected)


def test_lines_stay_where_they_are_meant():
    assert printable("two\nlines\tand\r", lines=True) == "two\nlines\tand\\r"


def test_a_value_is_shown_in_short():
    assert shown("a\n") == r"'a\n'"
    assert shown([1] * 1000) == f"{str([1] * 1000)[:100]}..."
    assert shown(10**5000) == "a number of thousands of digits"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "größer, 日本 \\x1b[31m \\udcff\n"),
        ("latin-1", "größer, \\u65e5\\u672c \\x1b[31m \\udcff\n"),
        ("ascii", "gr\\xf6\\xdfer, \\u65e5\\u672c \\x1b[31m \\udcff\n"),
    ],
)
def test_a_stream_writes_what_its_encoding_has(encoding, expected):
    raw = io.BytesIO()
    stream = Plain(io.TextIOWrapper(raw, encoding, newline="\n"))
    print("größer, 日本 \x1b[31m \udcff", file=stream, flush=True)
    assert raw.getvalue().decode(encoding) == expected
    assert stream.encoding == encoding


def test_a_stream_of_texts():
    stream = io.StringIO()
    print("日本", file=Plain(stream))
    assert stream.getvalue() == "日本\n"


def test_the_example_of_the_docstring():
    assert doctest.testmod(plain).failed == 0
