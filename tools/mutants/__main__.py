"""Measure how many mutants the tests kill, and write docs/mutants.md: ``make mutants``."""

import argparse
import json
import sys

from tools.mutants import mutmut, page
from tools.mutants.targets import ROOT, SUITES

WORK = ROOT / "build/mutants"


def main():
    """Measure, draw the page, and end with an error that names what is missing."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="make the page anew, measure nothing")
    if not parser.parse_args().draw:
        text = json.dumps(_measure(), indent=1, ensure_ascii=False)
        page.MEASUREMENTS.write_text(text + "\n", "utf-8")
    measured, reasons = json.loads(page.MEASUREMENTS.read_text("utf-8")), page.reasons()
    page.PAGE.write_text(page.page(measured, reasons), "utf-8")
    problems = page.unexplained(measured, reasons)
    if problems:
        problems.append("mutants: change the file, then run `python3 -m tools.mutants --draw`")
    if problems := page.too_few(measured) + problems:
        sys.exit("\n".join(problems))


def _measure():
    measured = {"mutmut": mutmut.version(), "suites": {}}
    for suite in SUITES:
        print(f"{suite.package}: breaking it and running {suite.tests}", file=sys.stderr)
        try:
            results = mutmut.run(suite, WORK / suite.package)
        except RuntimeError as error:
            sys.exit(f"mutants: {error}")
        measured["suites"][suite.package] = results
        print(page.summary(suite, results))
    return measured


if __name__ == "__main__":
    main()
