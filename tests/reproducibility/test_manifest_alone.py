"""What is hashed but changes no number, sentence or picture changes no file but the manifest."""

import json
import shutil

import pytest
from reproducibility.builds import ROOT, build
from reproducibility.test_kill import make_project

from normlab.report.manifest import NAME

pytestmark = pytest.mark.slow
EDITED = ("nn/layers/affine.py", "training/course.py", "show/figures.py", "report/build.py")


def test_an_edit_that_shows_nowhere_changes_the_manifest_alone(tmp_path):
    project = make_project(tmp_path / "project")
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))

    def pages():
        return build(
            tmp_path / "pages",
            project=project,
            parameters=(),
            variables={"PYTHONPATH": str(source)},
        )

    before = pages()
    for name in EDITED:
        path = source / "normlab" / name
        path.write_text(path.read_text("utf-8") + "\n_NEW = 1\n", "utf-8")
    (project / "requirements.lock").write_text("# another\n", "utf-8")
    after = pages()
    assert {name for name in after if after[name] != before.get(name)} == {NAME}
    was, now = (json.loads(state[NAME])["pages"]["01-killed"] for state in (before, after))
    assert {label for label in now if now[label] != was[label]} == {
        "code of the runs",
        "code of the page",
        "requirements.lock",
    }
