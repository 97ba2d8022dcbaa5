import numpy as np
import pytest
from scipy import stats

from normlab.stats.intervals import (
    decades_that_train,
    he_scale,
    mean_interval,
    simultaneous_interval,
    updates_to_reach,
)


def test_interval_is_the_bootstrap_of_scipy():
    values = np.random.default_rng(0).beta(8, 2, size=9)
    _, low, high = mean_interval(values, 0.9)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=1999, confidence_level=0.9, rng=np.random.default_rng(0)
    ).confidence_interval
    assert (low, high) == pytest.approx(tuple(expected), rel=1e-4)


def test_interval_works_along_the_last_axis():
    values = np.random.default_rng(1).normal(size=(4, 3, 6))
    interval = mean_interval(values)
    assert interval.mean.shape == (4, 3)
    assert interval.low[2, 1] == pytest.approx(mean_interval(values[2, 1]).low)


@pytest.mark.parametrize("seeds", [2, 3, 10])
def test_intervals_stay_within_what_was_seen(seeds):
    values = np.random.default_rng(2).beta(9, 1, size=(50, seeds))
    interval = mean_interval(values)
    assert (interval.low >= values.min(axis=-1)).all()
    assert (interval.high <= values.max(axis=-1)).all()
    assert (interval.low < interval.mean).all()
    assert (interval.mean < interval.high).all()


def test_values_that_are_all_the_same_have_an_interval_without_width():
    assert mean_interval([0.3, 0.3, 0.3]) == (pytest.approx(0.3),) * 3
    mean, low, high = mean_interval(np.array([[0.5, 0.5], [np.nan, 1]]))
    assert (mean[0], low[0], high[0]) == (0.5, 0.5, 0.5)
    assert np.isnan([mean[1], low[1], high[1]]).all()


def test_the_interval_of_a_skewed_sample_is_skewed():
    values = np.array([1.0] * 8 + [0.9, 0.5])
    mean, low, high = mean_interval(values)
    assert high - mean < mean - low
    assert high <= 1


@pytest.mark.parametrize(("seeds", "least"), [(10, 0.88), (20, 0.91)])
def test_how_often_an_interval_covers_the_mean(seeds, least):
    values = np.random.default_rng(2).normal(3, 2, size=(2000, seeds))
    interval = mean_interval(values)
    covered = np.mean((interval.low <= 3) & (interval.high >= 3))
    assert least < covered < 0.96


def test_simultaneous_interval_by_hand():
    # mean 3, standard deviation sqrt(2.5), t(1 - 0.05 / 2 / 5, 4)
    mean, low, high = simultaneous_interval([1, 2, 3, 4, 5], tests=5)
    half = stats.t.ppf(1 - 0.005, 4) * np.sqrt(2.5 / 5)
    assert (mean, low, high) == pytest.approx((3, 3 - half, 3 + half))


@pytest.mark.slow
def test_intervals_of_one_page_hold_at_once():
    rng = np.random.default_rng(3)
    missed = 0
    for _ in range(1000):
        intervals = [simultaneous_interval(rng.normal(size=10), tests=8) for _ in range(8)]
        missed += any(low > 0 or high < 0 for _, low, high in intervals)
    assert 0.03 < missed / 1000 < 0.065


def test_two_seeds_decide_nothing():
    assert simultaneous_interval([0.5, 0.5], tests=1) == (0.5, -np.inf, np.inf)


def test_effects_without_spread():
    assert simultaneous_interval([0.5] * 4, tests=3) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("values", [3.0, [3.0], np.ones((5, 1)), []])
def test_interval_of_less_than_two_seeds_is_refused(values):
    with pytest.raises(ValueError, match=r"mean_interval: values has shape .* seeds >= 2"):
        mean_interval(values)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_level_outside_zero_to_one_is_refused(level):
    with pytest.raises(ValueError, match=r"mean_interval: level is .* between 0 and 1"):
        mean_interval([1, 2], level)


def test_decades_that_train():
    scales = np.logspace(-4, 0, 5)
    accuracy = np.array([[0.1, 0.9], [0.2, 0.9], [0.3, 0.9], [0.1, 0.9], [0.1, 0.9]])
    # the first seed trains at two of five scales, which are a decade apart
    np.testing.assert_allclose(decades_that_train(scales, accuracy, 0.2), [2, 5])


def test_one_scale_is_no_range():
    with pytest.raises(ValueError, match="decades_that_train: 1 scale; expected two or more"):
        decades_that_train([0.1], np.ones((1, 3)), 0.2)


def test_updates_to_reach_lie_between_evaluations():
    accuracy = [
        [0.1, 0.5, 0.9, 0.2],
        [0.1, 0.2, 0.3, 0.4],
        [0.6, 0.6, 0.6, 0.6],
        [0.2, 0.2, 0.6, 1],
    ]
    reached = updates_to_reach(accuracy, updates=[1, 10, 20, 40], target=[0.5, 0.5, 0.5, 0.5])
    np.testing.assert_allclose(reached, [10, 40, 1, 17.5])


def test_each_seed_has_a_target_of_its_own():
    accuracy = [[0.1, 0.5, 0.9]] * 2
    np.testing.assert_allclose(updates_to_reach(accuracy, [1, 2, 4], [0.1, 0.7]), [1, 3])


def test_he_scale_keeps_the_mean_square_through_relu_layers():
    rng = np.random.default_rng(4)
    assert he_scale(50) == pytest.approx(0.2)
    signal = rng.standard_normal((2000, 200))
    after = np.maximum(signal @ (he_scale(200) * rng.standard_normal((200, 200))), 0)
    again = np.maximum(after @ (he_scale(200) * rng.standard_normal((200, 200))), 0)
    assert np.mean(again**2) == pytest.approx(np.mean(after**2), rel=0.1)
