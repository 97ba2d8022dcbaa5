"""Measure how many mutants the tests kill, and write docs/mutants.md: ``make mutants``."""

import json
import sys

from tools.mutants import mutmut, page
from tools.mutants.targets import ROOT, SUITES

WORK = ROOT / "build/mutants"


def main():
    """Break the code of every suite; end with an error that names what has to be explained."""
    measured = {"mutmut": mutmut.version(), "suites": {}}
    for suite in SUITES:
        print(f"{suite.package}: breaking it and running {suite.tests}", file=sys.stderr)
        try:
            results = mutmut.run(suite, WORK / suite.package)
        except RuntimeError as error:
            sys.exit(f"mutants: {error}")
        measured["suites"][suite.package] = results
        print(page.summary(suite, results))
    page.MEASUREMENTS.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", "utf-8")
    reasons = page.reasons()
    page.PAGE.write_text(page.page(measured, reasons), "utf-8")
    if problems := page.unexplained(measured, reasons):
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
