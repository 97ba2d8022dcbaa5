"""Tiny notebooks, written to temporary folders, that need neither data nor NumPy."""

import json
from types import SimpleNamespace

import nbformat
import pytest
from nbformat import v4

from normlab.handover import RESULTS_MIME
from normlab.report.project import Project

RESULTS = {
    "answer": "Yes, **2** of them.",
    "headline": {"worst": 1e-9},
    "claims": [
        {"name": "it-runs", "statement": "It runs & ends.", "state": "supported",
         "evidence": "1; limit 2", "source": "us"},
    ],
    "tables": {},
    "dataset": {"name": "toy", "title": "Toy <b>set</b>", "origin": "made up", "sha256": "abc123"},
    "figure": {"svg": '<svg><g id="index-axes"/><use href="#index-axes"/></svg>', "alt": "Axes."},
    "code": "c0de",
    "arithmetic": {"numpy": "2.4", "blas_core": "Haswell", "threads": 1, "simd": ["X86_V3"],
                   "libc": "glibc", "denormals": "kept"},
    "seeds": [0, 1],
    "runs": 2,
    "diverged": 0,
}  # fmt: skip
PUBLISH = f"""
from IPython.display import display
display({{"{RESULTS_MIME}": {RESULTS!r}, "text/plain": "published"}}, raw=True)
"""
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
        write=write, new=new_notebook, executed=executed,
        results=lambda: json.loads(json.dumps(RESULTS)), publish=PUBLISH, figure=FIGURE,
    )  # fmt: skip


@pytest.fixture
def small_project(tmp_path):
    """A checkout without notebooks or pages."""
    (tmp_path / "notebooks").mkdir()
    return Project(tmp_path)


@pytest.fixture
def write_results():
    """What writes the results of one page, as a build does, and perhaps empty pages."""

    def write(folder, name, page=False, **changes):
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
            "inputs": {"notebook": "0" * 64, "normlab": "0.1.0"},
            "arithmetic": {"numpy": "2.4", "simd": ["X86_V3"], "threads": 1},
        } | changes
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(results), "utf-8")
        if page:
            for file in (f"{name}.html", "index.html"):
                (folder / file).touch()
        return folder / f"{name}.json"

    return write
