"""The experiments on invariance, beside formulas and programs that are written otherwise."""

import numpy as np
import pytest

from normlab.experiments import invariances, invariant_training


def test_the_changes_are_named_in_order():
    found = np.array(invariances.changes(0)["change"])
    assert found.shape == (len(invariances.NORMS), len(invariances.CHANGES))
    batch, weight = found[:2]
    assert batch[0] < 1e-12 < batch[1]
    assert weight[3] == pytest.approx(9)  # ten times the data, ten times the output


def test_identities_hold_and_are_not_trivial():
    found = invariances.identities(3)
    assert max(found[name] for name in ("eps", "rows", "length")) < 1e-12
    assert 0.5 < found["outlier"] <= 1 + 1e-12


def test_a_batch_of_two_lets_through_what_the_formula_says():
    found = invariances.batch_of_two(1)
    expected = 1e-5 / (found["h"] ** 2 + 1e-5)
    np.testing.assert_allclose(found["passed"], expected, rtol=1e-6)


@pytest.mark.parametrize("points", [(0, 1, 2, 3), (2, 3, 0, 1)])
def test_lines_that_cross_are_told_from_those_that_do_not(points):
    square = np.array([[0.0, 0], [1, 1], [0, 1], [1, 0]])
    assert invariances._meet(*square[list(points)])
    apart = square + np.array([[0, 0], [0, 0], [5, 5], [5, 5]])
    assert not invariances._meet(*apart[list(points)])


def test_layer_norm_of_two_neurons_and_batch_norm_part_nothing():
    assert invariances.xor(0, "layernorm", 4, draws=10)["parted"] == 1
    assert invariances.xor(0, "batchnorm", 4, draws=10)["parted"] == 0


def test_decay_is_a_growing_rate():
    found = invariant_training.decay_and_rate(0, steps=60)
    np.testing.assert_allclose(found["loss"], found["loss_growing"], atol=1e-10)
    assert found["norm_growing"][-1] > found["norm"][-1]
    ratios = found["rate_growing"][1:] / found["rate_growing"][:-1]
    np.testing.assert_allclose(ratios, (1 - 0.1 * 0.1) ** -2)
    assert np.abs(found["loss"] - found["loss_without"]).max() > 1e-3


def test_a_scale_with_its_rate_is_no_scale():
    one, ten = (invariant_training.scale_and_rate(0, a, steps=60) for a in (1.0, 10.0))
    np.testing.assert_allclose(ten["matched"], one["plain"], atol=1e-10)
    assert np.abs(ten["plain"] - one["plain"]).max() > 1e-2


def test_biases_are_inert_and_walk_in_single_precision():
    found = invariant_training.inert_bias(0, steps=60)
    assert found["difference"] < 1e-12
    assert found["walk"] > 1e6 * found["walk_double"]
