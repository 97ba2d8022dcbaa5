"""Planted mistakes are recognized; a right solution is right, and so is its every part."""

from pathlib import Path

import pytest

from normlab.check import check_file
from normlab.check.assignment import CHECKS, check
from normlab.check.solution import Solution
from tests.check.mistakes import FORM, NAMED, NOTED, VARIANTS
from tests.check.test_images import CONV, GROUP, NORM, POOL

FILE = Path(__file__).with_name("solution.py")
RIGHT = FILE.read_text("utf-8") + CONV + POOL + NORM + GROUP


def planted(*replacements):
    """The text of the right solution, with replacements: (function, old text in it, new text)."""
    text = RIGHT
    for function, old, new in replacements:
        start = text.index(f"def {function}(")
        assert old in text[start:]
        text = text[:start] + text[start:].replace(old, new, 1)
    return text.encode()


@pytest.fixture(scope="module")
def found():
    """What is found of a function of the right solution with replacements."""
    with Solution(FILE, RIGHT.encode()) as solution:

        def find(name, *replacements):
            solution.load(planted(*replacements))
            return check(solution, name)

        yield find


@pytest.mark.parametrize("name", [name for name in CHECKS if f"def {name}(" in RIGHT])
def test_the_right_solution_is_right(name, found):
    finding = found(name)
    assert (finding.state, finding.notes) == ("right", [])
    assert finding.library < 1e-12
    assert finding.numerical is None or 0 < finding.numerical < 1e-6


@pytest.mark.parametrize(("name", "old", "new", "words"), NAMED)
def test_a_usual_mistake_is_named(name, old, new, words, found):
    finding = found(name, (name, old, new))
    assert finding.state == "WRONG"
    assert finding.library is None or finding.library > 1e-8
    if words:
        assert any(words in note for note in finding.notes), finding.notes
    else:
        assert "expected" in finding.notes[0]


@pytest.mark.parametrize(("name", "old", "new", "words"), FORM)
def test_a_mistake_of_form_is_told(name, old, new, words, found):
    finding = found(name, (name, old, new))
    assert finding.state in ("WRONG", "empty")
    assert words in finding.notes[0], finding.notes


@pytest.mark.parametrize(
    ("name", "old", "new", "words", "state"),
    [(*row, "right") for row in NOTED] + [(*row, "variant") for row in VARIANTS],
)
def test_what_is_no_mistake_is_noted(name, old, new, words, state, found):
    finding = found(name, (name, old, new))
    assert finding.state == state, finding.notes
    assert finding.is_right
    assert any(words in note for note in finding.notes), finding.notes


def test_the_dropout_of_2016_and_2017_is_one_where_there_is_no_layer_norm_yet(found, tmp_path):
    old = ("dropout_forward", "< p) / p", "< 1 - p) / (1 - p)")
    assert found("dropout_forward", old).state == "WRONG"
    text = planted(old).decode().replace("def layernorm_", "def other_")
    (tmp_path / "layers.py").write_text(text, "utf-8")
    findings = check_file(tmp_path / "layers.py", ["dropout_forward", "dropout_backward"]).findings
    assert [finding.state for finding in findings] == ["variant", "right"]
    assert "the dropout of 2016 and 2017" in findings[0].notes[0]


def test_a_t_that_starts_at_1_is_no_mistake_if_it_is_used_before_it_grows(found):
    late = '    config["t"] += 1\n    t = config["t"]\n', '    t = config["t"]\n'
    first = ("adam", 'config.setdefault("t", 0)', 'config.setdefault("t", 1)')
    finding = found("adam", first, ("adam", *late), ("adam", "    return next_w, config",
                    '    config["t"] += 1\n    return next_w, config'))  # fmt: skip
    assert finding.state == "WRONG"  # a t that is handed in counts the steps made


def test_every_wrong_output_is_told_with_its_cause(found):
    unshaped = ("affine_backward", ".reshape(x.shape)", "")
    halved = ("affine_backward", ".T.dot(dout)", ".T.dot(dout) / 2")
    finding = found("affine_backward", unshaped, halved)
    assert finding.notes == [
        "dx has shape (4, 6), expected (4, 2, 3) (x (4, 2, 3))",
        "dw[0, 0] is 0.403, expected 0.8059 (x (4, 2, 3))",
        "looks like a wrong factor: it is 0.5 times what is right",
    ]
    assert finding.library == pytest.approx(1 / 3)  # of dw: |1 - 1/2| / (1 + 1/2)
    assert finding.numerical == pytest.approx(1 / 3)


LEAKY = ("relu_forward", "np.maximum(0, x)", "np.where(x > 0, x, 0.01 * x)")


def test_a_gradient_of_a_wrong_forward_pass_is_right(found):
    leaky = ("relu_backward", "(x > 0)", "np.where(x > 0, 1, 0.01)")
    finding = found("relu_backward", LEAKY, leaky)
    assert finding.state == "right"
    assert finding.notes == ["the gradient of your own relu_forward, which is wrong itself"]


def test_a_gradient_that_fits_nothing_is_not_judged_before_its_forward_pass(found):
    finding = found("relu_backward", LEAKY)
    assert finding.state == "unclear"
    assert finding.notes == ["mend relu_forward first, whose cache it reads"]
