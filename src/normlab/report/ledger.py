"""The ledger: every claim of the pages, with its source and its verdict."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from normlab.messages import unknown_name
from normlab.plain import printable
from normlab.report.errors import BuildError
from normlab.report.files import parse_json, read_bytes
from normlab.report.project import Project, read_study
from normlab.report.shapes import check_shape

LEVEL = 0.05  # that one interval or more of a page does not hold its mean
STATES = ("supported", "equivalent", "refuted", "inconclusive")
_COLUMNS = (
    *("id", "statement", "source", "link", "says", "expected", "state", "mean", "low", "high"),
    *("rule", "margin", "unit", "cells", "seeds", "kind"),
)


class Entry(NamedTuple):
    """A claim as a page published it; ``page`` is the name of the notebook."""

    page: str
    title: str
    question: str
    seeds: int
    claim: dict

    @property
    def id(self) -> str:
        """By which a person names it: the page's number and the claim's name, as in 02/bn-train."""
        return f"{self.page.partition('-')[0]}/{self.claim['name']}"

    @property
    def kind(self) -> str:
        """Exact, or over seeds."""
        return "exact" if self.claim["exact"] else "over seeds"


def entries(pages: Sequence[dict]) -> list[Entry]:
    """All claims of pages, each a dict with name, title, question and results."""
    return [
        Entry(
            page["name"],
            page["title"],
            page["question"],
            len(page["results"]["seeds"]) if claim["exact"] else claim["seeds"],
            claim,
        )
        for page in pages
        for claim in page["results"]["claims"]
    ]


def published(project: Project, folder: Path | None = None) -> list[Entry]:
    """The claims of all pages in reports/, or in another folder of pages."""
    pages = []
    for path in project.paths():
        results = (folder or project.reports) / f"{path.stem}.json"
        if results.is_file():
            pages.append(read_study(path)._asdict() | {"results": parse_json(read_bytes(results))})
            try:
                check_shape(pages[-1]["results"], "page")
            except ValueError as error:
                raise BuildError(
                    f"{project.show(results)} is damaged ({error}); run: normlab build {path.stem}"
                ) from error
    return entries(pages)


def choose(found: Sequence[Entry], text: str) -> Entry:
    """The claim that a person means: its id, or its name where one page alone has it."""
    meant = [entry for entry in found if text in (entry.id, entry.claim["name"])]
    if len(meant) != 1:
        reason = unknown_name("claim", text, [entry.id for entry in found])
        if meant:
            reason = f"claim {text!r}: {' or '.join(entry.id for entry in meant)}?"
        raise BuildError(f"{reason.partition('(choose from')[0].strip()}; see normlab ledger")
    return meant[0]


def as_csv(found: Sequence[Entry]) -> str:
    """The ledger as a table, a line a claim."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in found:
        row = _shown(entry.claim) | {"id": entry.id, "kind": entry.kind, "seeds": entry.seeds}
        writer.writerow([row.get(name, "") for name in _COLUMNS])
    return text.getvalue()


def as_text(found: Sequence[Entry]) -> str:
    """The ledger for a terminal, grouped by question."""
    lines, page = [], None
    for entry in found:
        if entry.page != page:
            page = entry.page
            lines += ["", entry.question]
        claim = entry.claim
        marked = " (against its source)" if claim["against_source"] else ""
        lines.append(f"  {entry.id}: {claim['state']}{marked}, {claim['evidence']}")
        source = f" [{claim['source']}]" if claim["source"] else ""
        lines.append(f"      {claim['statement']}{source}")
    return printable("\n".join(lines[1:]), lines=True)


def as_json(found: Sequence[Entry]) -> list[dict]:
    """The ledger for programs: an object a claim."""
    return [
        e.claim | {"id": e.id, "page": e.page, "question": e.question, "seeds": e.seeds}
        for e in found
    ]


def summary(found: Sequence[Entry]) -> str:
    """How many claims there are, how they were decided, and how many errors that lets expect."""
    counts = Counter(entry.claim["state"] for entry in found)
    told = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    against = sum(bool(entry.claim["against_source"]) for entry in found)
    noisy = len({entry.page for entry in found if not entry.claim["exact"]})
    return (
        f"{len(found)} claims: {told}. {against} went against their source or the usual answer. "
        f"The intervals of a page hold together with {1 - LEVEL:.0%} confidence, so among those of "
        f"{noisy} {'page' if noisy == 1 else 'pages'} at most {noisy * LEVEL:.2g} "
        "pages with a false verdict are to be expected."
    )


def _shown(claim):
    return {name: _number(value) for name, value in claim.items()}


def _number(value):
    return f"{value:.6g}" if isinstance(value, float) else value
