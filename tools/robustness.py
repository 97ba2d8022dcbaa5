"""Do the verdicts of the ledger hang on the draw of the seeds, or on the kind of the test?

`make robustness` writes docs/robustness.md. Runs are stored, so that a second time is quick.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from scipy.stats import permutation_test

from normlab.ledger.claim import state_of_all
from normlab.report import ledger
from normlab.report.build import build
from normlab.report.parameter_cell import read_parameters
from normlab.report.project import find_project
from normlab.stats.rules import MoreThan, Within
from normlab.terminal import Terminal

PAGE = Path(__file__).parents[1] / "docs/robustness.md"
FIRST = 1000
FLIPS = 99_999  # of signs, of more than 16 seeds
TEXT = """\
# How firm the verdicts are

`make robustness` writes this page.

## From other seeds

The pages that draw anything were built once more with `-p first_seed={first}`, so from as many
seeds of which none is the same. In the first such comparison nine verdicts differed; pages 07, 08
and 09 have had more seeds since, and the margins stayed as they were.

{seeds}
## By another test

A verdict is read off a t interval, which takes the mean over seeds to be normally distributed. The
sign-flip permutation test asks only that effects above and below the margin are equally likely
where the claim does not hold; it was made at the same level, divided by the number of intervals of
the page. With ten seeds it can hardly decide, since there are only 1,024 ways to flip the signs.

{test}"""


def main():
    """Build, compare, write the page; the exit code."""
    project = find_project()
    names = [p.stem for p in project.paths() if "first_seed" in read_parameters(p)]
    folder = project.root / "build/other-seeds"
    failed, _ = build(project, names, [f"first_seed={FIRST}"], folder, Terminal())
    if failed:
        return 1
    first = {e.id: e for e in ledger.published(project) if e.page in names}
    second = {e.id: e for e in ledger.published(project, folder)}
    flipped = {}
    for name in names:
        flipped |= by_sign_flips(project.reports / f"{name}.claims.csv", first)
    PAGE.write_text(page(first, second, flipped), "utf-8")
    print(PAGE.read_text("utf-8"))
    return 0


def by_sign_flips(path, entries):
    """The states of the noisy claims of a page by a sign-flip test: id -> state."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(f"{path.name[:2]}/{row['claim']}", row) for row in csv.DictReader(file)]
    rows = [(name, row) for name, row in rows if not entries[name].claim["exact"]]
    states = {}
    for name, row in rows:
        effects = [float(value) for key, value in row.items() if key.startswith("seed ") and value]
        state = _state(entries[name].claim, np.array(effects), ledger.LEVEL / len(rows) / 2)
        states.setdefault(name, []).append(state)
    return {name: state_of_all(each) for name, each in states.items()}


def _state(claim, effects, level):
    """What flips of signs say of a claim: on which side of either margin is the mean?"""

    def shown(side, value):
        found = permutation_test(
            (effects - value,),
            lambda sample, axis: sample.mean(axis=axis),
            permutation_type="samples",
            alternative=side,
            n_resamples=FLIPS,
            batch=10_000,
            rng=np.random.default_rng(0),
        )
        return found.pvalue <= level

    margin = claim["margin"]
    rules = {
        "within": Within(margin),
        "more than": MoreThan(margin),
        "more than, or not": MoreThan(margin, equivalence=False),
    }
    low = np.inf if shown("greater", margin) else 0 if shown("greater", -margin) else -np.inf
    high = -np.inf if shown("less", -margin) else 0 if shown("less", margin) else np.inf
    return rules[claim["rule"]].state(low, high)


def page(first, second, flipped):
    """The text, from two ledgers, id -> Entry, and from states by flips of signs, id -> state."""
    if first.keys() != second.keys():
        raise ValueError("robustness: the two builds have other claims; build the pages anew")
    other = {name: entry.claim["state"] for name, entry in second.items()}
    evidence = {name: f": {entry.claim['evidence']}" for name, entry in second.items()}
    return TEXT.format(
        first=FIRST,
        seeds=_compared(first, other, "from other seeds", evidence),
        test=_compared(first, flipped, "by flips of signs"),
    )


def _compared(first, states, how, evidence=None):
    """How many verdicts are the same, and those that are not."""
    differ = [name for name in states if states[name] != first[name].claim["state"]]
    noisy = [name for name in states if not first[name].claim["exact"]]
    same = len(noisy) - len(set(differ) & set(noisy))
    text = f"Of {len(noisy)} verdicts over seeds {same} came out the same: {same / len(noisy):.1%}."
    if exact := len(states) - len(noisy):
        unlike = len(set(differ) - set(noisy)) or "none"
        share = 1 - len(differ) / len(states)
        text += f" Of {exact} without noise {unlike} differ. Together {share:.1%} are the same."
    text += "\n"
    if differ:
        text += f"\n| claim | published | {how} |\n| --- | --- | --- |\n"
    for name in differ:
        claim = first[name].claim
        text += f"| {name}: {claim['statement']} | {claim['state']}: {claim['evidence']} | "
        text += f"{states[name]}{(evidence or {}).get(name, '')} |\n"
    return text


if __name__ == "__main__":
    sys.exit(main())
