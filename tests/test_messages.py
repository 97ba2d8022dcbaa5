import doctest

import pytest

from normlab import messages
from normlab.messages import unknown_name


@pytest.mark.parametrize(
    ("name", "choices", "expected"),
    [
        ("adams", ["sgd", "adam"], "; did you mean 'adam'? (choose from adam, sgd)"),
        ("batch", ["batchnorm", "layernorm"], "; did you mean 'batchnorm'? (choose from"),
        ("x", ["sgd", "adam"], " (choose from adam, sgd)"),
        ("", ["a"], " (choose from a)"),
        ("a", [], " (choose from )"),
        (None, ["none"], "; did you mean 'none'?"),
        (3, {"b": 1, "a": 2}, " (choose from a, b)"),
        ("line\nbreak", ["a"], " (choose from a)"),
    ],
)
def test_unknown_name(name, choices, expected):
    line = unknown_name("thing", name, choices)
    assert line.startswith(f"unknown thing {name!r}{expected}")
    assert "\n" not in line


def test_a_generator_of_choices():
    assert unknown_name("x", "b", (c for c in "cab")).endswith("(choose from a, b, c)")


def test_the_example_of_the_docstring():
    assert doctest.testmod(messages).failed == 0
