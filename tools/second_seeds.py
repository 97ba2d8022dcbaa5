"""Build the ledger once more, from seeds that it has not seen, and say which verdicts differ.

`make second-seeds` writes docs/second-seeds.md. Runs are stored, so that a second time is quick.
"""

import sys
from pathlib import Path

from normlab.report import ledger
from normlab.report.build import build
from normlab.report.parameter_cell import read_parameters
from normlab.report.project import find_project
from normlab.terminal import Terminal

PAGE = Path(__file__).parents[1] / "docs/second-seeds.md"
FIRST = 1000
TEXT = """\
# The ledger from other seeds

The pages that draw anything were built once more with `-p first_seed={first}`, so from as many
seeds of which none is the same, by `make second-seeds`. Of {noisy} verdicts over seeds, {same} came
out the same: {share:.0%}. {exact}

{table}"""


def main():
    """Build, compare, write the page; the exit code."""
    project = find_project()
    names = [p.stem for p in project.paths() if "first_seed" in read_parameters(p)]
    folder = project.root / "build/second-seeds"
    failed, _ = build(project, names, [f"first_seed={FIRST}"], folder, Terminal())
    if failed:
        return 1
    first = {e.id: e for e in ledger.published(project) if e.page in names}
    second = {e.id: e for e in ledger.published(project, folder)}
    PAGE.write_text(page(first, second), "utf-8")
    print(PAGE.read_text("utf-8"))
    return 0


def page(first, second):
    """The text, from two ledgers: id -> Entry."""
    if first.keys() != second.keys():
        raise ValueError("second seeds: the two builds have other claims; build the pages anew")
    flipped = [i for i in first if first[i].claim["state"] != second[i].claim["state"]]
    noisy = [i for i in first if not first[i].claim["exact"]]
    differing = [i for i in flipped if i in noisy]
    exact = len(flipped) - len(differing)
    return TEXT.format(
        first=FIRST,
        noisy=len(noisy),
        same=len(noisy) - len(differing),
        share=1 - len(differing) / len(noisy),
        exact=f"Of those without noise {exact or 'none'} differ{'s' if exact == 1 else ''}.",
        table="".join(_table(first, second, flipped)) if flipped else "",
    )


def _table(first, second, flipped):
    yield "| claim | published | from other seeds |\n| --- | --- | --- |\n"
    for i in flipped:
        cells = (f"{e.claim['state']}: {e.claim['evidence']}" for e in (first[i], second[i]))
        yield f"| {i}: {first[i].claim['statement']} | {' | '.join(cells)} |\n"


if __name__ == "__main__":
    sys.exit(main())
