from pathlib import Path

import pytest

from normlab.report.errors import BuildError
from normlab.report.parameters import (
    Parameter,
    assign,
    expand_profiles,
    read_parameters,
    read_values,
)

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
        ('dims=["a", 1]', ["a", 1]),
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
        "dims=[[1]]", "dims=[(1, 2)]", "dims=[None]",
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


BOUNDS = """\
seeds: int = 10  # runs (2 or more)
step: float = 0.1  # step (more than 0)
keep: float = 0.5  # share (0 to 1)
rule: str = "adam"  # how weights move (one of sgd, adam)
sizes: list = [5, 50]  # minibatches (2 or more)
"""


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("seeds=1", "'1' is not allowed; expected 2 or more"),
        ("step=0", "'0' is not allowed; expected more than 0"),
        ("step=-1e-9", "expected more than 0"),
        ("keep=1.5", "'1.5' is not allowed; expected 0 to 1"),
        ("keep=-0.1", "expected 0 to 1"),
        ("rule=adams", "'adams' is not allowed; expected one of sgd, adam"),
        ("rule=", "'' is not allowed"),
        ("sizes=[]", "parameter sizes: the list is empty; for example sizes="),
        ("sizes=[5, 1]", "'[5, 1]' is not allowed; expected 2 or more"),
        ('sizes=["5"]', "is not allowed; expected 2 or more"),
    ],
)
def test_a_value_out_of_bounds(assignment, words, make, tmp_path):
    known = read_parameters(make.write(tmp_path / "toy.ipynb", parameters=BOUNDS))
    with pytest.raises(BuildError) as caught:
        assign([assignment], {"toy": known})
    name = assignment.partition("=")[0]
    assert str(caught.value).startswith(f"parameter {name}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "assignment", ["seeds=2", "step=1e-9", "keep=0", "keep=1", "rule=sgd", "sizes=[2]"]
)
def test_a_value_at_the_bound_is_allowed(assignment, make, tmp_path):
    known = read_parameters(make.write(tmp_path / "toy.ipynb", parameters=BOUNDS))
    assert assign([assignment], {"toy": known})["toy"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_numbers_of_the_real_notebooks_have_bounds_and_keep_them(path):
    for parameter in read_parameters(path).values():
        assert parameter.type == "str" or parameter.help.endswith(")"), parameter.name
        assert parameter.check(parameter.default) == parameter.default


def test_values_of_a_file(parameters, tmp_path):
    path = tmp_path / "values.yaml"
    path.write_text("seeds: 3\nrate: 1e-3\nname: sgd\nfast: true\ndims: [1, 2]\n", "utf-8")
    values = assign([*read_values(path), "seeds=4"], {"toy": parameters})
    assert values == {"toy": {"seeds": 4, "name": "sgd", "fast": True, "dims": [1, 2]}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seeds: true", "parameter seeds: True is not of type int"),
        ("name: 10", "parameter name: 10 is not of type str"),
        ("rate: .nan", "parameter rate: nan is not of type float"),
        ("dims: [[1]]", "parameter dims: [[1]] is not of type list"),
        ("a: &a [1]\ndims: [*a, *a]", "unknown parameter 'a'"),
        ("12: 3", "unknown parameter 12"),
        ("sedes: 3", "unknown parameter 'sedes'; did you mean 'seeds'"),
    ],
)
def test_a_file_of_values_that_are_no_good(text, words, parameters, tmp_path):
    path = tmp_path / "values.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BuildError) as caught:
        assign(read_values(path), {"toy": parameters})
    assert words in str(caught.value)


def test_a_profile_gives_way_to_what_is_typed(parameters, tmp_path):
    (tmp_path / "quick.yaml").write_text("seeds: 2\nother: 3\n", "utf-8")
    known = {"toy": parameters}
    assert expand_profiles(["seeds=5", "profile=quick"], tmp_path, known) == [
        ("seeds", 2), "seeds=5",
    ]  # fmt: skip
    with pytest.raises(BuildError, match="unknown profile 'quik'; did you mean 'quick'"):
        expand_profiles(["profile=quik"], tmp_path, known)


def test_the_quick_profile_fits_the_real_notebooks():
    known = {path.stem: read_parameters(path) for path in NOTEBOOKS}
    pairs = read_values(NOTEBOOKS[0].parent / "quick.yaml")
    assert all(assign(pairs, known).values())
