import numpy as np
import pytest
from scipy import stats

from normlab.stats.intervals import (
    decades_that_train,
    fraction_interval,
    fraction_to_reach,
    he_scale,
    hedges_g,
    interval_of,
    mean_interval,
    one_sided_p,
    possible_interval,
)


def test_interval_by_hand():
    # mean 3, standard deviation sqrt(2.5), t(0.975, 4) = 2.7764451
    mean, low, high = mean_interval([1, 2, 3, 4, 5])
    half = 2.7764451 * np.sqrt(2.5 / 5)
    assert (mean, low, high) == pytest.approx((3, 3 - half, 3 + half), rel=1e-7)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_interval_against_scipy_at_other_levels(level):
    values = np.random.default_rng(0).normal(size=7)
    _, low, high = mean_interval(values, level)
    expected = stats.t.interval(level, 6, loc=values.mean(), scale=stats.sem(values))
    assert (low, high) == pytest.approx(expected)


def test_interval_works_along_the_last_axis():
    values = np.random.default_rng(1).normal(size=(4, 3, 6))
    interval = mean_interval(values)
    assert interval.mean.shape == (4, 3)
    assert interval.low[2, 1] == pytest.approx(mean_interval(values[2, 1]).low)


def test_intervals_of_few_seeds_stay_within_what_is_possible():
    two = np.array([[0.4, 0.6], [0.98, 1.0], [np.nan, 0.5]])
    interval = fraction_interval(two)
    assert interval.mean[:2] == pytest.approx([0.5, 0.99])
    assert interval.low[:2] == pytest.approx([0, mean_interval(two[1]).low])
    assert list(interval.high[:2]) == [1, 1]
    assert np.isnan(interval.low[2])
    assert possible_interval([-0.9, 0.9], -1, 1) == (0, -1, 1)


def test_intervals_of_ten_seeds_are_those_of_the_t_distribution():
    values = np.array([1.0] * 9 + [0.9])
    assert fraction_interval(values) == mean_interval(values)
    assert fraction_interval(values).high > 1


def test_the_name_of_a_measure_tells_its_limits():
    values = np.array([0.0, 1.0])
    assert interval_of(values, "final_val_accuracy") == fraction_interval(values)
    assert interval_of(values, "final_loss") == mean_interval(values)
    assert interval_of(100 * values, "difference in points, 10 epochs").high == 100


@pytest.mark.parametrize(("seeds", "level"), [(2, 0.95), (5, 0.95), (10, 0.8)])
def test_interval_covers_the_mean_as_often_as_it_says(seeds, level):
    values = np.random.default_rng(2).normal(3, 2, size=(20_000, seeds))
    interval = mean_interval(values, level)
    covered = np.mean((interval.low <= 3) & (interval.high >= 3))
    assert covered == pytest.approx(level, abs=0.01)


@pytest.mark.parametrize("values", [3.0, [3.0], np.ones((5, 1)), []])
def test_interval_of_less_than_two_seeds_is_refused(values):
    with pytest.raises(ValueError, match=r"mean_interval: values has shape .* seeds >= 2"):
        mean_interval(values)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_level_outside_zero_to_one_is_refused(level):
    with pytest.raises(ValueError, match=r"mean_interval: level is .* between 0 and 1"):
        mean_interval([1, 2], level)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10, 33])
def test_interval_and_p_value_are_the_bits_of_scipy_stats(seeds):
    rng = np.random.default_rng(seeds)
    for _ in range(200):
        values = rng.normal(rng.normal(), rng.exponential(), size=seeds)
        assert one_sided_p(values) == stats.ttest_1samp(values, 0, alternative="greater").pvalue
        half = stats.t.ppf(0.975, seeds - 1) * values.std(ddof=1) / np.sqrt(seeds)
        assert mean_interval(values).high == values.mean() + half


def test_p_value_of_values_that_are_all_the_same():
    assert one_sided_p([0.5, 0.5, 0.5]) == 0
    assert one_sided_p([-0.5, -0.5, -0.5]) == 1


def test_hedges_g_by_hand():
    # mean 2, standard deviation 1; correction 1 - 3 / (4 * 2 - 1) = 4/7
    assert hedges_g([1, 2, 3]) == pytest.approx(2 * 4 / 7)
    assert hedges_g([-1, -2, -3]) == pytest.approx(-2 * 4 / 7)


def test_hedges_g_estimates_the_standardized_mean_without_bias():
    differences = np.random.default_rng(3).normal(0.8, 1, size=(20_000, 6))
    assert np.mean([hedges_g(row) for row in differences]) == pytest.approx(0.8, abs=0.02)


def test_hedges_g_without_spread_or_with_too_few_seeds():
    assert hedges_g([0.5] * 4) == np.inf
    assert hedges_g([-0.5] * 4) == -np.inf
    assert hedges_g([0, 0, 0]) == 0
    assert np.isnan(hedges_g([1, 2]))
    assert np.isnan(hedges_g([1]))


def test_decades_that_train():
    scales = np.logspace(-4, 0, 5)
    accuracy = np.array([[0.1, 0.9], [0.2, 0.9], [0.3, 0.9], [0.1, 0.9], [0.1, 0.9]])
    # of five scales over four decades the first seed trains at two: 2/5 of 4 decades
    np.testing.assert_allclose(decades_that_train(scales, accuracy, 0.2), [1.6, 4])


def test_one_scale_is_no_range():
    with pytest.raises(ValueError, match="decades_that_train: 1 scale; expected two or more"):
        decades_that_train([0.1], np.ones((1, 3)), 0.2)


def test_fraction_to_reach():
    accuracy = [[0.1, 0.5, 0.9, 0.2], [0.1, 0.2, 0.3, 0.4], [0.6, 0.6, 0.6, 0.6]]
    reached = fraction_to_reach(accuracy, updates=[1, 10, 20, 40], target=[0.5, 0.5, 0.5])
    np.testing.assert_allclose(reached, [10 / 40, 1, 1 / 40])


def test_each_seed_has_a_target_of_its_own():
    accuracy = [[0.1, 0.5, 0.9]] * 2
    np.testing.assert_allclose(fraction_to_reach(accuracy, [1, 2, 4], [0.1, 0.9]), [0.25, 1])


def test_he_scale_keeps_the_mean_square_through_relu_layers():
    rng = np.random.default_rng(4)
    assert he_scale(50) == pytest.approx(0.2)
    signal = rng.standard_normal((2000, 200))
    after = np.maximum(signal @ (he_scale(200) * rng.standard_normal((200, 200))), 0)
    again = np.maximum(after @ (he_scale(200) * rng.standard_normal((200, 200))), 0)
    assert np.mean(again**2) == pytest.approx(np.mean(after**2), rel=0.1)
