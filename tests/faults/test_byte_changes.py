"""Bytes of notebooks, stored runs, parameters and solutions change at random.

Whatever changes: each command answers in words, no page is wrong, and no file is lost. (What
changed bytes of pages, results and manifests do is in report/test_random_bytes.py.)
"""

import random
import shutil
from pathlib import Path

import pytest
from faults.project import FIRST, contents, make_project, write_notebook
from faults.runs_rows import TRAINING
from report.conftest import PUBLISH
from reproducibility.builds import once

from normlab import cli
from normlab.handover import STORE_FOLDER

pytestmark = pytest.mark.slow
EACH = 60  # changes a seed
SWEPT = f"""{TRAINING}
config = study.TrainingConfig(hidden_dims=(8,), batch_size=10, epochs=1, evaluations=1)
print(study.sweep(config, arrays, seeds).values("final_loss"))
"""
PARAMETERS = "# how long\nseeds: 3\nwidths: [5, 6]\nrate: 1e-3\nname: 'adam'\n"
CELL = """seeds: int = 2  # how many runs (2 or more)
widths: list = [5]  # of the layers (1 or more)
rate: float = 0.1  # a step (more than 0)
name: str = "sgd"  # a rule (one of sgd, adam)"""
SOLUTION = Path(__file__).parents[1] / "check" / "solution.py"


def changed(content, rng):
    """``content`` with one byte more, less, or another one; or the end cut off."""
    place = rng.randrange(len(content))
    byte = bytes([rng.choice([rng.randrange(256), *b'"{}[],:\\\n#=0'])])
    return rng.choice(
        [
            content[:place] + byte + content[place + 1 :],
            content[:place] + byte + content[place + 1 :],
            content[:place] + byte + content[place:],
            content[:place] + content[place + 1 :],
            content[:place],
        ]
    )


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A project with pages and stored runs."""

    def make(folder):
        project = make_project(folder / "project")
        write_notebook(project / "notebooks" / f"{FIRST}.ipynb", SWEPT, PUBLISH, parameters=CELL)
        (project / "mine.yaml").write_text(PARAMETERS)
        shutil.copy(SOLUTION, project / "layers.py")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(project)
            patch.setenv(STORE_FOLDER, str(project / "build" / "runs"))
            assert cli.main(["build"]) == 0
            assert cli.main(["build", "--params", "mine.yaml", FIRST]) == 0

    return once(tmp_path_factory, "byte-changes", make) / "project"


@pytest.fixture
def project(whole, tmp_path, monkeypatch, capsys):
    """Makes a copy of it, changes a file, and runs commands in it."""

    class Copy:
        def __init__(self, name):
            self.root = tmp_path / name
            shutil.copytree(whole, self.root)
            monkeypatch.chdir(self.root)
            monkeypatch.setenv(STORE_FOLDER, str(self.root / "build" / "runs"))
            capsys.readouterr()

        def run(self, *arguments):
            """(exit code, lines) of a command; a traceback fails the test."""
            code = cli.main(list(arguments))
            shown, said = capsys.readouterr()
            assert "Traceback" not in shown + said, said
            complaints = [s for s in said.splitlines() if s.startswith(("normlab: ", "FAILED "))]
            assert len(complaints) <= 1, said
            if code == 2 or complaints:
                assert code, said
                assert len(complaints) == 1, said
            return code, shown + said

    return Copy


@pytest.mark.parametrize("seed", range(5))
def test_changed_bytes_never_make_a_wrong_page(project, whole, seed, tmp_path):
    rng = random.Random(seed)
    published = contents(whole / "reports")
    targets = {
        a_notebook: [whole / "notebooks" / f"{FIRST}.ipynb"],
        a_run: sorted((whole / "build" / "runs").rglob("*.run")),
        a_file_of_parameters: [whole / "mine.yaml"],
        a_solution: [whole / "layers.py"],
    }
    for number in range(EACH):
        kind = list(targets)[number % len(targets)]
        path = rng.choice(targets[kind]).relative_to(whole)
        place = project(f"{number}")
        content = changed((place.root / path).read_bytes(), rng)
        (place.root / path).write_bytes(content)
        try:
            kind(place, path, published)
            for command in (["list"], ["cache"], ["compare", "published", "name"]):
                place.run(*command)
            assert (place.root / path).exists()
        except AssertionError as error:
            raise AssertionError(
                f"change {number} of {path}: {error}\n{content[:3000]!r}"
            ) from error
        shutil.rmtree(place.root)


def a_notebook(place, path, published):
    """The page is that of the changed notebook, and until then verify calls it stale."""
    stale, said = place.run("verify")
    assert not stale or FIRST in said
    place.run("list", FIRST)
    code, _ = place.run("build", FIRST)
    pages = contents(place.root / "reports")
    if code:
        for name in published.keys() - {"index.html", "ledger.csv", "manifest.json"}:
            assert pages[name] == published[name]
    else:
        assert place.run("verify")[0] == 0
        if not stale:
            assert pages == published


def a_run(place, path, published):
    """It is trained again."""
    assert place.run("build", FIRST)[0] == 0
    assert contents(place.root / "reports") == published


def a_file_of_parameters(place, path, published):
    """It is refused, or its values are those of the page."""
    place.run("build", "--params", path.name, FIRST)
    assert contents(place.root / "reports") == published


def a_solution(place, path, published):
    code, said = place.run("check", path.name, "--only", "relu_forward", "--timeout", "5")
    assert code == 2 or "relu_forward" in said or "right" in said
