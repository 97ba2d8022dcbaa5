"""The floors of the house, read from the imports; the order of a notebook, read from its cells."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
ADAPTER = SOURCE / "normlab/cs231n/site"  # stands in for a student's package, star imports and all
MODULES = sorted(path for path in SOURCE.rglob("*.py") if ADAPTER not in path.parents)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STUDIES = [path for path in NOTEBOOKS if path.stem[0].isdigit() or path.stem == "template"]

# What each part may import of normlab. Everything points down.
GROUND = {"whole", "messages", "plain", "handover", "arithmetic", "codehash", "cores", "locks"}
FLOORS = {
    "__init__": {"codehash"},
    "messages": set(),
    "whole": set(),
    "plain": set(),
    "handover": set(),
    "arithmetic": set(),
    "codehash": set(),
    "cores": {"handover", "locks"},
    "locks": set(),
    "installed": set(),
    "kernel": {"arithmetic"},
    "lab": {"kernel"},
    "nn": {"messages", "whole"},
    "data": {"messages", "plain"},
    "check": {"nn", "messages", "plain"},
    "cs231n": {"nn"},
    "training": {"nn", "arithmetic", "codehash", "locks"},
    "runs": GROUND | {"nn", "training"},
    "experiments": {"nn"},
    "stats": {"messages"},
    "ledger": {"nn", "stats"},
    "show": GROUND | {"experiments", "nn", "check", "data", "training", "runs", "stats", "ledger"},
    "study": {"training", "runs", "stats", "ledger", "show"},
    "report": GROUND,
    "terminal": {"plain"},
    "commands": GROUND
    | {"check", "cs231n", "data", "installed", "lab", "report", "runs", "terminal"},
    "stopping": set(),
    "usage": {"messages"},
    "options": {"commands", "cores", "report", "usage"},
    "cli": {"options", "plain", "report", "stopping", "usage"},
}
# What else they may import, beside the standard library.
PACKAGES = {
    "nn": {"numpy"},
    "experiments": {"numpy"},
    "check": {"numpy"},
    "cs231n": {"numpy", "nbformat", "nbclient"},
    "data": {"numpy", "pooch", "requests", "tqdm"},
    "training": {"numpy", "numba", "llvmlite"},
    "runs": {"numpy", "tqdm", "distributed"},
    "stats": {"numpy", "scipy"},
    "ledger": {"numpy"},
    "show": {"numpy", "matplotlib", "IPython", "ipywidgets"},
    "report": {
        "papermill",
        "nbformat",
        "nbconvert",
        "jinja2",
        "pygments",
        "latex2mathml",
        "traitlets",
        "fastjsonschema",
        "jupyter_client",
        "jupyter_core",
        "nbclient",
        "yaml",
        "markdown_it",
        "PIL",
    },
    "arithmetic": {"numpy", "threadpoolctl"},
    "lab": {"jupyterlab"},
    "options": {"click"},
    "cli": {"click"},
    "usage": {"click"},
}


def imports_of(path):
    """(module, line) of each import, relative ones refused."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            assert "*" not in [alias.name for alias in node.names], f"{path}:{node.lineno}: star"
            if node.module == "normlab":
                yield from ((f"normlab.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield node.module, node.lineno


def room(path):
    """The part of the house that a module belongs to."""
    return path.relative_to(SOURCE / "normlab").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_down(path):
    import sys

    here = room(path)
    for module, line in imports_of(path):
        parts = module.split(".")
        if parts[0] != "normlab":
            allowed = sys.stdlib_module_names | PACKAGES.get(here, set())
            assert parts[0] in allowed, f"{path}:{line}: {here} must not import {module}"
        elif len(parts) > 1 and parts[1] != here:
            assert parts[1] in FLOORS[here], f"{path}:{line}: {here} must not import {module}"


def test_no_circles_between_modules():
    names = {
        ".".join(p.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): p
        for p in MODULES
    }
    graph = {
        name: {m for m, _ in imports_of(path) if m in names and m != name and m != "normlab"}
        for name, path in names.items()
        if not path.name.startswith("__init__")
    }

    def visit(name, trail):
        assert name not in trail, " -> ".join([*trail, name])
        for other in graph.get(name, ()):
            visit(other, [*trail, name])

    for name in graph:
        visit(name, [])


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_files_stay_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 300


def test_no_global_generator():
    pattern = re.compile(r"\bnp\.random\.(seed|randn?|choice|permutation|randint|uniform)\(")
    for path in MODULES:
        if path.name != "legacy.py":  # the one place for what the course's notebooks seed
            assert not pattern.search(path.read_text("utf-8")), path


def cells(path):
    return json.loads(path.read_text("utf-8"))["cells"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_narrates_and_src_computes(path):
    for number, cell in enumerate(cells(path), start=1):
        if cell["cell_type"] != "code":
            continue
        where = f"{path.name}, cell {number}"
        assert not cell["outputs"], f"{where}: stored output"
        assert cell["execution_count"] is None, f"{where}: stored count"
        source = "".join(cell["source"])
        assert source.count("\n") < 16, f"{where}: {source.count(chr(10)) + 1} lines"
        banned = ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.AsyncFunctionDef
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, banned), f"{where}: {type(node).__name__}"


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.stem)
def test_study_has_the_common_order(path):
    text = "".join("".join(cell["source"]) + "\n" for cell in cells(path))
    assert text.startswith("# ")
    assert "**Question.**" in text
    assert cells(path)[1]["metadata"]["tags"] == ["parameters"]
    wanted = [
        *("Why", "Prediction", "Set-up", "Run", "Reading", "Predicted, and what came out"),
        *(("Questions",) if path.stem != "template" else ()),
        "Limits and references",
    ]
    found = re.findall(r"^## (.+)$", text, re.M)
    assert [heading for heading in found if heading in wanted] == wanted
    assert "study.publish(" in text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_prose_holds_no_result(path):
    """Decimals in Markdown cells are suspicious: results are computed, never typed."""
    for cell in cells(path):
        if cell["cell_type"] == "markdown":
            text = re.sub(r"arXiv:\S+|section \d[\d.]*|\$[^$]*\$", "", "".join(cell["source"]))
            assert not re.search(r"\d+\.\d+ ?(%|points)|\d+ ?%(?! (interval|quantile))", text), text
