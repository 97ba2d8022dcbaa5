import numpy as np
import pytest
from scipy import stats

from normlab.stats.claims import Bound, Effect, holm, judge, paired_p_values

SEEDS = 10
SPREAD = np.linspace(-1, 1, SEEDS)  # mean zero


def effect(mean, spread=0.01, name="claim", **more):
    return Effect(name, "An effect is there.", mean + spread * SPREAD, **more)


def states(claims, **more):
    return [verdict.state for verdict in judge(claims, **more)]


def test_holm_by_hand():
    # sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: 0.02, 0.03, 0.06, 0.04 -> 0.06
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_holm_stays_at_most_one_and_leaves_a_single_p_alone():
    np.testing.assert_allclose(holm([0.9, 0.5]), [1, 1])
    np.testing.assert_allclose(holm([0.04]), [0.04])


def test_p_values_are_those_of_a_one_sided_paired_t_test():
    ours, theirs = np.random.default_rng(0).normal(size=(2, 8))
    expected = stats.ttest_rel(ours, theirs + 0.1, alternative="greater").pvalue
    larger, smaller = paired_p_values(ours - theirs, 0.1)
    assert larger == pytest.approx(expected)
    assert smaller == pytest.approx(1 - expected)


@pytest.mark.parametrize(
    ("mean", "smallest", "state"),
    [
        (0.05, 0.0, "supported"),
        (-0.05, 0.0, "refuted"),
        (0.001, 0.0, "inconclusive"),
        (0.05, 0.1, "refuted"),  # there, but smaller than what is of interest
        (0.10, 0.1, "inconclusive"),
        (-0.05, -0.1, "supported"),
    ],
)
def test_state_of_a_claim(mean, smallest, state):
    assert states([effect(mean, smallest=smallest)]) == [state]


def test_a_larger_alpha_decides_more():
    claim = effect(0.003)
    p = paired_p_values(claim.effects, 0)[0]
    assert 0.05 < p < 0.2
    assert states([claim]) == ["inconclusive"]
    assert states([claim], alpha=0.2) == ["supported"]


def test_the_verdict_carries_p_of_the_side_that_was_decided():
    (supported,), (refuted,) = judge([effect(0.05)]), judge([effect(-0.05)])
    assert supported.p < 0.05
    assert refuted.p < 0.05
    assert supported.estimate == pytest.approx(0.05)
    assert refuted.hedges_g == pytest.approx(-supported.hedges_g)


def test_holm_counts_every_claim_of_the_family():
    claim = effect(0.006)
    assert 0.05 / 20 < paired_p_values(claim.effects, 0)[0] < 0.05
    noise = [effect(0, name=f"noise-{number}") for number in range(19)]
    assert states([claim]) == ["supported"]
    assert states([claim, *noise]) == ["inconclusive"] * 20


def test_bounds_do_not_count_in_the_family():
    claim = effect(0.006)
    bounds = [Bound(f"bound-{number}", "It is small.", 0.5, 1) for number in range(19)]
    assert states([*bounds, claim])[-1] == "supported"


@pytest.mark.parametrize(
    ("value", "state"), [(0.02, "supported"), (-0.02, "refuted"), (0.0, "inconclusive")]
)
def test_effects_without_spread(value, state):
    (verdict,) = judge([Effect("same", "All seeds agree.", np.full(5, value))])
    assert verdict.state == state


def test_effects_without_spread_but_for_rounding():
    (verdict,) = judge([effect(0.001, spread=0, smallest=0.02)])
    assert verdict.state == "refuted"


def family(rng, size=5, mean=0.0):
    return [
        Effect(f"claim-{number}", "There is an effect.", rng.normal(mean, 1, SEEDS))
        for number in range(size)
    ]


def test_noise_is_seldom_called_an_effect():
    rng = np.random.default_rng(1)
    wrong = sum("supported" in states(family(rng)) for _ in range(400))
    assert wrong / 400 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)


def test_true_claims_are_seldom_refuted_and_mostly_supported():
    rng = np.random.default_rng(2)
    verdicts = np.array([states(family(rng, mean=1.5)) for _ in range(100)])
    assert not np.any(verdicts == "refuted")
    assert np.mean(verdicts == "supported") > 0.9


def test_all_errors_of_a_family_together_stay_at_alpha():
    rng = np.random.default_rng(1)
    wrong = sum(set(states(family(rng, size=2))) != {"inconclusive"} for _ in range(800))
    assert wrong / 800 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 800)


@pytest.mark.parametrize(
    ("value", "state"), [(0.5, "supported"), (1.0, "supported"), (1.01, "refuted")]
)
def test_bound(value, state):
    (verdict,) = judge([Bound("small", "It is small.", value, 1.0, source="us")])
    assert (verdict.state, verdict.estimate, verdict.source) == (state, value, "us")
    assert verdict.p is None
    assert verdict.evidence == f"{value:.2g}; limit 1"


def test_a_number_that_is_nan_keeps_no_bound():
    assert states([Bound("nan", "It is small.", float("nan"), 1.0)]) == ["refuted"]


def test_an_effect_that_is_nan_decides_nothing_and_does_not_help_others():
    unknown = Effect("unknown", "Who knows.", np.array([np.nan, 0.1, 0.2]))
    claim = effect(0.006)  # p is 0.01, and 0.02 in a family of two
    assert states([unknown, claim]) == ["inconclusive", "supported"]


def test_verdicts_come_in_the_order_of_the_claims():
    claims = [effect(1, name="b"), Bound("c", "", 2, 1), effect(-1, name="a")]
    verdicts = judge(claims)
    assert [verdict.name for verdict in verdicts] == ["b", "c", "a"]
    assert states(claims) == ["supported", "refuted", "refuted"]


def test_no_claims():
    assert judge([]) == []


def test_repeated_names_are_refused():
    with pytest.raises(ValueError, match=r"judge: claim names repeat.*give each a name of its own"):
        judge([effect(1, name="twice"), Bound("twice", "", 0, 1)])


def test_one_seed_is_refused():
    with pytest.raises(ValueError, match="seeds >= 2"):
        judge([Effect("lonely", "", np.array([0.1]))])


def test_evidence_is_in_points():
    (verdict,) = judge([Effect("gain", "", np.array([0.04, 0.05, 0.06]), smallest=0.02)])
    half = 100 * stats.t.ppf(0.975, 2) * 0.01 / np.sqrt(3)
    assert verdict.evidence == (
        f"+5.0 points (+{5 - half:.1f} to +{5 + half:.1f}, 3 seeds); asked for more than 2, "
        f"adjusted p = {verdict.p:.3f}"
    )


def test_evidence_in_another_unit_is_not_multiplied():
    (verdict,) = judge([Effect("width", "", np.array([1.0, 1.1, 1.2]), 1.0, "decades")])
    assert verdict.evidence.startswith("+1.10 decades (")
    assert verdict.evidence.endswith(f"asked for more than 1, adjusted p = {verdict.p:.3f}")


def test_evidence_of_nearly_all_points_is_readable():
    (verdict,) = judge([Effect("all", "", np.array([0.996, 0.997, 0.998]))])
    assert "e+" not in verdict.evidence
