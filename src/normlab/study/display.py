"""What a notebook shows: prose, figures with alt text, tables, claims, results.

Everything goes through IPython's display, so it looks alike in JupyterLab, in
VS Code and on the page. `publish` hands the results to the pipeline as one JSON
output of its own MIME type; interactively it shows the answer.
"""

import html
import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from IPython.display import display

from normlab import arithmetic
from normlab.codehash import hash_modules
from normlab.handover import RESULTS_MIME
from normlab.study.drawing import svg
from normlab.study.statistics import Interval, mean_interval, signed


@dataclass(frozen=True)
class Table:
    """Numbers under named columns; ``rows`` hold str, int, float or an Interval."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple, ...]

    def column(self, number: int) -> list:
        """All values of one column, counted from zero."""
        return [row[number] for row in self.rows]

    def html(self) -> str:
        """The table as HTML with a caption and header cells; all text is escaped."""
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in self.columns)
        body = "\n".join(
            "<tr>"
            + f'<th scope="row">{cell(row[0])}</th>'
            + "".join(f"<td>{cell(value)}</td>" for value in row[1:])
            + "</tr>"
            for row in self.rows
        )
        return (
            f"<table>\n<caption>{html.escape(self.caption)}</caption>\n"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        )

    def plain(self) -> str:
        """The table as text with tabs, for places that show no HTML."""
        lines = ["\t".join(self.columns)]
        lines += ["\t".join(html.unescape(cell(value)) for value in row) for row in self.rows]
        return "\n".join(lines)


def cell(value) -> str:
    """One table cell as escaped text: three significant digits, intervals as mean [low, high]."""
    if isinstance(value, Interval):
        mean, low, high = (cell(number) for number in value)
        return f"{mean} [{low}, {high}]"
    if isinstance(value, float | np.floating):
        return f"{value:.3g}"
    return html.escape(str(value))


def percent(fractions, digits=1) -> str:
    """Fractions, (seeds,), as their mean in per cent and its interval: "71.5 % (70.1 to 72.9)"."""
    interval = mean_interval(fractions)
    mean, low, high = (f"{100 * float(number):.{digits}f}" for number in interval)
    return f"{mean}\N{NO-BREAK SPACE}% ({low} to {high})"


def points(differences, digits=1) -> str:
    """Differences of fractions, (seeds,), as their mean in percentage points and its interval."""
    interval = mean_interval(differences)
    mean, low, high = (signed(100 * number, digits) for number in interval)
    return f"{mean} points ({low} to {high})"


def prose(text: str) -> None:
    """Show Markdown whose numbers were computed."""
    display({"text/markdown": text, "text/plain": text}, raw=True)


def note_arithmetic() -> None:
    """Say where this kernel departs from the reference arithmetic; nothing where it does not."""
    differences = arithmetic.in_force().differences()
    if differences:
        prose(
            f"*Not the reference arithmetic ({', '.join(differences)}): the last digits may differ "
            "from those published. In Jupyter, choose the kernel named normlab.*"
        )


def show(figure, name: str, alt: str, table: Table | None = None) -> None:
    """Show a figure; ``alt`` says in words what it shows, ``table`` holds its numbers."""
    _check_alt("show", alt)
    display(
        {"image/svg+xml": svg(figure, name), "text/plain": alt},
        metadata={"image/svg+xml": {"alt": _one_line(alt), "name": name}},
        raw=True,
    )
    if table:
        folded = f"<details>\n<summary>The numbers</summary>\n{table.html()}\n</details>"
        display({"text/html": folded, "text/plain": table.plain()}, raw=True)


def show_table(table: Table) -> None:
    """Show a table in the open."""
    display({"text/html": table.html(), "text/plain": table.plain()}, raw=True)


def show_claims(verdicts: Sequence) -> None:
    """Show each claim with its state, its evidence and its source."""
    rows = "\n".join(
        f'<tr id="claim-{html.escape(v.name)}"><th scope="row">{html.escape(v.statement)}</th>'
        f'<td class="{html.escape(v.state)}">{html.escape(v.state)}</td>'
        f"<td>{html.escape(v.evidence)}</td><td>{html.escape(v.source)}</td></tr>"
        for v in verdicts
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("Claim", "State", "Evidence", "Source")
    )
    head = f'<table class="claims">\n<thead><tr>{heads}</tr></thead>\n'
    text = f"{head}<tbody>\n{rows}\n</tbody>\n</table>"
    plain = "\n".join(f"{v.state}: {v.statement} ({v.evidence})" for v in verdicts)
    display({"text/html": text, "text/plain": plain}, raw=True)


def publish(
    answer, headline, verdicts, tables, figure, alt, dataset=None, sweeps=(), seeds=0
) -> None:
    """Hand the results to the pipeline.

    Parameters
    ----------
    answer : str
        One computed sentence that answers the notebook's question.
    headline : dict
        Label -> number or Interval.
    verdicts : sequence of Verdict
    tables : dict
        Name -> Table.
    figure : Figure
        A small one, for the index page, with ``alt`` in words.
    dataset : Dataset, optional
        Named on the page with its origin and SHA-256.
    sweeps : sequence of Sweep
        Their seeds are named, their runs and those that diverged are counted.
    seeds : int
        How many random draws were made outside sweeps, with seeds from 0 on.
    """
    _check_alt("publish", alt)
    in_force = arithmetic.in_force()
    results = {
        "answer": _one_line(answer),
        "headline": headline,
        "claims": [asdict(verdict) for verdict in verdicts],
        "tables": {name: asdict(table) for name, table in tables.items()},
        "dataset": dataset
        and {key: getattr(dataset, key) for key in ("name", "title", "origin", "sha256")},
        "figure": {"svg": svg(figure, "index"), "alt": _one_line(alt)},
        "code": hash_modules("normlab.training.runs"),
        "arithmetic": in_force._asdict(),
        "seeds": sorted({*range(seeds), *(seed for sweep in sweeps for seed in sweep.seeds)}),
        "runs": sum(sweep.histories.size for sweep in sweeps),
        "diverged": sum(sweep.num_diverged for sweep in sweeps),
    }
    bundle = {RESULTS_MIME: json.loads(json.dumps(jsonable(results), allow_nan=False))}
    display(bundle | {"text/plain": answer}, raw=True)


def jsonable(value):
    """Nested results as JSON types; a number that is not finite becomes None."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return jsonable(value.tolist())
    if isinstance(value, tuple | list):
        return [jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _check_alt(where, alt):
    if not alt.strip():
        raise ValueError(f"{where}: the figure has no alt text; say in words what it shows")


def _one_line(text):
    return re.sub(r"[ \n]+", " ", text).strip()  # no-break spaces stay
