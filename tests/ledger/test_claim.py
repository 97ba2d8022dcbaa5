import numpy as np
import pytest

from normlab import ledger
from normlab.ledger import SOURCES, Claim, judge
from normlab.stats.rules import AtMost, MoreThan, Within

SEEDS = {
    "SCALES": 10,
    "BATCH_SIZES": 10,
    "CONVOLUTION": 10,
    "TWO_LAYERS": 10,
    "DEPTH": 40,
    "TRAINED": 24,
}  # 20 for others
FAMILIES = {
    name: (getattr(ledger, name), SEEDS.get(name, 20))
    for name in ledger.__all__
    if isinstance(getattr(ledger, name), tuple)
}
# Simulated pages take seconds each: one is tested at once, the others by CI.
NOISY = [
    pytest.param(name, marks=() if name == "DEEP" else pytest.mark.slow)
    for name in FAMILIES
    if name != "GRADIENTS"
]
TRIALS = 1000


def rules_of(family):
    """The rules with noise of a page, and its number of seeds."""
    claims, seeds = FAMILIES[family]
    return [c.rule for c in claims if not isinstance(c.rule, AtMost)], seeds


def size(rule):
    """What counts as large beside a rule: its margin, or 1 where that is zero."""
    return rule.margin or 1


def states(rules, draw):
    """The states of a page whose claims have effects ``draw(rule)``."""
    claims = [
        Claim(f"c{number}", "It is.", rule, lambda _, rule=rule: draw(rule))
        for number, rule in enumerate(rules)
    ]
    return [verdict.state for verdict in judge(claims).values()]


@pytest.mark.parametrize("family", FAMILIES)
def test_claims_are_sentences_with_names_of_their_own(family):
    claims, _ = FAMILIES[family]
    assert len({claim.name for claim in claims}) == len(claims)
    for claim in claims:
        assert claim.statement.endswith(".")
        assert "\n" not in claim.statement
        if not isinstance(claim.rule, AtMost):
            assert any(letter.isdigit() for letter in claim.statement) or any(
                word in claim.statement for word in ("half", "third", "tenth", "two")
            ), f"{claim.name}: no margin in its words"


@pytest.mark.parametrize("family", NOISY)
def test_no_effect_is_seldom_called_supported(family):
    """At most in 6.5 % of pages is any claim of more than its margin supported by noise."""
    rules, seeds = rules_of(family)
    rng, wrong = np.random.default_rng(1), 0
    for _ in range(TRIALS):
        found = states(rules, lambda r: rng.normal(r.margin - size(r), size(r) / 2, seeds))
        pairs = zip(rules, found, strict=True)
        wrong += any(s == "supported" for rule, s in pairs if isinstance(rule, MoreThan))
    assert wrong / TRIALS <= 0.065


@pytest.mark.parametrize("family", NOISY)
def test_an_effect_at_the_margin_is_seldom_decided(family):
    """The worst case: each verdict but inconclusive would be wrong, on either side."""
    rules, seeds = rules_of(family)
    rng, wrong = np.random.default_rng(2), 0
    for _ in range(TRIALS):
        found = states(rules, lambda rule: rng.normal(rule.margin, size(rule) / 2, seeds))
        wrong += any(state != "inconclusive" for state in found)
    assert wrong / TRIALS <= 0.065


@pytest.mark.parametrize("family", NOISY)
def test_twice_the_margin_is_found(family):
    rules, seeds = rules_of(family)
    rng, found = np.random.default_rng(3), []
    for _ in range(200):
        found.append(states(rules, lambda r: rng.normal(r.margin + size(r), size(r) / 2, seeds)))
    for rule, column in zip(rules, np.transpose(found), strict=True):
        wanted = "supported" if isinstance(rule, MoreThan) else "refuted"
        assert np.mean(column == wanted) >= 0.8, rule


@pytest.mark.parametrize("family", NOISY)
def test_equivalence_is_found(family):
    rules, seeds = rules_of(family)
    rng, found = np.random.default_rng(4), []
    for _ in range(200):
        found.append(states(rules, lambda r: rng.normal(r.margin - size(r), size(r) / 2, seeds)))
    for rule, column in zip(rules, np.transpose(found), strict=True):
        named = {Within: "supported"}.get(type(rule)) or (
            "equivalent" if rule.equivalence else "refuted"
        )
        assert np.mean(column == named) >= 0.8, rule


@pytest.mark.parametrize("family", NOISY)
def test_no_verdict_is_out_of_reach(family):
    rules, seeds = rules_of(family)
    spread = np.linspace(-1, 1, seeds)
    reached = {
        state: states(rules, lambda r, m=mean, s=width: r.margin + size(r) * (m - 1 + s * spread))
        for state, mean, width in (
            ("above", 3, 0.1),
            ("within", 0, 0.1),
            ("below", -3, 0.1),
            ("open", 1, 1),
        )
    }
    for number, rule in enumerate(rules):
        found = {state: names[number] for state, names in reached.items()}
        if isinstance(rule, Within):
            wanted = ("refuted", "supported", "refuted", "inconclusive")
        elif rule.equivalence:
            wanted = ("supported", "equivalent", "refuted", "inconclusive")
        else:
            wanted = ("supported", "refuted", "refuted", "inconclusive")
        assert tuple(found.values()) == wanted, rule


def claim(name="c", effects=(0.05, 0.06, 0.05, 0.06), rule=None, **more):
    rule = rule or MoreThan(0.02)
    return Claim(name, "It gains {much}.", rule, lambda _: np.array(effects), **more)


def test_words_in_braces_are_those_of_the_results():
    assert judge([claim()], much="a lot")["c"].statement == "It gains a lot."


def test_numbers_without_noise_do_not_widen_the_intervals():
    alone = judge([claim()], much=1)["c"]
    bounds = [claim(f"b{n}", [0.5], AtMost(1)) for n in range(9)]
    assert judge([*bounds, claim()], much=1)["c"] == alone
    others = [claim(f"o{n}") for n in range(9)]
    wider = judge([*others, claim()], much=1)["c"]
    assert wider.low < alone.low < alone.mean < alone.high < wider.high


@pytest.mark.parametrize(
    ("expected", "effects", "words"),
    [
        ("yes", [0.05, 0.06, 0.05], "as predicted"),
        ("no", [0.05, 0.06, 0.05], "against the prediction"),
        ("no", [0.0, 0.001, 0.0], "as predicted"),
        ("yes", [-0.05, -0.06, -0.05], "against the prediction"),
        ("yes", [0.0, 0.05, 0.03], "not decided"),
        ("open", [0.05, 0.06, 0.05], "no prediction"),
    ],
)
def test_prediction_against_outcome(expected, effects, words):
    verdict = judge([claim(effects=effects, expected=expected)], much=1)["c"]
    assert verdict.as_expected == words


def test_a_verdict_says_one_of_three_things():
    three = ("yes", "no", "perhaps")
    assert judge([claim()], much=1)["c"].say(*three) == "yes"
    assert judge([claim(effects=[0, 0.001, 0])], much=1)["c"].say(*three) == "no"
    assert judge([claim(effects=[0, 0.05, 0.02])], much=1)["c"].say(*three) == "perhaps"


def test_a_claim_on_cells_holds_where_it_does_in_each():
    def state(*means, rule=Within(0.1, "")):  # noqa: B008
        cells = np.array(means)[:, None] + np.linspace(-0.01, 0.01, 8)
        return judge([Claim("c", "It is.", rule, lambda _: cells)])["c"]

    assert state(0, 0.02).state == "supported"
    assert state(0, 0.1).state == "inconclusive"
    assert state(0, 0.1, 0.3).state == "refuted"
    shown = state(0, -0.3, 0.1)
    assert shown.mean == pytest.approx(-0.3)
    assert len(shown.cells) == 3
    alone, among = state(0.02), state(0.02, 0)
    assert among.high - among.low > alone.high - alone.low  # both cells hold at once


def test_against_the_source_is_what_its_opposite_says():
    def against(effects, says):
        return judge([claim(effects=effects, says=says)], much=1)["c"].against_source

    assert not against((0.05, 0.06, 0.05), "yes")
    assert against((0.05, 0.06, 0.05), "no")
    assert against((0, 0.001, 0), "yes")
    assert not against((0, 0.05, 0.02), "yes")  # not decided
    assert not against((0.05, 0.06, 0.05), "open")


def test_names_that_repeat_are_refused():
    with pytest.raises(ValueError, match="judge: two claims are called 'c'; give each its own"):
        judge([claim(), claim()], much=1)


def test_a_claim_whose_source_or_prediction_is_unknown_is_refused():
    with pytest.raises(ValueError, match="c: no source is called 'nobody, section 3'"):
        claim(source="nobody, section 3")
    with pytest.raises(ValueError, match="c: expected is 'maybe'; choose from"):
        claim(expected="maybe")


def test_every_source_can_be_read_somewhere():
    for source in SOURCES.values():
        assert source.link.startswith("https://")
        assert source.short.split()[0] in source.full.replace(",", " ")
