from pathlib import Path

import pytest

from normlab.report.errors import BuildError
from normlab.report.parameter_cell import read_parameters
from normlab.report.parameter_file import read_values
from normlab.report.parameters import Parameter, assign, expand_profiles

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
    assert 10 <= parameters["seeds"].default <= 40
    for parameter in parameters.values():
        assert parameter.help, parameter.name
        assert type(parameter.default).__name__ == parameter.type


def test_real_notebooks_agree_on_names():
    values = assign(["seeds=3", "epochs=2"], {p.stem: read_parameters(p) for p in NOTEBOOKS})
    first, *rest = values.values()
    assert first == {"seeds": 3}  # gradient checks have no epochs
    assert rest[:3] == [{"seeds": 3, "epochs": 2}] * 3
    assert all(each["seeds"] == 3 for each in rest[3:])  # some count updates, or measure


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
        ("dims=[0x10, 1_0]", [16, 10]),
        ("fast=true", True),
    ],
)
def test_a_value_of_the_right_type(assignment, value, parameters):
    (given,) = assign([assignment], {"toy": parameters})["toy"].values()
    assert given == value
    assert type(given) is type(value)


@pytest.mark.parametrize(
    "assignment",
    [
        "seeds=abc",
        "seeds=1.0",
        "seeds=",
        "seeds=True",
        "seeds=[1]",
        "seeds=__import__('os')",
        "rate=fast",
        "rate=inf",
        "rate=nan",
        "rate=1e999",
        "rate=True",
        "rate=",
        "fast=1",
        "fast=yes",
        "fast=TRUE",
        "seeds=010",
        "seeds=1:30",
        "seeds=1e3",
        "dims=100",
        "dims=(1, 2)",
        "dims=[1e999]",
        "dims=[[1e999]]",
        "dims=[x]",
        "dims=[1",
        "dims=[[1]]",
        "dims=[(1, 2)]",
        "dims=[None]",
    ],
)
def test_a_value_of_the_wrong_type_is_refused(assignment, parameters):
    name, _, text = assignment.partition("=")
    with pytest.raises(BuildError) as caught:
        assign([assignment], {"toy": parameters})
    (line,) = str(caught.value).splitlines()
    assert line == (
        f"parameter {name}: {text!r} is not of type {parameters[name].type}; "
        f"for example {name}={parameters[name].default}"
    )


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [
        ("[100, 100]", "[50.5]", None),
        ("[100, 100]", "['50']", None),
        ("[100, 100]", "[True]", None),
        ("[0.5]", "[1, 0.25]", [1.0, 0.25]),
        ("[0.5]", "['a']", None),
        ("[1, 0.5]", "[2]", [2.0]),
        ("['sgd']", "['adam']", ["adam"]),
        ("['sgd']", "[1]", None),
        ("['sgd', 1]", "[1, 'adam']", [1, "adam"]),
        ("[]", "[1, 'a', 0.5]", [1, "a", 0.5]),
    ],
)
def test_items_of_a_list_are_of_the_types_of_the_default(default, text, value, make, tmp_path):
    known = read_parameters(make.write(tmp_path / "toy.ipynb", parameters=f"a: list = {default}"))
    if value is None:
        with pytest.raises(BuildError, match=r"^parameter a: \S+ is not a list of "):
            known["a"].parse(text)
    else:
        given = known["a"].parse(text)
        assert given == value
        assert list(map(type, given)) == list(map(type, value))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"seeds=0x{'f' * 10000}", "is too large; for example seeds=10"),
        (f"seeds={2**63}", "is too large"),
        (f"seeds=-{2**63}", "is too large"),
        (f"seeds={'9' * 5000}", "is not of type int"),
        (f"seeds={'x' * 10000}", "is not of type int"),
        (f"dims=[{2**64}]", "is too large"),
        (f"dims={[1] * 1001}", "is longer than 1000; for example dims=[100, 100]"),
        (f"name={'x' * 1001}", "is longer than 1000; for example name=adam"),
        ("name=a\x1b[31m", "holds a sign that no page can show"),
        ("name=a\nb", "holds a sign that no page can show"),
        ("name=\udcff", "holds a sign that no page can show"),
        (f"{'x' * 10000}=1", "unknown parameter 'xxx"),
        ("x" * 10000, "expected name=value"),
    ],
    ids=lambda value: value[:20],
)
def test_a_value_of_any_size_is_refused_in_a_short_line(text, words, parameters):
    with pytest.raises(BuildError) as caught:
        assign([text], {"toy": parameters})
    assert words in str(caught.value)
    assert len(str(caught.value)) < 260


def test_a_name_may_be_typed_in_either_form_of_its_accents(make, tmp_path):
    source = "größe: int = 2  # of it\n_x: int = 1"
    known = read_parameters(make.write(tmp_path / "toy.ipynb", parameters=source))
    assert list(known) == ["größe", "_x"]
    assert assign(["gro\u0308ße=3"], {"toy": known}) == {"toy": {"größe": 3}}


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
        ('sizes=["5"]', "is not a list of int; for example sizes=[5, 50]"),
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


def test_a_profile_gives_way_to_what_is_typed(parameters, tmp_path):
    (tmp_path / "quick.yaml").write_text("seeds: 2\nother: 3\n", "utf-8")
    known = {"toy": parameters}
    assert expand_profiles(["seeds=5", "profile=quick"], tmp_path, known) == [
        ("seeds", "2"),
        "seeds=5",
    ]
    with pytest.raises(BuildError, match="unknown profile 'quik'; did you mean 'quick'"):
        expand_profiles(["profile=quik"], tmp_path, known)


def test_the_quick_profile_fits_the_real_notebooks():
    known = {path.stem: read_parameters(path) for path in NOTEBOOKS}
    pairs = read_values(NOTEBOOKS[0].parent / "quick.yaml")
    assert all(assign(pairs, known).values())
