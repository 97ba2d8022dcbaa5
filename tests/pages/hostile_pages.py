"""Pages that carry the payloads through every way that a text can come in by."""

import json
import re

from matplotlib.figure import Figure
from nbformat import v4

from normlab.ledger import Verdict
from normlab.report.errors import BuildError
from normlab.report.provenance import page_rows
from normlab.report.render import markdown, render, render_site
from normlab.show import display
from normlab.stats.intervals import Interval
from tests.report.conftest import RESULTS, executed

POLICY = re.compile(r"<meta[^>]*Content-Security-Policy[^>]*>")


def without_policy(page):
    """The page with its second wall taken down."""
    open_page, count = POLICY.subn("", page)
    assert count == 1
    return open_page


def shown(function, *arguments, monkeypatch):
    """The outputs that a function of study displays."""
    outputs = []
    monkeypatch.setattr(
        display,
        "display",
        lambda data, raw, metadata=None: outputs.append(
            v4.new_output("display_data", data, metadata=metadata or {})
        ),
    )
    function(*arguments)
    return outputs


def takes(source):
    """Whether Markdown with this text makes a page; a notebook with it is refused otherwise."""
    try:
        markdown(source)
    except BuildError:
        return False
    return True


def _drawn(payload):
    """What a figure can hold: Matplotlib takes no half characters, and reads $ as a formula."""
    return re.sub(r"[\ud800-\udfff\0$]", "", payload)


CELLS = ((Interval(1.5, 1.0, 2.0), (1.0, 2.0)),)


def figure_of(payload):
    figure = Figure(figsize=(2, 2))
    figure.subplots().set(title=_drawn(payload), xlabel=_drawn(payload))
    return figure


def outputs_of(payload, number, monkeypatch):
    """Everything that a cell can show with this text in it."""
    table = display.Table(payload, (payload, payload), ((payload, payload), (payload, 1.0)))
    numbers = (1.0, 0.5, 1.5, 0.2)
    texts = ((payload,) * 4, (payload,) * 3)
    rest = {"exact": False, "says": "yes", "rule": payload, "cells": CELLS}
    verdict = Verdict(*texts[0], *numbers, *texts[1], **rest)
    shows = [
        (display.show_table, table),
        (display.show_claims, {payload: verdict}),
        (display.show, figure_of(payload), f"figure-{number}", payload, table),
    ]
    outputs = [out for call in shows for out in shown(*call, monkeypatch=monkeypatch)]
    outputs += [
        v4.new_output("stream", name=name, text=payload) for name in ("stdout", "stderr")
    ] + [
        v4.new_output("display_data", {"text/plain": payload}),
        v4.new_output("execute_result", {"text/plain": payload}, execution_count=3),
        v4.new_output("error", ename=payload, evalue=payload, traceback=[payload, payload]),
    ]
    if takes(payload):
        outputs += shown(display.prose, payload, monkeypatch=monkeypatch)
    return outputs


def _rows(payload):
    results = {
        "normlab": payload,
        "dataset": {"title": payload, "origin": payload, "sha256": payload},
        "seeds": [payload],
        "arithmetic": {
            "numpy": payload,
            "blas_core": payload,
            "threads": payload,
            "simd": [payload],
            "denormals": payload,
        },
    }
    return [*page_rows(results, {"dataset": payload, payload: payload}, payload)]


def hostile_page(payloads, monkeypatch):
    """A failure page with every payload in every place but those of the index."""
    outputs = [outputs_of(text, n, monkeypatch) for n, text in enumerate(payloads)]
    notebook = executed(*outputs)
    for cell, payload in zip(notebook.cells[2:], payloads, strict=True):
        cell.source = f"dataset = {payload!r}\n# {payload}\n{payload}"
    for payload in filter(takes, payloads):
        for text in (payload, f"## {payload}", f"| {payload} |\n|---|\n| {payload} |"):
            notebook.cells.append(v4.new_markdown_cell(text))
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
    everything = " ".join(payloads)
    return render(
        notebook,
        title=everything,
        failure=everything,
        previous=(everything, everything),
        next=(everything, everything),
        provenance=[row for text in payloads for row in _rows(text)],
        short=" ".join(f"{text}\n\n" for text in payloads if takes(text)),
        answer=" ".join(f"{text}\n\n" for text in payloads if takes(text)),
    )


def hostile_index(payloads, monkeypatch):
    """An index with every payload in every field of a study."""
    pages = []
    for payload in payloads:
        results = json.loads(json.dumps(RESULTS))
        results["figure"]["alt"] = payload
        results["answer"] = results["short"] = payload if takes(payload) else ""
        results["dataset"] = {"title": payload, "sha256": payload}
        results["claims"] = [
            dict.fromkeys(results["claims"][0], payload) | {"exact": exact}
            for exact in (False, True)
        ]
        svg = display.svg(figure_of(payload), "index")
        study = {
            "name": f"01-{payload.encode('utf-8', 'replace').decode()}",
            "title": payload,
            "question": payload,
        }
        pages.append(study | {"results": results, "svg": svg})
    return render_site(pages=pages, command=" ".join(payloads), versions=payloads)
