"""What `make git-diff` and `make strip` leave of a notebook that was run and saved in an editor."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
NAME = "notebooks/playground.ipynb"

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


def git(folder, *arguments):
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", *names, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def make(folder, *targets):
    """Run targets of the Makefile with the tools of this environment."""
    command = ["make", "--old-file", ".venv/ready", f"BIN={BIN}", *targets]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture
def saved(tmp_path):
    """A repository with a notebook of which one word was changed before it was run and saved."""
    (tmp_path / "notebooks").mkdir()
    for name in ("Makefile", ".gitattributes", "pyproject.toml", NAME):
        shutil.copy(ROOT / name, tmp_path / name)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=all")
    path = tmp_path / NAME
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"][1]["source"][1] = "num_train: int = 500  # training images of a run\n"
    clutter(notebook)
    path.write_text(json.dumps(notebook, indent=1), "utf-8")
    return tmp_path


def clutter(notebook):
    """Add what JupyterLab, VS Code and ipywidgets write."""
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"0123abcd-{number}"
        cell["metadata"] |= {
            "editable": True,
            "slideshow": {"slide_type": ""},
            "vscode": {"languageId": "python"},
            "jupyter": {"source_hidden": True},
            "jp-MarkdownHeadingCollapsed": True,
            "collapsed": False,
            "scrolled": True,
            "trusted": True,
            "papermill": {"duration": 1.0},
        }
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["a\n"]}]
    notebook["metadata"] |= {
        "vscode": {"interpreter": {"hash": "0"}},
        "interpreter": {"hash": "0"},
        "orig_nbformat": 4,
        "papermill": {"duration": 1.0},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
        "language_info": {
            "codemirror_mode": {"name": "ipython", "version": 3},
            "file_extension": ".py",
            "mimetype": "text/x-python",
            "name": "python",
            "nbconvert_exporter": "python",
            "pygments_lexer": "ipython3",
            "version": "3.11.0",
        },
    }


def changed(folder):
    """The lines that `git diff` shows as removed and added."""
    lines = git(folder, "diff").splitlines()
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


CHANGE = [
    r'-    "num_train: int = 1000  # training images of a run\n",',
    r'+    "num_train: int = 500  # training images of a run\n",',
]


@pytest.mark.slow
def test_git_shows_the_source_that_was_changed_and_nothing_else(saved):
    assert len(changed(saved)) > 50
    assert make(saved, "git-diff").returncode == 0
    assert changed(saved) == CHANGE
    assert git(saved, "status", "--short").split() == ["M", NAME]  # .gitattributes as it was
    git(saved, "commit", "--quiet", "--all", "--message=change")
    assert git(saved, "status", "--short") == ""
    assert "0123abcd" not in git(saved, "show", f"HEAD:{NAME}")


@pytest.mark.slow
def test_strip_takes_the_same_out_of_the_files(saved):
    assert make(saved, "strip").returncode == 0
    assert changed(saved) == CHANGE


@pytest.mark.slow
def test_lint_refuses_it(saved):
    refused = make(saved, "lint")
    assert refused.returncode != 0
    assert f"would have stripped {NAME}" in refused.stdout
    make(saved, "strip")
    assert make(saved, "lint").returncode == 0


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_no_notebook_of_the_project_holds_such(path):
    metadata = json.loads(path.read_text("utf-8"))["metadata"]
    assert metadata == {
        "kernelspec": {"display_name": "normlab", "language": "python", "name": "normlab"},
        "language_info": {"name": "python"},
    }
