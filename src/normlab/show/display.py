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
from dataclasses import asdict

import numpy as np
from IPython.display import display

from normlab import arithmetic
from normlab.codehash import RUNS, hash_code
from normlab.handover import RESULTS_MIME
from normlab.show.drawing import PanelFigure, power_of_ten
from normlab.show.svg import panels, svg
from normlab.show.tables import Table, csv_text
from normlab.stats.intervals import (
    Interval,
    fraction_interval,
    possible_interval,
    signed,
    with_minus,
)


def percent(fractions, digits=1) -> str:
    """Fractions, (seeds,), as their mean in per cent and its interval: "71.5 % (70.1 to 72.9)"."""
    interval = fraction_interval(fractions)
    mean, low, high = (with_minus(f"{100 * float(number):.{digits}f}") for number in interval)
    return f"{mean}\N{NO-BREAK SPACE}% ({low} to {high})"


def points(differences, digits=1, most=1) -> str:
    """Differences of fractions, (seeds,), as their mean in percentage points and its interval.

    ``most`` is the largest that one can be: 2 for a difference of differences.
    """
    interval = possible_interval(differences, -most, most)
    mean, low, high = (signed(100 * number, digits) for number in interval)
    return f"{mean} points ({low} to {high})"


def with_powers(text: str) -> str:
    """Text in which 4.3e-08 reads 4.3 × 10⁻⁸, in one piece, and 1e-05 reads 10⁻⁵."""
    return re.sub(
        r"(?<![\w.])(\d(?:\.\d+)?)e([+-]\d+)(?![\w.]*\w)",
        lambda number: (
            ("" if number[1] == "1" else f"{number[1]}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")
            + power_of_ten(int(number[2]))
        ),
        text,
    )


def prose(text: str) -> None:
    """Show Markdown whose numbers were computed; powers of ten are written as such."""
    text = with_powers(text)
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
    """Show a figure with its numbers.

    Parameters
    ----------
    figure : Figure
        One of `normlab.show.figures` brings its caption and its numbers, for a file of data.
    name : str
        Its anchor on the page, and a part of the name of that file.
    alt : str
        What it shows, in words.
    table : Table, optional
        Folded below the figure; by default the numbers that were drawn.
    """
    words = _checked_alt("show", alt)
    about, picture = {"alt": words, "name": name}, svg(figure, name, words)
    if isinstance(figure, PanelFigure):
        about |= {
            "caption": figure.caption,
            "panels": panels(picture, figure.columns),
            "columns": figure.columns,
            "width": round(96 * figure.get_figwidth() / figure.columns),
            "csv": csv_text(figure.header, figure.numbers),
        }
        table = table or _numbers_of(figure)
    display(
        {"image/svg+xml": picture, "text/plain": alt},
        metadata={"image/svg+xml": about},
        raw=True,
    )
    if table:
        folded = f"<details>\n<summary>The numbers</summary>\n{table.html()}\n</details>"
        display({"text/html": folded, "text/plain": table.plain()}, raw=True)


def _numbers_of(figure):
    panel, line, x, mean, low, high = figure.header
    rows = tuple((*row[:3], Interval(*row[3:])) for row in figure.numbers)
    return Table(figure.caption, (panel, line, x, f"{mean} [{low}, {high}]"), rows)


def show_table(table: Table, name: str = "") -> None:
    """Show a table in the open; ``name`` is its anchor on the page."""
    display(
        {"text/html": table.html(), "text/plain": table.plain()},
        metadata={"text/html": {"table": name}},
        raw=True,
    )


def show_claims(verdicts: Sequence) -> None:
    """Show each claim with its state, its evidence and its source."""
    rows = "\n".join(
        f'<tr id="claim-{html.escape(v.name)}"><th scope="row">'
        f'<a class="self" href="#claim-{html.escape(v.name)}">{html.escape(v.statement)}</a></th>'
        f'<td class="{html.escape(v.state)}">{html.escape(v.state)}</td>'
        f"<td>{html.escape(v.evidence)}</td><td>{html.escape(v.source)}</td></tr>"
        for v in verdicts
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("Claim", "State", "Evidence", "Source")
    )
    caption = (
        "What the data say of each claim, by paired t tests at the 5 % level, adjusted together by "
        "Holm's method; an interval alone is not adjusted, so it may lie beyond what was asked for"
    )
    text = (
        f'<table class="claims">\n<caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table>"
    )
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
    alt = _checked_alt("publish", alt)
    in_force = arithmetic.in_force()
    results = {
        "answer": with_powers(_one_line(answer)),
        "headline": headline,
        "claims": [asdict(verdict) for verdict in verdicts],
        "tables": {name: asdict(table) for name, table in tables.items()},
        "dataset": dataset
        and {key: getattr(dataset, key) for key in ("name", "title", "origin", "sha256")},
        "figure": {"svg": svg(figure, "index", alt), "alt": alt},
        "code": hash_code(RUNS),
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


def _checked_alt(where, alt):
    if not alt.strip():
        raise ValueError(f"{where}: the figure has no alt text; say in words what it shows")
    return _one_line(alt)


def _one_line(text):
    return re.sub(r"[ \n]+", " ", text).strip()  # no-break spaces stay
