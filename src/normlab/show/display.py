"""What a notebook shows: prose, figures with alt text, tables, claims, results.

Everything goes through IPython's display, so it looks alike in JupyterLab, in
VS Code and on the page. `publish` hands the results to the pipeline as one JSON
output of its own MIME type; interactively it shows the answer.
"""

import html
import json
import math
import re

import numpy as np
from IPython.display import display

from normlab import arithmetic
from normlab.codehash import RUNS, hash_code
from normlab.handover import RESULTS_MIME
from normlab.ledger.sources import SOURCES
from normlab.runs.trials import Outcome
from normlab.show.drawing import PanelFigure
from normlab.show.svg import panels, svg
from normlab.show.tables import Table, csv_text
from normlab.show.text import effect, with_powers
from normlab.stats.intervals import LEVEL, Interval
from normlab.training.course import course

_PIXELS = 96  # of an inch


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
    picture = svg(figure, name, words)
    about = {
        "alt": words,
        "name": name,
        "caption": getattr(figure, "caption", ""),
        "width": round(_PIXELS * figure.get_figwidth()),
    }
    if isinstance(figure, PanelFigure):
        about |= {
            "panels": panels(picture, figure.columns),
            "columns": figure.columns,
            "width": round(_PIXELS * figure.get_figwidth() / figure.columns),
        }
        if figure.numbers:
            about["csv"] = csv_text(figure.header, figure.numbers)
            table = table or _numbers_of(figure)
    display(
        {"image/svg+xml": picture, "text/plain": alt},
        metadata={"image/svg+xml": about},
        raw=True,
    )
    if table:
        fold_table(table, "The numbers")


def _numbers_of(figure):
    panel, line, x, mean, *_ = figure.header
    rows = tuple((*row[:3], Interval(*row[3:6])) for row in figure.numbers)
    return Table(figure.caption, (panel, line, x, mean), rows)


def show_table(table: Table, name: str = "") -> None:
    """Show a table in the open; ``name`` is its anchor on the page."""
    display(
        {"text/html": table.html(), "text/plain": table.plain()},
        metadata={"text/html": {"table": name}},
        raw=True,
    )


def fold_table(table: Table, summary: str) -> None:
    """Show a long table folded, below a line that says what is in it."""
    folded = f"<details>\n<summary>{html.escape(summary)}</summary>\n{table.html()}\n</details>"
    display({"text/html": folded, "text/plain": table.plain()}, raw=True)


def question(text: str, answer: str) -> None:
    """Show a question with its answer, in Markdown, folded under it."""
    prose(
        f"<details>\n<summary>{html.escape(text)}</summary>\n\n"
        f"{re.sub('[ ]+', ' ', answer).strip()}\n\n</details>"
    )


def references(*names: str) -> None:
    """Show papers with their links; ``names`` are keys of `normlab.ledger.SOURCES`."""
    prose("\n".join(f"- [{SOURCES[n].full}]({SOURCES[n].link})" for n in names))


def show_claims(verdicts: dict) -> None:
    """Show each claim, what was predicted, what came out, and the verdict."""
    noisy = sum(len(verdict.cells) for verdict in verdicts.values() if not verdict.exact)
    caption = "What we expected, what the source says where that differs, and what came out. "
    if noisy:
        caption += (
            f"All {noisy} intervals hold together with {100 * LEVEL:.0f} % confidence: t "
            "intervals, widened by Bonferroni. A verdict is read off its interval."
        )
    else:
        caption += "These numbers have no noise: each is the largest that was found."
    heads = ("Claim", "Predicted", "What came out", "Verdict")
    text = (
        f'<table class="claims">\n<caption>{caption}</caption>\n<thead><tr>'
        + "".join(f'<th scope="col">{name}</th>' for name in heads)
        + "</tr></thead>\n<tbody>\n"
        + "\n".join(map(_claim_row, verdicts.values()))
        + "\n</tbody>\n</table>"
    )
    plain = "\n".join(f"{v.state}: {v.statement} ({effect(v)})" for v in verdicts.values())
    rows = [
        (v.name, v.state, *interval, v.margin, v.unit, *(effects if noisy else ()))
        for v in verdicts.values()
        for interval, effects in v.cells
    ]
    most = max(len(row) for row in rows) - 7
    seeds = (f"seed {number}" for number in range(most))
    header = ("claim", "verdict", "mean", "low", "high", "margin", "unit", *seeds)
    about = {"name": "claims", "csv": csv_text(header, rows)}
    display({"text/html": text, "text/plain": plain}, metadata={"text/html": about}, raw=True)


def _claim_row(verdict):
    name, state = html.escape(verdict.name), html.escape(verdict.state)
    source = html.escape(verdict.source)
    if verdict.link:
        source = f'<a href="{html.escape(verdict.link)}">{source}</a>'
    differs = verdict.says not in ("open", verdict.expected)
    says = f" <small>source: {verdict.says}</small>" if differs else ""
    return (
        f'<tr id="claim-{name}"><th scope="row"><a class="self" href="#claim-{name}">'
        f"{html.escape(verdict.statement)}</a>"
        f"{f' <small>{source}</small>' if source else ''}</th>"
        f'<td class="predicted">{verdict.expected}{says}</td>'
        f'<td class="effect">{html.escape(effect(verdict))}</td>'
        f'<td class="{state}">{state} <small>{verdict.as_expected}</small></td></tr>'
    )


def publish(
    short, answer, headline, verdicts, tables, figure, alt, dataset=None, sweeps=(), seeds=0
) -> None:
    """Hand the results to the pipeline.

    Parameters
    ----------
    short : str
        The answer to the notebook's question in one sentence, which can stand alone.
    answer : str
        What follows it, Markdown, with two or three numbers.
    headline : dict
        Label -> number or Interval.
    verdicts : dict
        As of `judge`.
    tables : dict
        Name -> Table.
    figure : Figure
        The one that carries the answer, with ``alt`` in words.
    dataset : Dataset, optional
        Named on the page with its origin and SHA-256.
    sweeps : sequence of Sweep or Measured
        Their seeds are named, their runs and those that diverged are counted, each once.
    seeds : int
        How many random draws were made outside sweeps, with seeds from 0 on.
    """
    alt = _checked_alt("publish", alt)
    in_force = arithmetic.in_force()
    runs = {}
    for result in (result for grid in sweeps for result in grid.results.flat):
        if isinstance(result, Outcome):
            runs[result.config] = False
        else:
            runs[course(result.config), len(result.loss)] = result.diverged_at is not None
    results = {
        "short": with_powers(_one_line(short)),
        "answer": with_powers(_one_line(answer)),
        "headline": headline,
        "claims": [_claim_results(verdict) for verdict in verdicts.values()],
        "tables": {
            name: {"caption": table.caption, "columns": table.columns, "rows": table.rows}
            for name, table in tables.items()
        },
        "dataset": dataset
        and {key: getattr(dataset, key) for key in ("name", "title", "origin", "sha256")},
        "figure": {"svg": svg(figure, "index", alt), "alt": alt},
        "code": hash_code(RUNS),
        "arithmetic": in_force._asdict(),
        "seeds": sorted({*range(seeds), *(seed for sweep in sweeps for seed in sweep.seeds)}),
        "runs": len(runs),
        "diverged": sum(runs.values()),
    }
    bundle = {RESULTS_MIME: json.loads(json.dumps(jsonable(results), allow_nan=False))}
    plain = f"{_one_line(short)} {_one_line(answer)}"
    display(bundle | {"text/plain": plain}, raw=True)


def _claim_results(verdict):
    """What the index and other readers of the results get to know of a claim."""
    return verdict._asdict() | {
        "cells": len(verdict.cells),
        "seeds": max(len(effects) for _, effects in verdict.cells),
        "against_source": verdict.against_source,
        "evidence": effect(verdict),
        "outcome": verdict.as_expected,
    }


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
