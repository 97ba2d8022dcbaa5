from pathlib import Path

import pytest

from normlab.report.errors import BuildError
from normlab.report.parameters import Parameter, assign, read_parameters

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
SOURCE = """\
seeds: int = 10  # runs of each network
rate: float = 1e-3  # step size
name: str = "adam"  # update rule
fast: bool = False  # skip the slow part
dims: list = [100, 100]  # widths
"""


@pytest.fixture
def parameters(make, tmp_path):
    return read_parameters(make.write(tmp_path / "toy.ipynb", parameters=SOURCE))


def test_names_types_defaults_and_help(parameters):
    assert list(parameters) == ["seeds", "rate", "name", "fast", "dims"]
    assert parameters["seeds"] == Parameter("seeds", "int", 10, "runs of each network")
    assert parameters["rate"] == Parameter("rate", "float", 0.001, "step size")
    assert parameters["dims"].default == [100, 100]
    assert parameters["fast"].default is False


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_parameters_of_the_real_notebooks(path):
    parameters = read_parameters(path)
    assert parameters["seeds"].default == 10
    for parameter in parameters.values():
        assert parameter.help, parameter.name
        assert type(parameter.default).__name__ == parameter.type


def test_real_notebooks_agree_on_names():
    values = assign(["seeds=3", "epochs=2"], {p.stem: read_parameters(p) for p in NOTEBOOKS})
    first, *rest = values.values()
    assert first == {"seeds": 3}  # gradient checks have no epochs
    assert rest == [{"seeds": 3, "epochs": 2}] * 3


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("seeds=3", 3),
        ("seeds= -3 ", -3),
        ("rate=0.5", 0.5),
        ("rate=1", 1.0),
        ("rate=1e-9", 1e-9),
        ("name=sgd", "sgd"),
        ("name=", ""),
        ("name=10", "10"),
        ("name=a=b", "a=b"),
        ("name=data/my set.npz", "data/my set.npz"),
        ("fast=True", True),
        ("dims=[5]", [5]),
        ("dims=[]", []),
        ('dims=["a", [1]]', ["a", [1]]),
    ],
)
def test_a_value_of_the_right_type(assignment, value, parameters):
    (given,) = assign([assignment], {"toy": parameters})["toy"].values()
    assert given == value
    assert type(given) is type(value)


@pytest.mark.parametrize(
    "assignment",
    [
        "seeds=abc", "seeds=1.0", "seeds=", "seeds=True", "seeds=[1]", "seeds=__import__('os')",
        "rate=fast", "rate=inf", "rate=nan", "rate=1e999", "rate=True", "rate=",
        "fast=1", "fast=yes", "fast=true",
        "dims=100", "dims=(1, 2)", "dims=[1e999]", "dims=[[1e999]]", "dims=[x]", "dims=[1",
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused(assignment, parameters):
    name, _, text = assignment.partition("=")
    with pytest.raises(BuildError) as caught:
        assign([assignment], {"toy": parameters})
    (line,) = str(caught.value).splitlines()
    assert line == (
        f"parameter {name}: {text!r} is not of type {parameters[name].type}; "
        f"for example {name}={parameters[name].default}"
    )


@pytest.mark.parametrize("text", ["seeds={[]: 1}", f"rate=1{'0' * 400}", f"seeds={'-' * 9999}1"])
def test_a_value_that_python_chokes_on_is_refused(text, parameters):
    with pytest.raises(BuildError, match="is not of type"):
        assign([text], {"toy": parameters})


def test_an_unknown_name_gets_the_nearest(parameters):
    with pytest.raises(BuildError, match="unknown parameter 'seed'; did you mean 'seeds'"):
        assign(["seed=3"], {"toy": parameters})


@pytest.mark.parametrize("assignment", ["seeds", "", "seeds:3"])
def test_a_missing_equals_sign(assignment, parameters):
    with pytest.raises(BuildError, match=f"-p {assignment}: expected name=value, for example"):
        assign([assignment], {"toy": parameters})


def test_names_are_identifiers_that_the_notebook_knows(parameters):
    with pytest.raises(BuildError, match="unknown parameter"):
        assign(["seeds\nimport os=3"], {"toy": parameters})


def test_a_value_equal_to_the_default_drops_out(parameters):
    assert assign(["seeds=10", "rate=0.001", "dims=[100, 100]"], {"toy": parameters}) == {"toy": {}}


def test_the_last_one_wins(parameters):
    assert assign(["seeds=3", "seeds=4"], {"toy": parameters}) == {"toy": {"seeds": 4}}
    assert assign(["seeds=3", "seeds=10"], {"toy": parameters}) == {"toy": {}}


def test_a_name_goes_to_the_notebooks_that_know_it(parameters):
    other = {"seeds": Parameter("seeds", "int", 3, "")}
    values = assign(["seeds=3", "name=sgd"], {"toy": parameters, "other": other})
    assert values == {"toy": {"seeds": 3, "name": "sgd"}, "other": {}}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "toy.ipynb: no cell is tagged 'parameters'; tag one"),
        ("seeds = 10  # runs", "toy.ipynb: parameter seeds has type 'None'; annotate it as one of"),
        ("seeds: set = 10  # runs", "parameter seeds has type 'set'; annotate it as one of int"),
    ],
)
def test_a_parameters_cell_that_says_too_little(source, message, make, tmp_path):
    with pytest.raises(BuildError, match=message):
        read_parameters(make.write(tmp_path / "toy.ipynb", parameters=source))


@pytest.mark.parametrize(
    "source",
    [
        "rate: float = 10 ** -3.5  # an expression",
        "seeds: int = 1.5  # of another type",
        'name: str = "a#b"  # papermill cuts at the first #',
    ],
)
def test_a_default_that_is_no_literal_of_its_type(source, make, tmp_path):
    with pytest.raises(BuildError, match=r"^toy.ipynb: parameter \w+"):
        read_parameters(make.write(tmp_path / "toy.ipynb", parameters=source))
