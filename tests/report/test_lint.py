"""Planted leaks, one of each kind, in every place that a reader sees; and innocent texts."""

import datetime
import getpass
import html
import io
import json
import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import papermill
import pytest
from IPython.core.magics.execution import TimeitResult
from nbformat import v4
from tqdm import tqdm

from normlab.arithmetic import pins
from normlab.handover import RESULTS_MIME
from normlab.report.build import build
from normlab.report.errors import NotebookError
from normlab.report.lint import refuse_leaks, rules
from normlab.report.project import Project
from normlab.report.provenance import run_code_hash

ROOT = Path(__file__).parents[2]


def bar():
    """What tqdm writes."""
    stream = io.StringIO()
    for _ in tqdm(range(3), file=stream, desc="6 runs"):
        pass
    return stream.getvalue().split("\r")[-1]


def timeit(*seconds):
    """What %timeit writes."""
    return str(TimeitResult(1, len(seconds), min(seconds), max(seconds), seconds, 0.1, 3))


LEAKS = {
    "a memory address": lambda: f"<function train at {hex(id(bar))}>",
    "a process id": lambda: f"worker of pid {os.getpid()}",
    "a clock time": lambda: time.ctime(),
    "a date": lambda: f"made on {datetime.date.today()}",
    "a temporary folder": lambda: f"written to {tempfile.gettempdir()}/normlab-k2j4/progress",
    "a home folder": lambda: "read from /home/ada/normlab/data.npz",
    "a folder of this machine": lambda: f"made in {ROOT}/build",
    "an absolute path": lambda: "numpy is at /opt/python/site-packages/numpy/__init__.py",
    "a Windows path": lambda: r"read from C:\Users\ada\data.npz",
    "a progress bar": bar,
    "a timing": lambda: timeit(1.23e-3, 1.31e-3),
    "an unnamed cell": lambda: "line 3 of ipykernel_4242/1938.py",
    "the user's name": lambda: "trained by ada_l",
    "the host's name": lambda: "trained on hopper",
}


@pytest.fixture(autouse=True)
def _ada_on_hopper(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "ada_l")
    monkeypatch.setattr(platform, "node", lambda: "hopper")


def test_there_is_a_leak_of_each_kind():
    assert set(LEAKS) == set(rules())
    assert len(LEAKS) >= 12


@pytest.mark.parametrize("kind", LEAKS)
def test_each_rule_finds_its_leak(kind):
    assert rules()[kind].search(LEAKS[kind]())


def stream(text):
    return v4.new_output("stream", name="stdout", text=f"first line\n{text}\n")


def data(mime, content, metadata=None):
    return v4.new_output("display_data", data={mime: content}, metadata=metadata or {})


def results(**changes):
    """Published results with the fields that study.publish gives them."""
    content = {
        "short": "It trains.",
        "answer": "71.5 % (70.1 to 72.9)",
        "headline": {"final training accuracy": [0.7, 0.6, 0.8]},
        "claims": [{"name": "bn", "statement": "It trains.", "evidence": "2 points (1 to 3)"}],
        "tables": {"one": {"caption": "Means", "columns": ["a"], "rows": [["none", 0.5]]}},
        "figure": {"svg": "<svg/>", "alt": "Accuracy against epochs."},
    }
    return data(RESULTS_MIME, content | changes)


# Each place where a text may stand: name -> an output that holds the text.
PLACES = {
    "stdout": stream,
    "plain text": lambda text: data("text/plain", text),
    "HTML": lambda text: data("text/html", f"<table><td>{html.escape(text)}</td></table>"),
    "an HTML attribute": lambda text: data("text/html", f'<p title="{html.escape(text)}">a</p>'),
    "Markdown": lambda text: data("text/markdown", f"After 10 epochs: {text}."),
    "SVG": lambda text: data(
        "image/svg+xml", f'<svg><path d="M 1 2"/><text x="1">{html.escape(text)}</text></svg>'
    ),
    "a comment in SVG": lambda text: data("image/svg+xml", f"<svg><!-- {text} --></svg>"),
    "alt text": lambda text: data("image/svg+xml", "<svg/>", {"image/svg+xml": {"alt": text}}),
    "the published answer in short": lambda text: results(short=text),
    "the published answer": lambda text: results(answer=text),
    "a published headline": lambda text: results(headline={text: [1.0, 0.5, 1.5]}),
    "published evidence": lambda text: results(claims=[{"evidence": text}]),
    "a cell of a published table": lambda text: results(tables={"one": {"rows": [[1, text]]}}),
    "a published caption": lambda text: results(tables={"one": {"caption": text}}),
    "a published figure": lambda text: results(
        figure={"svg": f"<svg><text>{html.escape(text)}</text></svg>"}
    ),
}


def notebook(*outputs):
    """Two cells of prose, an innocent cell, then a cell with these outputs: number 4."""
    cells = [v4.new_markdown_cell("# Title"), v4.new_markdown_cell("made at 12:30:05")]
    cells += [v4.new_code_cell("1", outputs=[stream("fine")])]
    return v4.new_notebook(cells=[*cells, v4.new_code_cell("2", outputs=[*outputs])])


@pytest.mark.parametrize(
    "text",
    [
        "5 January 2026",
        "05-Jan-2026",
        "January 5 2026",
        "Mon Jan 5 2026",
        "Jan. 5, 2026",
        "5. January 2026",
        "2026.01.05",
        "2026/1/5",
        "5.1.2026",
        "1/5/2026",
        "6.1.2026",
        "20260105",
        "1767616496",
        "1767616496123",
        "1767616496123456789",
        "1767616496.12",
    ],
)
def test_a_day_is_found_however_it_is_written(text, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_767_616_496.0)  # noon of 5 January 2026
    assert rules()["a date"].search(f"made on {text}, and so on")


@pytest.mark.parametrize(
    "text", ["15 January 2026", "5 January 2016", "version 1.5.2026", "17676164961", "25.1.2026"]
)
def test_another_day_is_none(text, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_767_616_496.0)
    assert not rules()["a date"].search(text.replace("version ", "version 0."))


@pytest.mark.parametrize("kind", LEAKS)
@pytest.mark.parametrize("place", PLACES)
def test_a_planted_leak_is_found(place, kind):
    text = LEAKS[kind]()
    with pytest.raises(NotebookError) as caught:
        refuse_leaks("02-study", notebook(PLACES[place](text)))
    message = str(caught.value)
    assert message.startswith(f"02-study: cell 4 shows {kind}, ")
    assert "\n" not in message


def test_the_error_shows_the_text_and_holds_the_notebook():
    leaking = notebook(stream("took 12:30:05 in all"))
    with pytest.raises(NotebookError, match=r"shows a clock time, '12:30:05', which") as caught:
        refuse_leaks("study", leaking)
    assert caught.value.notebook is leaking


@pytest.mark.parametrize("mime", ["text/html", "text/markdown", "image/svg+xml"])
def test_what_a_page_shows_another_form_of_is_no_leak(mime):
    output = data(mime, "<table></table>")
    output.data["text/plain"] = "<pandas.io.formats.style.Styler at 0x7f0011223344>"
    refuse_leaks("study", notebook(output))
    output.data[mime] = "<table><td>0x7f0011223344</td></table>"
    with pytest.raises(NotebookError, match="cell 4 shows a memory address"):
        refuse_leaks("study", notebook(output))


def test_the_first_of_several_cells_is_named():
    two = notebook(stream("pid 17"))
    two.cells.insert(2, v4.new_code_cell("0", outputs=[stream("at 0x7f0011223344")]))
    with pytest.raises(NotebookError, match="cell 3 shows a memory address"):
        refuse_leaks("study", two)


def test_a_leak_after_many_innocent_outputs_is_found():
    outputs = [stream("fine"), data("text/html", "<b>1</b>"), results(), stream("pid: 17")]
    with pytest.raises(NotebookError, match="cell 4 shows a process id"):
        refuse_leaks("study", notebook(*outputs))


MORE = {
    "repr of an object": "<object object at 0x7f3c2a1b40d0>",
    "repr of a bound method": "<bound method f of <A object at 0x7F3C2A1B40D0>>",
    "PID with an equals sign": "PID=4242",
    "pid in words": "process id 4242",
    "a difference of times": f"took {datetime.timedelta(seconds=12.5)}",
    "seconds since 1970": f"at {time.time()}",
    "the same in whole seconds": f"run-{int(time.time())}",
    "user and host": "ada_l@hopper:~$",
    "user at any host": "git clone ada_l@elsewhere:normlab",
    "fractions of seconds": "at 23:59:59.123456",
    "str of a datetime": str(datetime.datetime(2026, 11, 22, 21, 34, 56)),
    "a date in brackets": f"({datetime.date.today()})",
    "a date in words": f"{datetime.date.today():%d %B %Y}",
    "a date as in America": f"{datetime.date.today():%m/%d/%Y}",
    "a date and minutes": "2026-11-22 21:34",
    "where a package lies": "envs/x/lib/python3.11/site-packages/numpy",
    "an address of a Mac": "<f at 0x104b3c2d0>",
    "an address on Windows": "<f at 0x000001F2A3B4C5D6>",
    "an interpreter": sys.prefix,
    "macOS's temporary folder": "/var/folders/zz/x1/T/tmpab12",
    "private": "/private/tmp/a",
    "a quoted path": "FileNotFoundError: '/home/ada/data.npz'",
    "repr of a path": "PosixPath('/tmp/normlab-x/progress')",
    "a path in a list": "['/usr/lib/python3/x.py', '/opt/a/b']",
    "a Mac's home": "/Users/ada/normlab",
    "the id of an object": "id 140234567890123",
    "a drive": r"D:\data\x.npz",
    "a bar without a total": "12it [00:00, 3456.78it/s]",
    "a slow bar": "100%|##########| 3/3 [00:06<00:00,  2.00s/it]",
    "a notebook's bar": "  0%|          | 0/3 [00:00<?, ?it/s]",
    "%timeit of seconds": timeit(1.2, 1.3),
    "%timeit of nanoseconds": timeit(2.1e-8, 2.2e-8),
    "%time": "CPU times: user 4 ms, sys: 0 ns, total: 4 ms",
    "%time's second line": "Wall time: 4.2 ms",
    "isoformat of a datetime": "2026-11-22T21:34:56",
    "matplotlib's date": "<dc:date>2026-11-22T21:34:56.123456</dc:date>",
    "%timeit of minutes": timeit(63.0, 67.0),
    "%timeit of microseconds": timeit(2e-5, 3e-5),
    "a path in backticks": "read from `/home/ada/data.npz`",
    "a file's URL": "file:///home/ada/data.npz",
    "a path after a bar": "a|/home/ada/data.npz",
    "a warning's file": "<ipython-input-3-1234>:1: RuntimeWarning",
}


@pytest.mark.parametrize("kind", MORE)
def test_other_forms_of_leaks_are_found(kind):
    with pytest.raises(NotebookError):
        refuse_leaks("study", notebook(stream(MORE[kind])))


@pytest.mark.parametrize("text", ["PosixPath('/home/ada/x')", 'open("/tmp/normlab-x/y")'])
def test_a_quoted_path_is_found_in_html(text):
    with pytest.raises(NotebookError):
        refuse_leaks("study", notebook(PLACES["HTML"](text)))


INNOCENT = [
    "3:1",
    "a ratio of 3:1, or 1:2, or 10:1",
    "Ioffe & Szegedy 2015, section 4.2.2",
    "arXiv:1502.03167 and arXiv:1607.06450v1",
    "see https://arxiv.org/abs/1502.03167v3 and http://www.example.org/a/b.html#c",
    "1e-05, 2.3e-12, 1E+10 and -0.0",
    "71.5\N{NO-BREAK SPACE}% (70.1 to 72.9)",
    "[0.012, 0.34]; +2.1 points (-0.4 to +4.6)",
    "learning rate 0.001/0.002, train/validation, and/or",
    "w.shape == (3072, 100); x[1:3, ::2]; {1: 2, 3: 4}",
    "dx1 is gamma eps (dout1 - dout2) / (2 (h^2 + eps)^1.5), with h = (x1 - x2) / 2",
    "50 %, 100%, 5%",
    "10 ms and 3 s are units; 2 ± 1 points",
    "0x10 and 0xff",
    "#0072B2 #E69F00",
    "method\tscale\taccuracy\nnone\t0.02\t0.5",
    "batch size 2, 5, 10; seeds 0 to 9; update 1234 of 5000",
    "Wu & He 2018, table 2; pages 448-456; 1998-2015",
    "2015-2020 and 12-3-4",
    "the process ends; a process identity; rapid 3; stupid 17",
    "numpy 2.4.6, BLAS core Haswell, 1 BLAS thread, SIMD X86_V3",
    "fce53f064942f76b33af0d05deb222f08da8d8ace48ef968bce1421d7f420de0",
    "shopper and hoppers, adamax and ada",
    "</p></td><br/><hr />",
    "~ 3 and ~0.5; a/b; / ; //",
    "T-shirt/top",
    "C: 3\\n",
    "columns x[0:10], x[10:20:30] and x[:, 10:20:30]; train:val = 9:10, or 60:20:20",
    "submitted 2015-02-11, revised 11 February 2015, 02/11/2015",
    "numpy 1.26.4, cuda 12.4.1.3, 192.168.0.1 and 10.0.0.0/8",
    "arXiv:2311.12345, doi:10.1000/182, ISBN 978-3-16-148410-0, page 1234567890",
    "in ~/normlab/build, or cp ~/x.py .",
    "https://example.org/home/ada/x and https://example.org/tmp/x/2015/02/11",
    "0xdeadbeef, 0x9e3779b97f4a7c15 and 0xff0072B2",
    "| 50%| 60% | at 9:10 a ratio",
    r"f:\mathbb{R} \to X:\mathcal{F}, Y:\alpha\beta",
    "a.b@example.org, @property, x @ w",
]


@pytest.mark.parametrize("text", INNOCENT)
@pytest.mark.parametrize("place", PLACES)
def test_innocent_texts_pass(place, text):
    refuse_leaks("study", notebook(PLACES[place](text)))


def test_drawings_and_formulas_pass():
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' viewBox="0 0 648 244.8"><defs><style type="text/css">*{stroke-linejoin: round}</style>'
        '</defs><path d="M 0 244.8 L 648 244.8 z" clip-path="url(#fig-p0x7f)"'
        ' style="fill: none; stroke: #0072b2; stroke-dasharray: 7.2,2.7"/>'
        '<path d="M 12:30 L 0x7f3c2a1b40d0 20"/><polygon points="1,2 12:30,3"/>'
        '<use xlink:href="#fig-m1" x="1" y="2" transform="translate(12:30) scale(0.1 -0.1)"/>'
        "<text>10⁻³</text></svg>"
    )
    math = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mrow><mfrac>'
        "<mi>&#x003B3;</mi><mn>2.5</mn></mfrac><mo>&#x0003D;</mo><msup><mi>h</mi><mn>2</mn>"
        '</msup></mrow><annotation encoding="application/x-tex">\\frac{\\gamma}{2.5}</annotation>'
        "</math>"
    )
    table = '<table class="claims"><th scope="col">Claim</th><td id="claim-bn-at-he">3:1</td>'
    outputs = [data("image/svg+xml", svg), data("text/html", math), data("text/html", table)]
    refuse_leaks("study", notebook(*outputs, results(figure={"svg": svg})))


def test_what_a_notebook_says_itself_may_hold_anything():
    refuse_leaks("study", notebook(stream("fine")))  # its second cell names a clock time


def test_a_notebook_without_outputs_passes():
    refuse_leaks("study", v4.new_notebook(cells=[v4.new_markdown_cell("/home/ada/a")]))


WORDS = ["root", "user", "Runner", "vm", "", "x", "data", "norm", "batch", "layer", "mean", "test"]


@pytest.mark.parametrize("name", [*WORDS, "batch-norm", "fashion", "own-word"])
def test_names_that_are_words_of_the_page_are_not_looked_for(monkeypatch, name):
    monkeypatch.setattr(getpass, "getuser", lambda: name)
    monkeypatch.setattr(platform, "node", lambda: name)
    study = notebook(stream(f"by {name} on {name}, and {name} norm"))
    study.cells[0].source = "# A word of its own"
    refuse_leaks("study", study)
    if len(name) > 1:
        with pytest.raises(NotebookError, match="shows the user's name"):
            refuse_leaks("study", notebook(stream(f"by {name}@elsewhere")))


def test_a_cell_may_be_allowed_what_only_looks_like_a_leak():
    study = notebook(stream("it took 12:30:05, says the paper"))
    with pytest.raises(NotebookError, match="or tag the cell 'allow-leaks' if it is not"):
        refuse_leaks("study", study)
    study.cells[3].metadata["tags"] = ["allow-leaks"]
    refuse_leaks("study", study)


def test_a_name_is_looked_for_as_it_is(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "a.b+c")
    assert not rules()["the user's name"].search("aabbbc")
    assert rules()["the user's name"].search("by a.b+c today")


def test_a_user_without_a_name_is_no_error(monkeypatch):
    def fail():
        raise OSError("no user")

    monkeypatch.setattr(getpass, "getuser", fail)
    assert "the user's name" not in rules()


PUBLISHED = sorted((ROOT / "reports").glob("[0-9]*.json"))


@pytest.mark.skipif(not PUBLISHED, reason="no reports are published")
@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_published_pages_pass(path):
    """Results, figures, tables and prose of the real notebooks raise no false alarm."""
    page = path.with_suffix(".html").read_text("utf-8")
    body = re.sub(r'<details class="code">.*?</details>', "", page, flags=re.S)
    body = body[body.index("<main") : body.index('<h2 id="provenance">')]
    assert "<svg" in body
    assert "</table>" in body
    outputs = [
        data("text/html", body),
        data("image/svg+xml", path.with_suffix(".svg").read_text("utf-8")),
        data(RESULTS_MIME, json.loads(path.read_text("utf-8"))),
    ]
    refuse_leaks(path.stem, notebook(*outputs))


# In the pipeline


class Quiet:
    """A terminal that keeps what it is told."""

    def __init__(self):
        self.lines = []

    def start(self, label):
        return self

    def runs(self, state):
        pass

    def finish(self, text, failed=False):
        self.lines.append((failed, text))


@pytest.fixture
def pipeline(tmp_path, monkeypatch):
    """``pipeline(executed)``: a build in which papermill gave this notebook; what it said."""
    cells = [
        v4.new_markdown_cell("# Title\n\n**Question.** Is it so?"),
        v4.new_code_cell("seeds: int = 2  # runs", metadata={"tags": ["parameters"]}),
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    (tmp_path / "notebooks").mkdir()
    nbformat.write(
        v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}),
        tmp_path / "notebooks" / "01-study.ipynb",
    )
    for name in ("NORMLAB_FORCE", "NORMLAB_RUNS", *pins()):
        monkeypatch.setenv(name, "0")  # so that what the build writes is taken back

    def make(executed):
        for number, cell in enumerate(executed.cells, start=1):
            if cell.cell_type == "code":
                cell.execution_count = number
        monkeypatch.setattr(papermill, "execute_notebook", lambda *_, **__: executed)
        terminal = Quiet()
        failed, folder = build(Project(tmp_path), [], [], None, terminal)
        return failed, folder, terminal.lines[0][1]

    return make


def published(**changes):
    more = {
        "dataset": None,
        "code": run_code_hash(),
        "seeds": [0],
        "runs": 2,
        "diverged": 0,
        "arithmetic": {
            "numpy": "2",
            "blas_core": "X",
            "threads": 1,
            "simd": [],
            "libc": "glibc",
            "denormals": "kept",
        },
    }
    claim = {
        "name": "bn",
        "statement": "It trains.",
        "evidence": "2 points (1 to 3)",
        "state": "supported",
        "source": "us",
        "link": "",
        "expected": "open",
        "outcome": "no prediction",
        "exact": False,
        "says": "open",
        "against_source": False,
        "cells": 1,
        "seeds": 2,
    }
    return results(**more, **{"claims": [claim]} | changes)


def test_a_build_with_an_innocent_notebook_is_made(pipeline):
    failed, folder, said = pipeline(notebook(stream("fine"), published()))
    assert not failed, said
    assert (folder / "01-study.html").exists()


def test_a_build_with_a_leak_fails_and_writes_no_page(pipeline):
    failed, folder, said = pipeline(notebook(stream("pid 17"), published()))
    assert failed
    assert "cell 4 shows a process id, 'pid 17'" in said
    assert not list(folder.glob("*"))


@pytest.mark.parametrize("kind", LEAKS)
def test_a_build_with_a_leak_in_the_published_results_fails(pipeline, kind):
    failed, folder, said = pipeline(notebook(published(answer=LEAKS[kind]())))
    assert failed
    assert f"cell 4 shows {kind}, " in said
    assert not list(folder.glob("*"))
