"""Measurements and typed reasons in, docs/mutants.md out."""

import tomllib
from itertools import groupby

from tools.mutants.targets import ROOT, SUITES

PAGE = ROOT / "docs/mutants.md"
MEASUREMENTS = ROOT / "docs/mutants/measurements.json"
REASONS = ROOT / "docs/mutants/reasons.toml"

TEXT = """\
# Mutants of the backward passes

Would the tests notice a wrong gradient? A mutant is a backward pass with one small change: another
operator, number, keyword or text, an argument left out, a value replaced by None. The tests named
below run on each, and no others. A mutant is killed if a test fails; if all pass, it survives. This
page is made by

```
make mutants
```

which installs mutmut {version} into an environment of its own and takes a few minutes on two cores.
It breaks each function whose name has "backward" in it, and those that work on gradients under
another name. The checks of the arguments and the words of their refusals are part of a function.

{suites}
## Survivors

{survivors}

## What keeps this page true

This is the last measurement that was published; its counts are in
[measurements.json](mutants/measurements.json). CI measures anew. `make mutants` fails there and
here when a package has fewer than {least:.0%} of its mutants killed, or when a survivor has no
reason. Reasons are typed, into [reasons.toml](mutants/reasons.toml).
"""
LEAST = 0.95
UNKNOWN = "**Unexplained.**"


def page(measured, reasons):
    """The Markdown text for what `__main__` measures and what `reasons` reads."""
    parts = [
        f"## {suite.package}, by {suite.tests}\n\n{_table(measured['suites'][suite.package])}"
        for suite in SUITES
    ]
    return TEXT.format(
        version=measured["mutmut"],
        suites="\n".join(parts),
        survivors=_survivors(measured, reasons),
        least=LEAST,
    )


def survivors(measured):
    """List (function, line before, line after) of every survivor."""
    return [
        (function, change["before"], change["after"])
        for results in measured["suites"].values()
        for function, result in results.items()
        for change in result["survivors"]
    ]


def reasons():
    """Dict of (function, line before, line after) -> why it survives, as typed."""
    typed = tomllib.loads(REASONS.read_text("utf-8"))["survivor"]
    return {
        (one["function"], one["before"], after): one["why"].strip()
        for one in typed
        for after in one["after"]
    }


def too_few(measured):
    """List the packages that have fewer of their mutants killed than `LEAST`, a line each."""
    return [
        f"{summary(suite, results)}, expected {LEAST:.0%}"
        for suite in SUITES
        for results in [measured["suites"][suite.package]]
        if killed(results)[0] < LEAST * killed(results)[1]
    ]


def unexplained(measured, reasons):
    """List the survivors that have no reason, and the reasons that have no survivor; a line each.

    Parameters
    ----------
    measured : dict
    reasons : dict, as `reasons` returns it
    """
    found = set(survivors(measured))
    problems = {
        "survivor without a reason": found - reasons.keys(),
        "reason without a survivor": reasons.keys() - found,
    }
    return [
        f"{problem} in docs/mutants/reasons.toml: {function}: {before} -> {after}"
        for problem, changes in problems.items()
        for function, before, after in sorted(changes)
    ]


def killed(results):
    """How many mutants of a suite are killed, and how many there are."""
    mutants = sum(result["mutants"] for result in results.values())
    return mutants - sum(len(result["survivors"]) for result in results.values()), mutants


def summary(suite, results):
    """One line for the terminal."""
    dead, mutants = killed(results)
    return f"{suite.package}: {dead} of {mutants} mutants killed ({dead / mutants:.1%})"


def _table(results):
    rows = ["| function | mutants | killed | survived |", "| --- | ---: | ---: | ---: |"]
    for function, result in results.items():
        alive = len(result["survivors"])
        rows.append(
            f"| `{function}` | {result['mutants']} | {result['mutants'] - alive} | {alive} |"
        )
    dead, mutants = killed(results)
    rows.append(f"| together | {mutants} | {dead} ({dead / mutants:.1%}) | {mutants - dead} |")
    return "\n".join(rows) + "\n"


def _survivors(measured, reasons):
    """The survivors as differences, those of one line and one reason together."""

    def line_and_reason(survivor):
        return *survivor[:2], reasons.get(survivor, UNKNOWN)

    blocks = []
    for (function, before, why), group in groupby(survivors(measured), line_and_reason):
        after = "".join(f"+ {line}\n" for *_, line in group)
        blocks.append(f"`{function}`\n\n```diff\n- {before}\n{after}```\n\n{why}")
    return "\n\n".join(blocks) or "None."
