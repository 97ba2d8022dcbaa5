"""A reader's own layers in a notebook."""

from pathlib import Path

import pytest

from normlab import study
from normlab.check import check_file
from normlab.show.own_layers import answer_for, own_layers_table

SOLUTION = Path(__file__).parents[1] / "check/solution.py"


def test_without_a_file_one_sentence_says_how(capsys):
    study.show_own_layers("")
    assert "-p solution=layers.py" in capsys.readouterr().out


@pytest.fixture(scope="module")
def checked():
    return check_file(str(SOLUTION))


def test_the_answer_of_a_page_is_for_the_file(checked):
    short, answer = answer_for(str(SOLUTION), checked)
    assert short == "No function in solution.py was found wrong."
    assert answer == "all 19 functions are right."


def test_the_answer_names_what_is_wrong(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def relu_forward(x):\n    return abs(x), x\n", "utf-8")
    short, answer = answer_for(str(path), check_file(str(path)))
    assert short == "1 function is wrong in mine.py."
    assert answer.startswith("`relu_forward`: ")


def test_a_row_a_function(checked):
    table = own_layers_table(checked)
    assert table.caption == "Your own layers: all 19 functions are right"
    assert set(table.column(1)) == {"right"}
    assert len(table.rows) == 19
