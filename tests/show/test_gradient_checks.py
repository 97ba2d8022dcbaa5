import numpy as np
import pytest

from normlab import nn
from normlab.experiments.gradient_checks import Check, all_checks, errors, errors_by_step
from normlab.nn.comparison import norm_error
from normlab.runs.experiments import Measured
from normlab.runs.trials import Outcome
from normlab.show.gradient_checks import gradient_errors, step_errors, step_table

X = np.random.default_rng(0).standard_normal((4, 3))
DOUT = np.random.default_rng(1).standard_normal((4, 3))


def measured(function, seeds, *arguments):
    """What `experiment` would give, computed here, so that what is planted here counts."""
    outcomes = np.empty(seeds, dtype=object)
    for seed in range(seeds):
        arrays = function(seed, *arguments).items()
        outcomes[seed] = Outcome(None, {name: np.asarray(value) for name, value in arrays})
    return Measured({}, tuple(range(seeds)), outcomes)


def cubes(analytic):
    """A check of the gradient of x^3."""
    return Check("cube", "x", lambda x: x**3, X, DOUT, analytic)


def test_a_right_gradient_has_a_small_error():
    check = cubes(DOUT * 3 * X**2)
    assert check.central_error(1e-5) < 1e-8
    assert check.complex_error() < 1e-14


def test_a_wrong_gradient_has_a_large_error():
    check = cubes(DOUT * 3 * X**2 * 1.01)
    assert check.central_error(1e-5) == pytest.approx(0.01, rel=1e-3)
    assert check.complex_error() == pytest.approx(0.01, rel=1e-6)


def test_one_wrong_entry_is_found():
    analytic = DOUT * 3 * X**2
    analytic[2, 1] += 1e-3
    assert cubes(analytic).complex_error() > 1e-5


def test_checks_leave_the_value_as_it_is():
    before = X.copy()
    cubes(X).central_error(1e-5)
    cubes(X).complex_error()
    np.testing.assert_array_equal(X, before)


def test_distance_by_hand():
    assert norm_error(np.array([3.0, 4.0]), np.array([3.0, 0.0])) == pytest.approx(4 / 3)
    assert norm_error(np.array([1e-6]), np.array([0.0])) == pytest.approx(1e-3)  # over 1e-3


def test_all_gradients_are_right():
    for check in all_checks(seed=11):
        assert check.complex_error() < 1e-12, (check.layer, check.gradient)
        assert check.central_error(1e-5) < 1e-6, (check.layer, check.gradient)


def test_every_parameter_of_a_batchnorm_net_is_checked():
    checked = {c.gradient for c in all_checks(0) if c.layer == "net, batchnorm"}
    norms = {f"{name}{i}" for name in ("gamma", "beta") for i in (1, 2)}
    assert checked == {f"{name}{i}" for name in "Wb" for i in (1, 2, 3)} | norms


def test_a_planted_error_shows_in_its_row_alone(monkeypatch):
    def dropout_backward(dout, cache):
        return nn.dropout_backward(dout, cache) * 1.001

    monkeypatch.setattr(nn.LAYERS["dropout"], "backwards", [dropout_backward])
    found = gradient_errors(measured(errors, 1, 1e-5))
    bad = [row[:2] for row in found.tables[0].rows if row[3] > 1e-10]
    assert bad == [("dropout", "x")]
    assert found.complex_step > 1e-10


@pytest.fixture(scope="module")
def two_draws():
    return measured(errors, 2, 1e-5)


def test_the_table_holds_the_largest_error_of_all_draws(two_draws):
    first = Measured({}, (0,), two_draws.results[:1])
    one, two = (gradient_errors(found).tables[0] for found in (first, two_draws))
    assert "2 random draws" in two.caption
    assert [row[:2] for row in one.rows] == [row[:2] for row in two.rows]
    for few, many in zip(one.rows, two.rows, strict=True):
        assert many[2] >= few[2]
        assert many[3] >= few[3]


def test_error_against_step():
    steps = [1e-12, 1e-5, 1e-1]
    found = step_errors(measured(errors_by_step, 2, steps))
    central, flat = found["central difference"], found["complex step"]
    assert central.shape == flat.shape == (3, 2)
    assert (central[1] < central[0]).all()  # rounding
    assert (central[1] < central[2]).all()  # truncation
    assert (flat == flat[0]).all()
    assert (flat < 1e-13).all()


def test_table_of_steps_holds_geometric_means():
    table = step_table(np.array([0.1, 0.2]), {"way": np.array([[1e-2, 1e-4], [1.0, 1.0]])})
    assert table.columns == ("step h", "way")
    assert table.rows[0] == pytest.approx((0.1, 1e-3))
    assert table.rows[1] == pytest.approx((0.2, 1.0))


def test_gradients_of_zero_are_told_apart(two_draws):
    found = gradient_errors(two_draws)
    usual, zero = found.tables
    assert (len(usual.rows), len(zero.rows)) == (found.number, found.number_of_zero)
    assert {row[1] for row in zero.rows} == {"b", "b1", "b2"}
    assert max(row[2] for row in zero.rows) == found.of_zero < 1e-14
    assert max(row[3] for row in usual.rows) == found.complex_step < 1e-13
