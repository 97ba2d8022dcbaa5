"""The notebooks that are no studies: the playground and the template."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from normlab.report.parameter_cell import read_parameters
from normlab.training.config import FIELDS, TrainingConfig

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
LOOK = """
import asyncio

async def look(text):
    for _ in range(600):
        if text in playground.status.value:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(playground.status.value)
"""
TURN = """
playground.controls["normalization"].value = "layernorm"
await look("trained here: update 2 of 2")
assert "<svg" in playground.picture.value
playground.controls["normalization"].value = "none"
await look("trained before: update 2 of 2")
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the kernel's transport
def test_the_playground_in_a_kernel():
    notebook = nbformat.read(NOTEBOOKS / "playground.ipynb", as_version=4)
    parameters = notebook.cells[1]
    for old, new in {"= 1000": "= 100", "epochs: int = 10": "epochs: int = 1"}.items():
        assert old in parameters.source
        parameters.source = parameters.source.replace(old, new)
    look = 'await look("trained here: update 2 of 2")'
    notebook.cells += map(nbformat.v4.new_code_cell, (LOOK, look, TURN))
    where = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    (shown,) = notebook.cells[3].outputs
    assert "application/vnd.jupyter.widget-view+json" in shown.data
    assert not any(cell.outputs for cell in notebook.cells[4:] if cell.cell_type == "code")


@pytest.mark.slow
def test_the_template_makes_a_page(tmp_path):
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    shutil.copy(NOTEBOOKS / "template.ipynb", tmp_path / "notebooks" / "05-copy.ipynb")
    command = ["build", "05-copy", "-p", "seeds=3", "-p", "epochs=1", "--output", "pages"]
    built = subprocess.run(
        [sys.executable, "-m", "normlab.cli", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "pages" / "05-copy.html").exists()


def defaults(name):
    return {p.name: p.default for p in read_parameters(NOTEBOOKS / f"{name}.ipynb").values()}


def config_of(parameters):
    return TrainingConfig(**{name: parameters[name] for name in FIELDS if name in parameters})


def test_the_playground_begins_with_a_run_of_the_second_study():
    """So it is drawn at once where that was built: the same config on the same data."""
    mine, theirs = defaults("playground"), defaults("02-deep-networks")
    assert config_of(mine) == config_of(theirs)
    assert [mine[name] for name in ("dataset", "num_train", "dtype")] == [
        theirs[name] for name in ("dataset", "num_train", "dtype")
    ]
