"""One notebook that cannot be read costs its own page and no other."""

import io

import pytest

from normlab.report.build import build
from normlab.report.errors import BuildError, about
from normlab.report.project import Project
from normlab.terminal import Terminal


@pytest.fixture
def project(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("01-a", "02-b"):
        make.write(tmp_path / "notebooks" / f"{name}.ipynb", make.publish, title=f"Study {name}")
    return Project(tmp_path)


def run(project, *names):
    """How many failed, and the lines that a person sees."""
    stream = io.StringIO()
    failed, _ = build(project, names, [], None, Terminal(stream))
    return failed, [line for line in stream.getvalue().splitlines() if "running" not in line]


def test_the_others_are_built_and_its_page_stays(project):
    path = project.notebooks / "02-b.ipynb"
    assert run(project)[0] == 0
    page = (project.reports / "02-b.html").read_bytes()
    index = (project.reports / "index.html").read_bytes()
    whole = path.read_bytes()

    path.write_bytes(whole[: len(whole) // 2])
    failed, lines = run(project)
    assert failed == 1
    (line,) = (line for line in lines if line.startswith("FAILED"))
    assert line.startswith("FAILED 02-b.ipynb: not a notebook (no JSON from line ")
    assert line.endswith("(log: build/logs/02-b.log)")
    assert "not a notebook" in (project.logs / "02-b.log").read_text("utf-8")
    assert (project.reports / "02-b.html").read_bytes() == page
    text = (project.reports / "index.html").read_text("utf-8")
    assert 'href="02-b.html"' in text
    assert "Its notebook cannot be read now." in text
    with pytest.raises(BuildError, match=r"^02-b\.ipynb: not a notebook"):
        run(project, "02-b")

    path.write_bytes(whole)
    assert run(project, "01-a")[0] == 0
    assert (project.reports / "index.html").read_bytes() == index


def test_when_none_can_be_read_the_first_is_named(project):
    for path in project.paths():
        path.write_text("{", "utf-8")
    failed, lines = run(project)
    assert failed == 2
    assert all(line.startswith("FAILED 0") for line in lines)
    assert not (project.reports / "index.html").exists()


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (BuildError("cell 3: no"), "01-a: cell 3: no"),
        (BuildError("01-a: cell 3: no"), "01-a: cell 3: no"),
        (BuildError("01-a.ipynb: no\nand why"), "01-a.ipynb: no"),
        (OSError(28, "No space left"), "01-a: [Errno 28] No space left"),
        (KeyError("x"), "01-a: KeyError: 'x'"),
        (OSError(), "01-a: no reason given"),
        (ValueError("x" * 10000), f"01-a: ValueError: {'x' * 488}..."),
    ],
)
def test_an_error_names_the_notebook_in_one_line(error, line):
    assert about("01-a", error) == line
