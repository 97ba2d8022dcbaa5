"""JupyterLab as `normlab lab` opens it: its files, its kernels, its kernel at work."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from normlab import cli, kernel, lab

ROOT = Path(__file__).parents[1]
TOKEN = "a-token-of-the-test"


@pytest.fixture
def jupyterlab(monkeypatch):
    """The argument lists with which JupyterLab is started; it does not start."""
    started = []
    monkeypatch.setattr("jupyterlab.labapp.main", started.append)
    return started


def test_options_are_passed_on(jupyterlab, monkeypatch):
    monkeypatch.chdir(ROOT / "src")
    assert cli.main(["lab", "--no-browser", "--port", "9999", "-y", "--help"]) == 0
    (arguments,) = jupyterlab
    assert arguments[-5:] == ["--no-browser", "--port", "9999", "-y", "--help"]
    assert f"--ServerApp.root_dir={ROOT}" in arguments


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_and_nobody_is_told_to_be(user, allowed, jupyterlab, monkeypatch, tmp_path):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    lab.open_lab(tmp_path, [])
    assert ("--allow-root" in jupyterlab[0]) == allowed


@pytest.fixture
def ask(tmp_path):
    """``ask(path)`` of the REST API of a server that `normlab lab` has started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "normlab.cli",
        "lab",
        "--no-browser",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}",
    ]
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {place: str(tmp_path / place) for place in places},
        )

    def ask(path):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/{path}", headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    try:
        wait_for(ask, server, tmp_path / "log")
        yield ask
    finally:
        server.terminate()
        server.wait(30)


def wait_for(ask, server, log):
    for _ in range(300):
        try:
            ask("api/status")
            return
        except urllib.error.URLError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(log.read_text())


@pytest.mark.slow
def test_it_offers_the_notebooks_and_the_kernel(ask):
    kernels = json.loads(ask("api/kernelspecs"))
    assert kernels["default"] == kernel.NAME in kernels["kernelspecs"]
    listed = json.loads(ask("api/contents/notebooks"))["content"]
    names = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert names <= {entry["name"] for entry in listed}
    assert '"preferredPath": "notebooks"' in ask("lab")  # where the file browser begins
