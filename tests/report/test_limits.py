import pytest

from normlab.report.errors import BuildError
from normlab.report.limits import Limits


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timeout", 0),
        ("cell_timeout", -1.0),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("timeout", 1e10),
        ("max_output", 0.0),
        ("max_runs", 10**400),
    ],
)
def test_a_limit_that_is_none(name, value):
    option = "--" + name.replace("_", "-")
    with pytest.raises(
        BuildError, match=rf"^{option} .*: expected a number above 0, at most 1e\+09$"
    ):
        Limits()._replace(**{name: value}).check()


def test_the_defaults_are_allowed():
    Limits().check()
