"""Tiny notebooks, written to temporary folders, that need neither data nor NumPy."""

import json
import os
from types import SimpleNamespace

import nbformat
import pytest
from nbformat import v4

from normlab.handover import RESULTS_MIME
from normlab.report import build, workplace
from normlab.report.files import write
from normlab.report.manifest import NAME, manifest_text, page_of
from normlab.report.project import Project
from normlab.report.provenance import lock_hash, run_code_hash, sha256

RESULTS = {
    "short": "It runs.",
    "answer": "Yes, **2** of them.",
    "headline": {"worst": 1e-9},
    "claims": [
        {
            "name": "it-runs",
            "statement": "It runs & ends.",
            "state": "supported",
            "evidence": "1; at most 2",
            "source": "us",
            "link": "https://example.org/us",
            "expected": "yes",
            "outcome": "as predicted",
            "exact": False,
            "says": "yes",
            "against_source": False,
            "cells": 1,
            "seeds": 2,
            **dict.fromkeys(("mean", "low", "high", "margin"), 1.0),
            "unit": "",
        },
    ],
    "tables": {},
    "dataset": {"name": "toy", "title": "Toy <b>set</b>", "origin": "made up", "sha256": "abc123"},
    "figure": {"svg": '<svg><g id="index-axes"/><use href="#index-axes"/></svg>', "alt": "Axes."},
    "code": run_code_hash(),
    "arithmetic": {
        "numpy": "2.4",
        "blas_core": "Haswell",
        "threads": 1,
        "simd": ["X86_V3"],
        "libc": "glibc",
        "denormals": "kept",
    },
    "seeds": [0, 1],
    "runs": 2,
    "diverged": 0,
}
PUBLISH = f"""
from IPython.display import display
display({{"{RESULTS_MIME}": {RESULTS!r}, "text/plain": "published"}}, raw=True)
"""
PARAMETERS = "seeds: int = 2  # how many runs\nwidths: list = [5]  # of the layers"
INPUTS = {
    "normlab": "0.1.0",
    "notebook": "0" * 64,
    "code of the runs": "1" * 64,
    "code of the page": "2" * 64,
    "requirements.lock": "3" * 64,
}
FIGURE = """
display({"image/svg+xml": "<svg><g id='fig-a'/></svg>"}, raw=True,
        metadata={"image/svg+xml": {"alt": "A small group."}})
"""


def new_notebook(*sources, title="Toy study", parameters="seeds: int = 2  # how many runs"):
    """A study: title and question, parameters, then a code cell a source."""
    cells = [
        v4.new_markdown_cell(f"# {title}\n\n**Question.** Does it run\nto its end?"),
        v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *map(v4.new_code_cell, sources),
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def list_files(folder, pages=None):
    """Write a manifest that lists all files of a folder, and says what ``pages`` were made from.

    By default those that have results, from `INPUTS`.
    """
    paths = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name != NAME]
    if pages is None:
        pages = {page_of(path.name): INPUTS for path in paths if path.suffix == ".json"}
    files = {path.name: sha256(path.read_bytes()) for path in paths}
    (folder / NAME).write_text(manifest_text(files, pages), "utf-8")


class Told:
    """In the place of a terminal: remembers what it was told."""

    def __init__(self):
        self.started, self.done, self.failed = [], [], []

    def start(self, label):
        self.started.append(label)
        return self

    def runs(self, state):
        pass

    def finish(self, text, failed=False):
        (self.failed if failed else self.done).append(text)


def code_now(project):
    """What stands for the hashes of the code."""
    code = {"code of the runs": RESULTS["code"], "code of the page": "pa9e"}
    return code | {"requirements.lock": lock_hash(project)}


def old_page(folder, **texts):
    """Pages of an earlier build: name of a file -> content."""
    write(texts, folder)
    list_files(folder, {})


def executed(*outputs_of_cells, title="Toy study"):
    """A notebook as it is after it ran; each argument lists the outputs of one code cell."""
    notebook = new_notebook(*("1 + 1" for _ in outputs_of_cells), title=title)
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
        if cell.cell_type == "code":
            cell.execution_count = number
    for cell, outputs in zip(notebook.cells[2:], outputs_of_cells, strict=True):
        cell.outputs = list(outputs)
    return notebook


@pytest.fixture
def make():
    """What builds notebooks for these tests."""

    def write(path, *sources, **more):
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(*sources, **more), path)
        return path

    return SimpleNamespace(
        write=write,
        new=new_notebook,
        executed=executed,
        results=lambda: json.loads(json.dumps(RESULTS)),
        publish=PUBLISH,
        figure=FIGURE,
    )


@pytest.fixture
def small_project(tmp_path):
    """A checkout without notebooks or pages."""
    (tmp_path / "notebooks").mkdir()
    return Project(tmp_path)


@pytest.fixture
def write_results():
    """What writes the results of one page, as a build does, and perhaps empty pages.

    Without ``inputs`` there is no manifest that says what they were made from.
    """

    def write(folder, name, page=False, inputs=INPUTS, **changes):
        results = {
            "answer": "Yes.",
            "headline": {"accuracy": [0.7, 0.6, 0.8]},
            "claims": [
                {"name": "a", "state": "supported", "statement": "It is."},
                {"name": "b", "state": "refuted", "statement": "It is not."},
            ],
            "tables": {"accuracy": {"rows": [["none", 0.5]]}},
            "dataset": {"title": "Toy set", "sha256": "abc123"},
            "parameters": {"seeds": 2, "widths": [5]},
            "arithmetic": {"numpy": "2.4", "simd": ["X86_V3"], "threads": 1},
        } | changes
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(results), "utf-8")
        if page:
            for file in (f"{name}.html", "index.html"):
                (folder / file).touch()
        if inputs is not None:
            list_files(folder, {p.stem: INPUTS | inputs for p in folder.glob("[0-9]*.json")})
        return folder / f"{name}.json"

    return write


@pytest.fixture
def _the_environment_as_it_was():
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def project(make, tmp_path, monkeypatch, _the_environment_as_it_was):
    """A checkout with two studies, seen from its root."""
    folder = tmp_path / "notebooks"
    make.write(
        folder / "01-good.ipynb", make.publish, make.figure, title="Good", parameters=PARAMETERS
    )
    make.write(
        folder / "02-bad.ipynb",
        "seeds",
        "raise ValueError('lost')",
        title="Bad",
        parameters=PARAMETERS,
    )
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture
def fake(monkeypatch, make):
    """No kernels: notebooks run as told; ``fake[name]`` is an error to raise."""
    errors = {}

    def execute(source, values, log, on_progress, kernels, limits):
        if source.stem in errors:
            raise errors[source.stem]
        on_progress({"done": 1, "runs": 1, "work": 1, "work_done": 1})
        said = v4.new_output("stream", name="stdout", text=f"values {values}")
        return make.executed([said], title=source.stem), make.results()

    monkeypatch.setattr(build, "execute", execute)
    monkeypatch.setattr(workplace, "_find_fonts", lambda folder: None)
    monkeypatch.setattr(build, "code_now", code_now)  # takes a second
    return errors
