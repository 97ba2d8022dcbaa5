"""The kernel that JupyterLab and VS Code offer computes in the reference arithmetic."""

import json
import platform
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

from normlab import kernel
from normlab.arithmetic import pins

CODE = "from normlab.arithmetic import in_force; print(in_force().differences())"


def test_the_installed_one_is_as_described_with_the_pins():
    installed = Path(KernelSpecManager().get_kernel_spec(kernel.NAME).resource_dir)
    text = (installed / "kernel.json").read_text("utf-8")
    assert json.loads(text) == kernel.description(), "run `make setup`"
    assert kernel.description()["env"] == pins()


@pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="reference is x86-64"
)
def test_a_cell_in_it_computes_by_the_reference(monkeypatch):
    for name in pins():
        monkeypatch.delenv(name, raising=False)
    manager, client = start_new_kernel(kernel_name=kernel.NAME)
    printed = []
    try:
        client.execute_interactive(
            CODE,
            timeout=60,
            output_hook=lambda message: printed.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "".join(printed).strip() == "[]"


def test_notebooks_ask_for_it():
    for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb"):
        assert json.loads(path.read_text("utf-8"))["metadata"]["kernelspec"]["name"] == kernel.NAME
