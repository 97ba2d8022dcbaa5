"""Nothing of a person's is lost, and pages, index and manifest stay in step."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from normlab import cli
from normlab.handover import STORE_FOLDER
from normlab.report import build as module
from normlab.report import verify as verify_module
from normlab.report.build import build
from normlab.report.errors import BuildError
from normlab.report.manifest import NAME, manifest_text, read_manifest
from normlab.report.project import Project
from normlab.report.provenance import sha256
from normlab.report.verify import verify
from tests.report.conftest import PARAMETERS, Told, code_now


def tree(folder):
    """Relative name -> content of a file, target of a link, or None for a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = (
            os.readlink(path)
            if path.is_symlink()
            else path.read_bytes()
            if path.is_file()
            else None
        )
    return found


def fill(folder, *names):
    for name in names:
        path = folder / name
        if name.endswith("/"):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"mine: {name}", "utf-8")
    return folder


FOREIGN = {
    "a thesis": ["thesis.tex"],
    "hidden files": [".git/config", ".bashrc"],
    "a page of somebody's": ["index.html"],
    "pages of these names": ["01-good.html", "01-good.json"],
    "a manifest of something else": ["manifest.json"],
    "an empty folder in it": ["photos/"],
    "what looks like left over": [".new-ideas/thesis.tex"],
    "a lock of something else": [".lock"],
    "a folder in the place of the manifest": ["manifest.json/"],
}


@pytest.mark.parametrize("files", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("where", ["mine", "reports"])
def test_a_folder_that_is_not_normlabs_is_refused_and_stays(where, files, project, fake):
    folder = fill(project.root / where, *files)
    before, told = tree(folder), Told()
    with pytest.raises(BuildError, match=r"^[^\n]* --output$"):
        build(project, [], [], None if where == "reports" else folder, told)
    assert tree(folder) == before
    assert not told.started


MANIFESTS = [
    "{}",
    "[]",
    "",
    "{",
    "null",
    '{"name": "App", "icons": []}',
    '{"files": {"index.html": "' + "0" * 64 + '"}}',
    '{"digest": "", "files": {}, "pages": {}}',
]


@pytest.mark.parametrize("text", MANIFESTS)
def test_a_manifest_of_something_else_is_refused(text, project, fake):
    (project.root / "mine").mkdir()
    (project.root / "mine" / NAME).write_text(text)
    with pytest.raises(BuildError, match=r"is damaged or not normlab's .* --output$"):
        build(project, [], [], project.root / "mine", Told())
    assert (project.root / "mine" / NAME).read_text() == text


@pytest.mark.parametrize("where", ["", "notebooks", "../..", "link", "build"])
def test_a_folder_of_the_project_is_refused(where, project, fake):
    fill(project.root, "build/mine")
    (project.root / "link").symlink_to("notebooks")
    before = tree(project.root)
    with pytest.raises(BuildError, match="holds what normlab did not make"):
        build(project, [], [], project.root / where, Told())
    after = tree(project.root)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize(
    "where",
    ["build/work/x", "build/failures", "reports/x", "build/reports"],
)
def test_a_place_that_builds_use_otherwise_is_refused(where, link, project, fake):
    if link:
        (project.root / "link").symlink_to(project.root / where)
    with pytest.raises(BuildError, match=r"(use otherwise|a folder a build); choose .* --output$"):
        build(project, [], [], project.root / ("link" if link else where), Told())
    assert not os.path.lexists(project.root / where)


def test_a_store_in_the_place_of_the_project_costs_no_page(project, fake, monkeypatch):
    monkeypatch.setenv(STORE_FOLDER, str(project.root))
    assert build(project, [], [], None, Told())[0] == 0


def test_a_relative_store_is_one_place_for_all_kernels(project, fake, monkeypatch):
    monkeypatch.setenv(STORE_FOLDER, "mine")
    monkeypatch.chdir(project.root)
    build(project, [], [], None, Told())
    assert os.environ[STORE_FOLDER] == str(project.root / "mine")


def test_a_home_that_no_shell_has_put_in_is_meant(project, fake, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cli.main(["build", "--output=~/pages"]) == 0
    assert (tmp_path / "home" / "pages" / "index.html").exists()
    assert not (project.root / "~").exists()


@pytest.mark.parametrize("name", ["", "  "])
def test_no_folder_at_all_is_refused(name, project, fake, capsys):
    assert cli.main(["build", "--output", name]) == 2
    assert "names no folder; name one" in capsys.readouterr().err
    assert not (project.root / "index.html").exists()


@pytest.mark.parametrize("left", [[], [".lock"], [".new-x/.lock", ".new-x/a.html"], [".new-x/"]])
def test_an_empty_folder_is_taken_with_what_a_killed_build_left(left, project, fake):
    folder = fill(project.root / "mine", *left)
    folder.mkdir(exist_ok=True)
    if ".lock" in left:
        (folder / ".lock").write_text("process 1 on elsewhere")
    assert build(project, [], [], folder, Told())[0] == 0
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_an_empty_folder_of_a_persons_stays_if_all_fails(project, fake):
    fake.update({name: BuildError(f"{name}: no") for name in ("01-good", "02-bad")})
    (project.root / "mine").mkdir()
    assert build(project, [], [], project.root / "mine", Told())[0] == 2
    assert (project.root / "mine").is_dir()


NOTES = [
    "notes.txt",
    ".hidden",
    "01-good.mine.csv",
    "old/thesis.tex",
    ".new-ideas/a.tex",
    "01-good.html.orig",
]


def test_what_a_person_puts_among_pages_survives_and_is_named(project, fake, monkeypatch):
    monkeypatch.setattr(verify_module, "code_now", code_now)
    _, folder = build(project, [], [], None, Told())
    fill(folder, *NOTES)
    assert build(project, [], [], None, Told())[0] == 0
    after = tree(folder)
    assert {name: after.get(name) for name in NOTES} == {n: f"mine: {n}".encode() for n in NOTES}
    assert verify(project, folder).faults == [
        f"{name}: not in the manifest; move it elsewhere" for name in sorted(NOTES)
    ]


@pytest.mark.parametrize("name", ["03-new.html", "03-new.json", "03-new.svg"])
def test_a_file_in_the_place_of_a_new_page_is_not_written_over(name, project, fake, make):
    _, folder = build(project, [], [], None, Told())
    fill(folder, name)
    make.write(project.notebooks / "03-new.ipynb", make.publish, parameters=PARAMETERS)
    before, told = tree(folder), Told()
    assert build(project, ["03-new"], [], None, told)[0] == 1
    assert f"{name} is not normlab's; move it out of the way" in told.failed[0]
    assert tree(folder) == before


def test_a_lock_that_leads_elsewhere_is_refused(project, fake):
    _, folder = build(project, [], [], None, Told())
    fill(project.root, "thesis.tex")
    (folder / ".lock").symlink_to("../thesis.tex")
    with pytest.raises(BuildError, match=r"\.lock is not normlab's; move it out of the way"):
        build(project, [], [], None, Told())
    assert (project.root / "thesis.tex").read_text() == "mine: thesis.tex"


@pytest.mark.parametrize("kept", ["thesis.tex", "deep/thesis.tex"])
def test_a_folder_of_a_persons_among_those_of_work_stays(kept, project, fake):
    fill(project.work / "mine", kept)
    assert build(project, [], [], None, Told())[0] == 0
    assert (project.work / "mine" / kept).exists()


def test_a_list_of_builds_that_is_not_normlabs_stays(project, fake, capsys):
    fill(project.builds, "index.html")
    assert cli.main(["build", "-p", "seeds=3"]) == 2
    assert "build/reports/index.html is not normlab's; move it out" in capsys.readouterr().err
    assert (project.builds / "index.html").read_text() == "mine: index.html"


# Pages of another project


@pytest.fixture
def other(project, tmp_path_factory, fake, make):
    """Another project whose pages are built; its second notebook has another name."""
    root = tmp_path_factory.mktemp("other")
    shutil.copytree(project.notebooks, root / "notebooks")
    other = Project(root)
    assert build(other, [], [], None, Told())[0] == 0
    assert build(other, [], [], root / "pages", Told())[0] == 0
    return other


@pytest.mark.parametrize("through", ["itself", "a link"])
def test_the_published_pages_of_another_project_are_refused(through, project, other):
    folder = other.reports
    if through == "a link":
        folder = project.root / "link"
        folder.symlink_to(other.reports)
    before = tree(other.root)
    with pytest.raises(BuildError, match="holds pages of another project; choose another folder"):
        build(project, [], [], folder, Told())
    assert tree(other.root) == before


def test_pages_of_notebooks_that_are_not_here_are_refused(project, other):
    (project.notebooks / "02-bad.ipynb").rename(project.notebooks / "02-else.ipynb")
    before = tree(other.root)
    with pytest.raises(BuildError, match="holds pages of another project, such as 02-bad; choose"):
        build(project, [], [], other.root / "pages", Told())
    assert tree(other.root) == before


def test_the_own_pages_are_taken_also_if_a_notebook_has_another_name(project, fake):
    build(project, [], [], None, Told())
    (project.notebooks / "02-bad.ipynb").rename(project.notebooks / "02-else.ipynb")
    assert build(project, [], [], None, Told())[0] == 0


# A project that cannot be written


@pytest.fixture
def closed(project, monkeypatch):
    """The project as it looks to somebody who may read it only."""
    allowed = os.access
    monkeypatch.setattr(
        os,
        "access",
        lambda path, mode: (
            project.root not in (Path(path), *Path(path).parents) and allowed(path, mode)
        ),
    )
    return project


def test_logs_and_runs_of_a_closed_project_go_to_the_cache(
    closed, fake, tmp_path_factory, monkeypatch
):
    cache, pages = tmp_path_factory.mktemp("cache"), tmp_path_factory.mktemp("pages")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("NORMLAB_RUNS", raising=False)
    before = tree(closed.root)
    fake["02-bad"] = BuildError("02-bad: no")
    told = Told()
    assert build(closed, [], [], pages, told)[0] == 1
    assert (pages / "index.html").exists()
    assert tree(closed.root) == before
    (room,) = (cache / "normlab").iterdir()
    assert told.failed == [f"02-bad: no (log: {room}/logs/{pages.name}/02-bad.log)"]
    assert os.environ["NORMLAB_RUNS"] == f"{room}/runs"
    assert not list((room / "work").glob("*/*"))


def test_or_to_a_temporary_folder(closed, fake, tmp_path_factory, monkeypatch):
    pages, temporary = tmp_path_factory.mktemp("pages"), tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("XDG_CACHE_HOME", str(closed.root / "cache"))
    monkeypatch.setattr(module.with_room.__globals__["tempfile"], "tempdir", str(temporary))
    before = tree(closed.root)
    assert build(closed, [], [], pages, Told())[0] == 0
    assert tree(closed.root) == before
    assert len(list(temporary.glob("normlab-*/logs/*/*.json"))) == 2


# In step


def in_step(project, folder):
    """The faults of pages in a folder; that code and notebooks changed is none here."""
    return [line for line in verify(project, folder).faults if "has changed since" not in line]


@pytest.fixture
def checked(monkeypatch):
    monkeypatch.setattr(verify_module, "code_now", code_now)


def test_what_identifies_code_changes_the_manifest_alone(project, fake, monkeypatch):
    _, folder = build(project, [], [], None, Told())
    before = tree(folder)
    cells = json.loads((project.notebooks / "01-good.ipynb").read_text("utf-8"))
    cells["cells"][2]["metadata"]["tags"] = ["new"]
    (project.notebooks / "01-good.ipynb").write_text(json.dumps(cells), "utf-8")
    (project.root / "requirements.lock").write_text("numpy==3", "utf-8")
    code = code_now(project) | {"code of the page": "0ther"}
    monkeypatch.setattr(module, "code_now", lambda _: code)
    assert build(project, [], [], None, Told())[0] == 0
    after = tree(folder)
    assert {name for name in after if after[name] != before[name]} == {NAME}
    was, now = (json.loads(state[NAME])["pages"]["01-good"] for state in (before, after))
    assert {label for label in now if now[label] != was[label]} == {
        "notebook",
        "code of the page",
        "requirements.lock",
    }


def test_hashes_of_code_stand_in_the_manifest_alone(project, fake):
    _, folder = build(project, [], [], None, Told())
    hashes = {
        value
        for inputs in read_manifest(folder)["pages"].values()
        for label, value in inputs.items()
        if label not in ("normlab", "data")
    }
    assert len(hashes) >= 4
    for name, content in tree(folder).items():
        found = [value for value in hashes if value[:8].encode() in content]
        assert bool(found) == (name == NAME), name


def test_the_pages_of_others_keep_their_entries(project, fake, checked):
    _, folder = build(project, [], [], None, Told())
    before = read_manifest(folder)
    (folder / "02-bad.svg").write_text("<svg/>")
    with pytest.raises(BuildError, match=r"results of 02-bad are damaged \(02-bad.svg was changed"):
        build(project, ["01-good"], ["seeds=3"], folder, Told())
    after = read_manifest(folder)
    assert after["pages"]["02-bad"] == before["pages"]["02-bad"]
    names = [name for name in before["files"] if name.startswith("02-bad")]
    assert {n: after["files"][n] for n in names} == {n: before["files"][n] for n in names}
    assert "02-bad.svg: it was changed since it was built" in in_step(project, folder)
    build(project, ["02-bad"], [], None, Told())
    assert "02-bad.svg: it was changed since it was built" not in in_step(project, folder)


DAMAGE = {
    "a list": b"[]",
    "an empty object": b"{}",
    "half": b'{"answer": "It',
    "NaN": b"NaN",
    "bytes": b"\xff\xfe",
    "nested": b"[" * 9999,
    "null": b"null",
    "a number": b"1e999",
    "half a character": b'{"answer": "\\ud800"}',
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("listed", [True, False])
def test_other_results_of_another_shape_leave_page_index_and_manifest_in_step(
    listed, content, project, fake, checked, make
):
    _, folder = build(project, [], [], None, Told())
    (folder / "02-bad.json").write_bytes(content)
    if listed:  # so that only the shape tells
        manifest = read_manifest(folder)
        manifest["files"]["02-bad.json"] = sha256(content)
        (folder / NAME).write_text(manifest_text(**manifest), "utf-8")
    (folder / "01-good.html").write_text("old", "utf-8")
    with pytest.raises(BuildError, match=r"the results of 02-bad are damaged \([^\n]+\); run"):
        build(project, ["01-good"], [], None, Told())
    assert [line for line in in_step(project, folder) if not line.startswith("02-bad.json")] == []
    index = (folder / "index.html").read_text("utf-8")
    assert "damaged: normlab build 02-bad" in index
    assert 'href="01-good.html"' in index
    assert 'href="02-bad.html"' not in index
    assert build(project, [], [], None, Told())[0] == 0
    assert in_step(project, folder) == []


SHAPES = [
    {"answer": 7},
    {"claims": None},
    {"claims": [{}]},
    {"dataset": "toy"},
    {"figure": {"alt": "a"}},
    {"headline": {"a": "high"}},
    {"seeds": 3},
    {"arithmetic": []},
    {"runs": -1},
    {"answer": "\ud800"},
    {"tables": [[]]},
    {"runs": 10**400},
    {"figure": {"svg": 1, "alt": "a"}},
]


@pytest.mark.parametrize("change", SHAPES, ids=lambda change: str(change)[:40])
def test_results_of_another_shape_are_one_line_and_the_old_page_stays(
    change, project, fake, make, monkeypatch
):
    _, folder = build(project, [], [], None, Told())
    before = tree(folder)
    monkeypatch.setattr(module, "execute", lambda *_: (make.executed([]), make.results() | change))
    told = Told()
    assert build(project, ["01-good"], [], None, told)[0] == 1
    assert told.failed[0].startswith("01-good: the results: ")
    assert "; call study.publish (log: " in told.failed[0]
    assert tree(folder) == before


@pytest.mark.parametrize("steps", range(13))
def test_whatever_a_kill_leaves_is_told_and_mended(steps, project, fake, checked, monkeypatch):
    _, folder = build(project, [], [], None, Told())
    quick, replace = module.execute, os.replace

    def execute(*arguments):
        notebook, results = quick(*arguments)
        return notebook, results | {"answer": "Another one."}

    monkeypatch.setattr(module, "execute", execute)
    left = steps

    def last(*arguments):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        replace(*arguments)

    monkeypatch.setattr(os, "replace", last)
    with pytest.raises(KeyboardInterrupt):
        build(project, [], [], None, Told(), jobs=1)
    monkeypatch.setattr(os, "replace", replace)
    texts = {name: (folder / f"{name}.html").read_text("utf-8") for name in ("01-good", "02-bad")}
    index = (folder / "index.html").read_text("utf-8")
    new = sum("Another one." in text for text in texts.values())
    if not in_step(project, folder):
        assert index.count("Another one.") == new
    assert build(project, [], [], None, Told())[0] == 0
    assert in_step(project, folder) == []
    assert (folder / "index.html").read_text("utf-8").count("Another one.") == 2


@pytest.mark.parametrize("steps", range(7))
def test_a_first_build_that_was_killed_is_taken_up(steps, project, fake, checked, monkeypatch):
    replace, left = os.replace, steps

    def last(*arguments):
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        replace(*arguments)

    monkeypatch.setattr(os, "replace", last)
    with pytest.raises(KeyboardInterrupt):
        build(project, [], [], project.root / "pages", Told(), jobs=1)
    monkeypatch.setattr(os, "replace", replace)
    assert bool(verify(project, project.root / "pages").faults) == (steps < 6)
    assert build(project, [], [], project.root / "pages", Told())[0] == 0
    assert verify(project, project.root / "pages").faults == []


def test_code_that_is_edited_while_a_notebook_runs_is_noticed(project, fake, monkeypatch):
    _, folder = build(project, [], [], None, Told())
    before = tree(folder)
    states = iter([code_now(project), code_now(project) | {"code of the page": "0ther"}])
    monkeypatch.setattr(module, "code_now", lambda _: next(states))
    told = Told()
    assert build(project, ["01-good"], [], None, told)[0] == 1
    assert told.failed[0].startswith(
        "01-good: made from two states of the code (code of the page was edited meanwhile); "
        "build again, finished runs are stored (log: "
    )
    assert tree(folder) == before


def test_a_kernel_of_other_code_is_noticed(project, fake, make, monkeypatch):
    other = make.results() | {"code": "0" * 64}
    monkeypatch.setattr(module, "execute", lambda *_: (make.executed([]), other))
    told = Told()
    assert build(project, ["01-good"], [], None, told)[0] == 1
    assert "two states of the code (code of the runs was edited meanwhile)" in told.failed[0]


def test_results_written_by_hand_may_name_no_code(project, fake, make, monkeypatch):
    by_hand = make.results() | {"code": "c0de"}
    monkeypatch.setattr(module, "execute", lambda *_: (make.executed([]), by_hand))
    told = Told()
    assert build(project, ["01-good"], [], None, told)[0] == 0
    assert told.failed == []


def states_on_the_index(folder):
    return re.findall(r'<td class="(stale|built)">', (folder / "index.html").read_text("utf-8"))


def test_a_notebook_that_is_edited_while_it_runs_is_said_and_marked(
    project, fake, make, monkeypatch
):
    quick = module.execute

    def execute(source, *rest):
        make.write(project.notebooks / "01-good.ipynb", "7", make.publish, title="New")
        return quick(source, *rest)

    monkeypatch.setattr(module, "execute", execute)
    told = Told()
    failed, folder = build(project, ["01-good"], [], None, told)
    assert failed == 0
    assert told.done == [
        "01-good: reports/01-good.html, of the notebook as it was; it was edited meanwhile, so "
        "build it again"
    ]
    assert re.findall(
        r'<td class="(stale|built)">', (folder / "index.html").read_text("utf-8")
    ) == ["stale"]


def test_a_notebook_that_is_edited_after_its_page_is_marked(project, fake, make, monkeypatch):
    quick = module.execute

    def execute(source, *rest):
        if source.stem == "02-bad":
            make.write(project.notebooks / "01-good.ipynb", "7", make.publish, title="New")
        return quick(source, *rest)

    monkeypatch.setattr(module, "execute", execute)
    _, folder = build(project, [], [], None, Told(), jobs=1)
    assert states_on_the_index(folder) == ["stale", "built"]


def test_pages_whose_notebook_and_files_are_gone_leave_the_manifest(project, fake, checked):
    _, folder = build(project, [], [], None, Told())
    (project.notebooks / "02-bad.ipynb").unlink()
    for suffix in ("html", "json", "svg"):
        (folder / f"02-bad.{suffix}").unlink()
    build(project, [], [], None, Told())
    assert in_step(project, folder) == []
    assert list(read_manifest(folder)["pages"]) == ["01-good"]


def test_pages_without_any_file_leave_the_manifest(project, fake, checked):
    build(project, [], [], None, Told())
    manifest = read_manifest(project.reports)
    pages = manifest["pages"] | {"../x": manifest["pages"]["01-good"]}
    (project.reports / NAME).write_text(manifest_text(manifest["files"], pages))
    assert verify(project, project.reports).faults
    build(project, ["01-good"], [], None, Told())
    assert verify(project, project.reports).faults == []


def test_a_manifest_whose_digest_does_not_fit_is_mended_by_building_all(project, fake, checked):
    _, folder = build(project, [], [], None, Told())
    text = (folder / NAME).read_text("utf-8")
    (folder / NAME).write_text(re.sub('"digest": "....', '"digest": "0000', text), "utf-8")
    build(project, ["01-good"], [], None, Told())
    assert "02-bad.html: it was changed since it was built" in in_step(project, folder)
    build(project, [], [], None, Told())
    assert (folder / NAME).read_text("utf-8") == text
