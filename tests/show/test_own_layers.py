"""A reader's own layers in a notebook."""

from pathlib import Path

from normlab import study

SOLUTION = Path(__file__).parents[1] / "check/solution.py"


def test_without_a_file_one_sentence_says_how(capsys):
    study.show_own_layers("")
    assert "-p solution=layers.py" in capsys.readouterr().out


def test_a_row_a_function():
    table = study.own_layers_table(str(SOLUTION))
    assert table.caption == "Your own layers: all 19 functions are right"
    assert set(table.column(1)) == {"right"}
    assert len(table.rows) == 19
