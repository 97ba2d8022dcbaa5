"""The kernel that JupyterLab and VS Code offer computes in the reference arithmetic."""

import json
import platform
import sys
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from normlab import kernel
from normlab.arithmetic import pins

CODE = "from normlab.arithmetic import in_force; print(in_force().differences())"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    folder = kernel.install()
    monkeypatch.undo()
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    for name in pins():
        monkeypatch.delenv(name, raising=False)
    return folder


def test_its_description_holds_the_pins(installed, tmp_path):
    assert installed == str(tmp_path / "share" / "jupyter" / "kernels" / kernel.NAME)
    with open(f"{installed}/kernel.json", encoding="utf-8") as file:
        assert json.load(file)["env"] == pins()


@pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="reference is x86-64"
)
@pytest.mark.usefixtures("installed")
def test_a_cell_in_it_computes_by_the_reference():
    manager, client = start_new_kernel(kernel_name=kernel.NAME)
    printed = []
    try:
        client.execute_interactive(
            CODE, timeout=60,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
        )  # fmt: skip
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "".join(printed).strip() == "[]"


def test_notebooks_ask_for_it():
    for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb"):
        assert json.loads(path.read_text("utf-8"))["metadata"]["kernelspec"]["name"] == kernel.NAME
