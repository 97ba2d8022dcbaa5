"""Chromium and the W3C validator, for pages in a folder of the caller's choice."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat import v4

from normlab.report.render import render

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGES = Path(os.environ.get("NORMLAB_PAGES", ROOT / "reports"))
BROWSERS = (os.environ.get("CHROMIUM", "chromium"), "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), BROWSERS[0])
VALIDATOR = HERE / "node_modules/vnu-jar/build/dist/vnu.jar"


def _do_without(reason):
    """Skip, but not on the machine whose task these tests are."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def packages():
    """The npm packages of package-lock.json, in node_modules beside it."""
    for tool in ("node", "npm", "java", CHROMIUM):
        if not shutil.which(tool):
            _do_without(f"{tool} is not installed, so no page can be looked at")
    with open(HERE / "package.json") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes may test at once
        installed = HERE / "node_modules/.package-lock.json"
        wanted = HERE / "package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
            command = ["npm", "ci", "--ignore-scripts", "--no-progress"]
            done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
            if done.returncode:
                _do_without(f"npm ci failed: {done.stderr.strip()[-300:]}")


@pytest.fixture(scope="session")
def browser(packages):
    """A function: tasks for look.mjs in, what it saw out; one start of Chromium a call."""

    def look(tasks):
        done = subprocess.run(
            ["node", HERE / "look.mjs", "-"],
            input=json.dumps(tasks),
            capture_output=True,
            text=True,
            timeout=300,
            env=os.environ | {"CHROMIUM": CHROMIUM},
        )
        assert done.returncode == 0, done.stderr
        return SimpleNamespace(**json.loads(done.stdout))

    return look


@pytest.fixture(scope="session")
def validate(packages):
    """A function: files in, the validator's errors out, a line each."""

    def errors(files):
        command = ["java", "-jar", VALIDATOR, "--format", "json", "--stdout", "--exit-zero-always"]
        done = subprocess.run([*command, *files], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return [
            f"{Path(fault['url']).name}:{fault.get('lastLine')}: {fault['message']}"
            for fault in json.loads(done.stdout)["messages"]
            if fault["type"] != "info"
        ]

    return errors


@pytest.fixture(scope="session")
def failure_page(tmp_path_factory):
    """The page of a study whose fourth cell failed, with all that cells show before that."""
    notebook = nbformat.read(ROOT / "notebooks/02-deep-networks.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(cells[:4], start=1):
        cell.execution_count = number
    row = "".join(f"<td>{'wide' * 9}</td>" for _ in range(9))
    table = f"<table><tbody><tr>{row}</tr></tbody></table>"
    cells[1].outputs = [
        v4.new_output("stream", name="stdout", text="a long line " * 30),
        v4.new_output("display_data", {"text/html": table}),
    ]
    cells[3].outputs = [
        v4.new_output(
            "error",
            ename="ValueError",
            evalue="unknown method",
            traceback=[f"\x1b[31m{'-' * 75}\x1b[0m", "ValueError: unknown method 'bathcnorm' " * 5],
        )
    ]
    page = tmp_path_factory.mktemp("failure") / "02-deep-networks.html"
    message = "02-deep-networks: cell 6 failed: ValueError: unknown method"
    page.write_text(render(notebook, title="failed: Deep networks", failure=message), "utf-8")
    return page


@pytest.fixture(scope="session")
def pages(failure_page):
    """Every page under test: those of the folder, and a failure page."""
    found = sorted(PAGES.glob("*.html"))
    assert len(found) > 1, f"{PAGES} holds no pages"
    return [*found, failure_page]
