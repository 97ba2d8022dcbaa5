"""The walk of docs/adding-a-study.md, in a copy of the project, by the commands of the page."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-study.md").read_text("utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)
EDITS = {
    "# Two layers": "# A study of mine: two layers",
    "seeds: int = 10": "seeds: int = 3",
    "epochs: int = 5": "epochs: int = 2",
}


def run(command, folder):
    return subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NORMLAB_RUNS": str(folder / "build" / "runs")},
    )


@pytest.fixture
def project(tmp_path):
    """A copy of the checkout, which has the tools of this environment."""
    for name in ("notebooks", "reports", "src"):
        shutil.copytree(ROOT / name, tmp_path / name)
    names = ("Makefile", ".gitattributes", "pyproject.toml", "requirements.lock", "hatch_build.py")
    for name in names:
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    for stamp in ("packages", "ready"):
        (tmp_path / ".venv" / stamp).touch()
    (tmp_path / ".uv" / "bin").mkdir(parents=True)
    (tmp_path / ".uv" / "bin" / "uv").touch()
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def edit(notebook):
    """Step 2: another title, and few seeds."""
    text = notebook.read_text("utf-8")
    for old, new in EDITS.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    notebook.write_text(text, "utf-8")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_the_walk_of_the_page(project):
    copy, try_it, publish, git_diff = COMMANDS
    assert run(copy, project).returncode == 0
    (notebook,) = (project / "notebooks").glob("10-*.ipynb")
    edit(notebook)

    tried = run(try_it, project)
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.startswith("A study of mine: two layers ")
    assert "seeds=3 (int)\n      runs of each network" in tried.stdout
    index = project / tried.stdout.splitlines()[-2]
    assert index.parent.parent == project / "build" / "reports"

    published = run(publish, project)
    assert published.returncode == 0, published.stdout + published.stderr
    results = json.loads((project / "reports" / f"{notebook.stem}.json").read_text("utf-8"))
    assert results["seeds"] == [0, 1, 2]
    assert {claim["state"] for claim in results["claims"]} <= {
        "supported",
        "refuted",
        "inconclusive",
    }
    assert "A study of mine" in (project / "reports" / "index.html").read_text("utf-8")

    assert run(git_diff, project).returncode == 0


def test_the_page_names_what_is_there():
    for path in re.findall(r"`((?:src|notebooks)/[\w/.-]+\.\w+)`", PAGE):
        assert (ROOT / path).exists() or path.startswith("notebooks/10-"), path
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for names in re.findall(r"\bmake ((?:[a-z-]+ ?)+)`", PAGE):
        assert set(names.split()) <= set(targets), names


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_a_newcomer_finds_the_page(name):
    assert "(docs/adding-a-study.md)" in (ROOT / name).read_text("utf-8")
