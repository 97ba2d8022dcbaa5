import nbformat
import pytest
from nbformat import v4

from normlab.report.errors import BuildError
from normlab.report.parameter_cell import read_parameters


@pytest.fixture
def read(make, tmp_path):
    """The parameters of a notebook with this parameters cell."""
    return lambda source: read_parameters(make.write(tmp_path / "toy.ipynb", parameters=source))


@pytest.mark.parametrize(
    ("line", "default", "about"),
    [
        ("a: float = 0.01  # a = 0.01 is usual (0 or more)", 0.01, "a = 0.01 is usual (0 or more)"),
        ('a: str = "x=y"  # a text', "x=y", "a text"),
        ('a: str = "a#b"  # a # in it', "a#b", "a # in it"),
        ("a: str = 'it''s' # text", "its", "text"),
        ("a: int = 1_000 #no blank", 1000, "no blank"),
        ("a: int=-0x10", -16, ""),
        ("a : int = 2;  # with a semicolon", 2, "with a semicolon"),
        ("a: int = 2  # type: int", 2, "type: int"),
        ("a: int = (2)  # in brackets", 2, "in brackets"),
        ("a: list = [1,  # one\n          2]  # and two", [1, 2], "one and two"),
        ("a: list = []  # none", [], "none"),
        ('a: str = """two\nlines""".strip()  # no', None, ""),
        ("# before\n\na: int = 2  # after\n# and below", 2, "after"),
        ("a: int = 2\r\n# b: int = 3", 2, ""),
        ("a: bool = True  # größer, 日本", True, "größer, 日本"),
    ],
)
def test_a_line_of_python(line, default, about, read):
    if default is None:
        with pytest.raises(BuildError, match=r"^toy\.ipynb: cell 2, line 1: parameter a: "):
            read(line)
        return
    (parameter,) = read(line).values()
    assert (parameter.name, parameter.default, parameter.help) == ("a", default, about)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a: int | None = None", "parameter a has type 'int | None'; annotate it as one of int"),
        ("dims: list[int] = [1]", "parameter dims has type 'list[int]'; annotate it as one of int"),
        ("a: 'int' = 1", "parameter a has type \"'int'\"; annotate"),
        ("a: dict = {}", "parameter a has type 'dict'; annotate it as one of"),
        ("a = 10  # runs", "parameter a has no type; annotate it as one of int, float"),
        ("a = 10  # type: int", "parameter a has no type; annotate it"),
        ("a: int  # runs", "parameter a has no value; write `name: type = value  # help`"),
        ("a: int = 1; b: int = 2", "two parameters in one line; give each a line of its own"),
        ("a: list = [1,\n 2]; b: int = 2", "two parameters in one line"),
        ("a, b = 1, 2", "'a, b = 1, 2' is no parameter; write `name: type"),
        ("a = b = 1", "'a = b = 1' is no parameter"),
        ("epochs += 1", "'epochs += 1' is no parameter"),
        ("(a): int = 1", "'(a): int = 1' is no parameter"),
        ("a.b: int = 1", "'a.b: int = 1' is no parameter"),
        ("import os", "'import os' is no parameter"),
        ("print('\x1b[31m')", "is no parameter"),
        ("'a text'", "is no parameter"),
        ("if True:\n    a: int = 1", "'if True:' is no parameter"),
        ("del epochs", "'del epochs' is no parameter"),
        ("epochs: int = 3", "parameter epochs is there already"),
        ("a: int = 10 ** 3", "parameter a: 'a: int = 10 ** 3' gives no plain int; write the value"),
        ("a: int = epochs", "gives no plain int"),
        ("a: int = 1.5", "gives no plain int"),
        ("a: float = 1", "gives no plain float; write 1.0"),
        ("a: str = f'{1}'", "gives no plain str"),
        ("a: str = b'x'", "gives no plain str"),
        ("a: list = (1, 2)", "gives no plain list"),
        ("a: list = [i for i in (1, 2)]", "gives no plain list"),
        ("a: list = [[1]]", "[[1]] is not of type list"),
        ("a: float = 1e999", "inf is not of type float; write another default"),
        (f"a: int = 0x{'f' * 9999}", "a number of thousands of digits is too large"),
        (f"a: int = {'9' * 9999}", "not Python (Exceeds the limit"),
        (f"a: int = {'(' * 300}1{')' * 300}", "not Python (too many nested parentheses"),
        ("%time", "not Python (invalid syntax); write"),
        ("  a: int = 1", "not Python (unexpected indent)"),
        ("a: int = \\", "not Python ("),
        ("a: int = 1  # seeds (2 or more)", "parameter a: 1 is not allowed; expected 2 or more"),
        ("a: float = 2.0  # (0 to 1)", "parameter a: 2.0 is not allowed; expected 0 to 1"),
        ("a: float = 2.0  # (5 to 1)", "parameter a: 2.0 is not allowed; expected 5 to 1"),
        ("a: str = 'x'  # (one of y, z)", "parameter a: 'x' is not allowed; expected one of y, z"),
        ("a: str = 'x'  # (2 or more)", "parameter a: 'x' is not allowed; expected 2 or more"),
        ("a: int = 2  # (one of 1, 2)", "parameter a: 2 is not allowed"),
        ("a: list = []  # (2 or more)", "parameter a: the list is empty"),
        ("a: int = 2  # (2 or more).", "'(2 or more)' bounds nothing; end the help with one of"),
        ("a: int = 2  # (two or more)", "'(two or more)' bounds nothing"),
        ("a: int = 2  # (at least 2)", "'(at least 2)' bounds nothing"),
        ("a: int = 2  # (>= 2)", "'(>= 2)' bounds nothing"),
        ("a: int = 2  # (2 or more) (at most 9)", "'(2 or more)' bounds nothing"),
        ("a: int = 2  # (1 or more, whole)", "'(1 or more, whole)' bounds nothing"),
        ("a: str = 'y'  # (one of y, z) as in Y", "'(one of y, z)' bounds nothing"),
        ("a: str = '\\x1b[31m'", "holds a sign that no page can show"),
        ("a: str = 'x\\ny'", "'x\\ny' holds a sign that no page can show; write another default"),
        ("a: str = '\\ud800'", "holds a sign that no page can show"),
        (f"a: str = '{'x' * 1001}'", "is longer than 1000"),
        (f"a: list = {[1] * 1001}", "is longer than 1000"),
        ("a: int = 1\0", "not Python ("),
    ],
    ids=lambda value: value[:30],
)
def test_a_line_that_is_no_parameter_is_refused_by_its_number(line, words, read, recwarn):
    first = "# in lines\nepochs: int = 2  # passes\n\n"
    with pytest.raises(BuildError) as caught:
        read(first + line)
    number = 4 + ("2]; b" in line)
    if "Python" not in words:
        assert str(caught.value).startswith(f"toy.ipynb: cell 2, line {number}: ")
    assert str(caught.value).startswith("toy.ipynb: cell 2, line ")
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 330
    assert not recwarn


@pytest.mark.parametrize("source", [" ", "\n\n", "# seeds: int = 2", "pass", "..."])
def test_a_cell_without_parameters(source, read):
    with pytest.raises(BuildError, match=r"^toy\.ipynb: cell 2(, line 1:| is tagged 'parameters')"):
        read(source)


def test_the_tag(make, tmp_path):
    def write(*cells):
        path = tmp_path / "toy.ipynb"
        nbformat.write(v4.new_notebook(cells=list(cells)), path)
        return path

    code = v4.new_code_cell("a: int = 1", metadata={"tags": ["parameters"]})
    more = v4.new_code_cell("b: int = 1", metadata={"tags": ["other", "parameters"]})
    text = v4.new_markdown_cell("a: int = 1", metadata={"tags": ["parameters"]})
    with pytest.raises(BuildError, match=r"^toy\.ipynb: no cell is tagged 'parameters'; tag one$"):
        read_parameters(write(v4.new_code_cell("a: int = 1")))
    with pytest.raises(BuildError, match=r"^toy\.ipynb: cell 2 is tagged 'parameters', as cell 1"):
        read_parameters(write(code, more))
    with pytest.raises(BuildError, match=r"^toy\.ipynb: cell 1 is tagged .* but holds no code$"):
        read_parameters(write(text))
    assert list(read_parameters(write(v4.new_raw_cell(""), more))) == ["b"]
