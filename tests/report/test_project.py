import pytest

from normlab.report.errors import BuildError
from normlab.report.project import Project, find_project, read_study


@pytest.fixture
def project(make, tmp_path):
    for name in ("02-b", "01-a"):
        make.write(tmp_path / "notebooks" / f"{name}.ipynb", title=f"Study {name}")
    return Project(tmp_path)


def test_studies_are_in_order_with_title_and_question(project):
    first, second = map(read_study, project.paths())
    assert (first.name, second.name) == ("01-a", "02-b")
    assert first.title == "Study 01-a"
    assert first.question == "Does it run to its end?"
    assert first.path == project.notebooks / "01-a.ipynb"


def test_find(project):
    assert [path.stem for path in project.find([])] == ["01-a", "02-b"]
    assert [path.stem for path in project.find(["02-b"])] == ["02-b"]
    assert [path.stem for path in project.find(["02-b", "01-a"])] == ["01-a", "02-b"]


def test_a_typo_gets_the_nearest_name(project):
    with pytest.raises(BuildError, match=r"unknown notebook '01-b'; did you mean '0.-.'"):
        project.find(["01-a", "01-b"])


def test_a_study_may_be_named_by_its_path(project):
    for path in ("01-a.ipynb", "notebooks/01-a.ipynb", str(project.notebooks / "01-a.ipynb")):
        assert [path.stem for path in project.find([path])] == ["01-a"]


@pytest.mark.parametrize("name", ["sketch", "notebooks/sketch.ipynb"])
def test_a_draft_gets_the_name_that_would_publish_it(name, project, make):
    make.write(project.notebooks / "sketch.ipynb")
    with pytest.raises(BuildError, match=r"^sketch is a draft; .* notebooks/03-sketch\.ipynb$"):
        project.find([name])


def test_an_empty_folder_is_no_checkout(tmp_path):
    (tmp_path / "notebooks").mkdir()
    with pytest.raises(BuildError, match=r"notebooks/ holds no study such as 01-name"):
        Project(tmp_path).find([])


def test_the_project_is_found_from_a_folder_inside(project, monkeypatch):
    inside = project.root / "a" / "b"
    inside.mkdir(parents=True)
    assert find_project(inside) == project
    assert find_project(project.notebooks) == project
    monkeypatch.chdir(inside)
    assert find_project() == project


def test_outside_a_project(tmp_path):
    with pytest.raises(BuildError, match="no notebooks/ folder here or above; change to"):
        find_project(tmp_path)


@pytest.mark.parametrize("text", ["# Title without a question", "**Question.** No title?", ""])
def test_a_notebook_without_title_or_question(text, project):
    path = project.notebooks / "03-c.ipynb"
    content = (project.notebooks / "01-a.ipynb").read_text("utf-8")
    marked = content.replace("# Study 01-a", "@").replace("**Question.** Does it run\\n", "@")
    assert marked.count("@") == 2
    path.write_text(content.replace("# Study 01-a", text).replace("**Question.**", ""), "utf-8")
    with pytest.raises(BuildError, match=r"^03-c\.ipynb: not a study .*needs '# Title' and"):
        list(map(read_study, project.paths()))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"cells": []}'])
def test_a_file_that_is_no_notebook(content, project):
    (project.notebooks / "03-c.ipynb").write_text(content, "utf-8")
    with pytest.raises(BuildError, match=r"^03-c\.ipynb: not a (notebook|study) [^\n]+$"):
        list(map(read_study, project.paths()))


def test_paths_are_shown_from_the_current_folder(project, monkeypatch):
    monkeypatch.chdir(project.root)
    assert project.show(project.reports / "a.html") == "reports/a.html"
    monkeypatch.chdir(project.notebooks)
    assert project.show(project.reports) == str(project.reports)


def test_folders(project):
    inside = {getattr(project, name) for name in ("reports", "builds", "logs", "failures")}
    assert len(inside) == 4
    assert all(path.is_relative_to(project.root) for path in inside)
