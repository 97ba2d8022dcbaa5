"""Planted mistakes are recognized; a right solution is right, and so is its every part."""

from pathlib import Path

import pytest

from normlab.check.assignment import CHECKS, check
from normlab.check.solution import Solution
from tests.check.mistakes import FORM, NAMED

FILE = Path(__file__).with_name("solution.py")
RIGHT = FILE.read_text("utf-8")


def solution(function=None, old=None, new=None):
    """The right solution, or one with a replacement inside of one function."""
    text = RIGHT
    if function:
        start = text.index(f"def {function}(")
        assert old in text[start:]
        text = text[:start] + text[start:].replace(old, new, 1)
    namespace = {"__name__": "own"}
    exec(compile(text, str(FILE), "exec"), namespace)
    return Solution(FILE, namespace)


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_solution_is_right(name):
    finding = check(solution(), name)
    assert (finding.state, finding.notes) == ("right", [])
    assert finding.library < 1e-12
    assert finding.numerical is None or 0 < finding.numerical < 1e-6


@pytest.mark.parametrize(("name", "old", "new", "words"), NAMED)
def test_a_usual_mistake_is_named(name, old, new, words):
    finding = check(solution(name, old, new), name)
    assert finding.state == "WRONG"
    assert finding.library is None or finding.library > 1e-8
    if words:
        assert words in finding.notes[-1], finding.notes
    else:
        assert "expected" in finding.notes[0]


@pytest.mark.parametrize(("name", "old", "new", "words"), FORM)
def test_a_mistake_of_form_is_told(name, old, new, words):
    finding = check(solution(name, old, new), name)
    assert finding.state in ("WRONG", "empty")
    assert words in finding.notes[0], finding.notes
