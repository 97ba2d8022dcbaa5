"""Every wrong formula can be computed wherever it is tried, and is wrong somewhere."""

import numpy as np
import pytest

from normlab.check import mistakes
from normlab.check.assignment import check
from normlab.check.solution import Solution
from tests.check.test_mistakes import FILE


@pytest.fixture(scope="module")
def tried():
    """(function, output) -> (right output, what was given) of each comparison, by a spy."""
    seen = {}

    def spy(name, finding, got, expected, where, given):
        for output, right in expected.items():
            if right is not None:
                value = np.array(right)
                value.flat[0] = 0  # one formula, of dropout in test mode, looks where zeros are
                own = dict(vars(given), value=value, right=np.asarray(right))
                seen.setdefault((name, output), []).append((right, type(given)(**own)))

    own = Solution(FILE, FILE.read_bytes())
    with own, pytest.MonkeyPatch.context() as patch:
        for module in ("layers", "dropout", "losses", "rules"):
            patch.setattr(f"normlab.check.{module}.compare", spy)
        for name in {name for name, _ in mistakes.MISTAKES}:
            check(own, name)
    return seen


@pytest.mark.parametrize("key", mistakes.MISTAKES, ids=".".join)
def test_a_wrong_formula_is_wrong_somewhere(key, tried):
    for words, compute in mistakes.MISTAKES[key]:
        with np.errstate(all="ignore"):
            results = [(np.asarray(compute(given)), right) for right, given in tried[key]]
        fitting = [(wrong, right) for wrong, right in results if wrong.shape == np.shape(right)]
        assert fitting, words
        assert any(not mistakes._same(wrong, np.asarray(right)) for wrong, right in fitting), words
