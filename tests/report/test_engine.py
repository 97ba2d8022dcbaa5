import pytest

from normlab.report.engine import _length


@pytest.mark.parametrize(
    ("content", "length"),
    [
        ("abc", 3),
        ({"ab": "cde"}, 5),
        ({"data": {"text/plain": "x" * 10}}, 24),
        (["ab", ["c"]], 3),
        ([0] * 1000, 1000),
        ({"a": None, "b": True}, 4),
    ],
)
def test_what_a_message_holds(content, length):
    assert _length(content) == length
