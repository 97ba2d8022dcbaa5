"""``normlab verify``: what was done to a folder of pages, or to what they were made from."""

import functools
import json
import os
import random
import shutil
from pathlib import Path

import nbformat
import pytest

import normlab
from normlab import cli
from normlab.report import provenance
from normlab.report import verify as verify_module
from normlab.report.differences import (
    compare_folders,
    contradictions,
    differences,
    same_arithmetic,
)
from normlab.report.manifest import NAME, manifest_text, read_manifest
from normlab.report.project import Project
from normlab.report.provenance import inputs_of, notebook_hash, sha256
from normlab.report.verify import verify
from tests.report.conftest import RESULTS, list_files

ROOT = Path(__file__).parents[2]
NAMES = ("01-one", "02-two")


CODE = ("code of the runs", "code of the page", "requirements.lock")
PARAMETERS = "seeds: int = 2  # runs"
_code = functools.cache(provenance.code_now)


def code_now(project):
    """The code is hashed once in these tests."""
    return _code(Project(ROOT)) | {"requirements.lock": provenance.lock_hash(project)}


def cell(source, kind="code", tags=()):
    outputs = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {"tags": [*tags]}, "source": source} | outputs


def write_notebook(path, *cells):
    cells = [{"id": f"cell-{number}"} | cell for number, cell in enumerate(cells)]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    content = {
        "cells": cells,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(content), "utf-8")


def results_of(number):
    """Made-up results: with a headline and a table, as a build writes them."""
    return {name: value for name, value in RESULTS.items() if name != "code"} | {
        "short": f"It is {number}, in short.",
        "answer": f"It is {number}.",
        "headline": {"final training accuracy": [0.7, 0.6, 0.8]},
        "tables": {
            "accuracy": {"columns": ["method", "mean"], "rows": [["none", 0.5], ["bn", 0.75]]}
        },
        "dataset": None,
        "parameters": {"seeds": 2},
        "normlab": normlab.__version__,
        "files": {
            f"{NAMES[number - 1]}.fig.csv": sha256(_data(number)),
            f"{NAMES[number - 1]}.svg": sha256(_figure(NAMES[number - 1])),
        },
    }


def _figure(name):
    return f"<svg><text>{name} é</text></svg>\n".encode()


def _data(number):
    return f"a,b\n1,{number}\n".encode()


def write_page(folder, name, results):
    text = json.dumps(results, indent=1, sort_keys=True) + "\n"
    (folder / f"{name}.json").write_text(text, "utf-8")
    (folder / f"{name}.svg").write_bytes(_figure(name))
    (folder / f"{name}.fig.csv").write_bytes(_data(NAMES.index(name) + 1))
    (folder / f"{name}.html").write_text(
        f"<h1>{name}</h1>\n<p>{results['answer']}</p>\n<dd>{sha256(text.encode())}</dd>\n", "utf-8"
    )


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project whose pages are whole and made from what is there."""
    monkeypatch.setattr(verify_module, "code_now", code_now)
    project = Project(tmp_path)
    project.notebooks.mkdir()
    project.reports.mkdir()
    (tmp_path / "requirements.lock").write_text("numpy==2.4.6\n", "utf-8")
    for number, name in enumerate(NAMES, start=1):
        write_study(project, name)
        write_page(project.reports, name, results_of(number))
    (project.reports / "index.html").write_text("<h1>Index</h1>\n", "utf-8")
    (project.reports / "ledger.csv").write_text("id\n", "utf-8")
    publish(project)
    assert faults(project) == []
    return project


def write_study(project, name, source="1 + 1", parameters=PARAMETERS):
    write_notebook(
        project.notebooks / f"{name}.ipynb",
        cell(f"# {name}\n\n**Question.** Is it?", "markdown"),
        cell(parameters, tags=["parameters"]),
        cell(source),
    )


def publish(project):
    """List what lies in reports/, as made from what is here."""
    pages = {}
    for name in NAMES:
        notebook = notebook_hash(project.notebooks / f"{name}.ipynb")
        results = results_of(NAMES.index(name) + 1)
        pages[name] = inputs_of(notebook, code_now(project), results)
    list_files(project.reports, pages)


def faults(project):
    return verify(project, project.reports).faults


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}


def test_looking_changes_nothing(project):
    before = snapshot(project.root)
    faults(project)
    assert snapshot(project.root) == before


# One byte


def change_bytes(project, folder, times, seed):
    """Change a random byte of a random file, each time undone; returns how many were found."""
    rng, found = random.Random(seed), 0
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    sizes = [path.stat().st_size for path in paths]
    for _ in range(times):
        (path,) = rng.choices(paths, weights=sizes)
        before = path.read_bytes()
        changed, position = bytearray(before), rng.randrange(len(before))
        changed[position] ^= rng.randrange(1, 256)
        path.write_bytes(changed)
        named = [
            line for line in verify(project, folder).faults if line.startswith(f"{path.name}: ")
        ]
        found += bool(named)
        path.write_bytes(before)
    assert verify(project, folder).faults == []
    return found


def test_of_100_changed_bytes_100_are_found(project):
    assert change_bytes(project, project.reports, 100, seed=0) == 100


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A copy of the published pages, as they were when they were built."""
    source = ROOT / "reports"
    if not (source / NAME).exists():
        pytest.skip("no reports are published")
    folder = tmp_path / "reports"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".*"))
    inputs = next(iter(read_manifest(folder)["pages"].values()))
    monkeypatch.setattr(verify_module, "code_now", lambda _: {name: inputs[name] for name in CODE})
    if verify(Project(ROOT), folder).faults:
        pytest.skip("notebooks or lock were edited since the reports were published")
    return folder


def test_of_100_changed_bytes_of_the_published_pages_100_are_found(published):
    assert change_bytes(Project(ROOT), published, 100, seed=1) == 100


@pytest.mark.parametrize("name", ["01-one.html", "01-one.json", "01-one.svg", "index.html"])
def test_each_byte_of_a_file_counts(project, name):
    path = project.reports / name
    content = bytearray(path.read_bytes())
    for position in range(len(content)):
        content[position] ^= 1
        path.write_bytes(content)
        assert faults(project) == [f"{name}: it was changed since it was built"]
        content[position] ^= 1


@pytest.mark.parametrize("change", [b"", None], ids=["empty", "a byte more"])
def test_a_file_of_another_length_is_found(project, change):
    path = project.reports / "02-two.svg"
    path.write_bytes(path.read_bytes() + b"\n" if change is None else change)
    assert faults(project) == ["02-two.svg: it was changed since it was built"]


def test_each_changed_file_is_named(project):
    for name in ("index.html", "01-one.json", "02-two.html"):
        (project.reports / name).write_bytes(b"changed")
    assert {line.split(":")[0] for line in faults(project)} == {
        "index.html",
        "01-one.json",
        "02-two.html",
    }


# Files


@pytest.mark.parametrize("name", ["01-one.html", "02-two.json", "02-two.svg", "index.html"])
def test_a_missing_file_is_found(project, name):
    (project.reports / name).unlink()
    assert faults(project) == [f"{name}: missing; build it again"]


def test_a_missing_manifest_is_found(project):
    (project.reports / NAME).unlink()
    (line,) = faults(project)
    assert line.startswith(f"{NAME}: ")


def test_an_extra_file_is_found(project):
    (project.reports / "notes.txt").write_text("mine", "utf-8")
    (line,) = faults(project)
    assert line.startswith("notes.txt: not in the manifest")


@pytest.mark.parametrize("name", [".hidden", "old/notes.txt", "old/.deep/a", "a\nb", "old.svg"])
def test_a_file_anywhere_below_is_found(name, project):
    path = project.reports / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    shown = name.replace("\n", "\\n")
    assert faults(project) == [f"{shown}: not in the manifest; move it elsewhere"]


def test_folders_links_and_pipes_are_found(project):
    (project.reports / "empty" / "too").mkdir(parents=True)
    (project.reports / "link").symlink_to("..")
    (project.reports / "loop").symlink_to("loop")
    os.mkfifo(project.reports / "pipe")
    assert [line.split(":")[0] for line in faults(project)] == [
        "empty/too/",
        "link",
        "loop",
        "pipe",
    ]


@pytest.mark.parametrize("name", ["01-one.html", "01-one.json", "01-one.svg", "index.html", NAME])
@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a loop", "a link"])
def test_what_is_no_plain_file_is_found_at_once(name, kind, project):
    path = project.reports / name
    content = path.read_bytes()
    path.unlink()
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a loop":
        path.symlink_to(name)
    else:
        path.symlink_to("../mine")
        (project.root / "mine").write_bytes(content)
    if (name, kind) == (NAME, "a link"):
        assert faults(project) == []
    else:
        (line,) = (line for line in faults(project) if not line.startswith("a folder/"))
        assert line.startswith(f"{name}: ")


def test_a_build_that_is_at_work_or_was_killed_is_told(project):
    (project.reports / ".lock").touch()
    assert faults(project) == [".lock: a build is at work here, or was killed; build again"]


@pytest.mark.parametrize("where", ["nowhere", "notebooks/01-one.ipynb", "loop", "notebooks"])
def test_a_folder_without_pages_is_one_line(where, project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    (project.root / "loop").symlink_to("loop")
    assert cli.main(["verify", where]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{NAME}: ")


def test_a_folder_elsewhere_is_named_whole(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    assert cli.main(["verify", "/no/such"]) == 1
    assert "missing in /no/such/; build the pages first" in capsys.readouterr().out


def test_a_file_that_was_renamed_is_found(project):
    (project.reports / "01-one.svg").rename(project.reports / "03-one.svg")
    assert len(faults(project)) == 2


def test_two_files_that_changed_places_are_found(project):
    one, two = project.reports / "01-one.svg", project.reports / "02-two.svg"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert len(faults(project)) == 2


# A page and its results


def test_a_page_of_other_results_is_found(project):
    results = project.reports / "01-one.json"
    content = json.loads(results.read_text("utf-8"))
    content["headline"]["final training accuracy"][0] = 0.99
    results.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
    publish(project)  # so that only the page tells
    (line,) = faults(project)
    assert line.startswith("01-one.html: it does not belong to 01-one.json")


@pytest.mark.parametrize("change", [lambda p: p.write_text("a,b\n1,9\n"), lambda p: p.unlink()])
def test_data_of_other_results_are_found(change, project):
    change(project.reports / "01-one.fig.csv")
    publish(project)
    assert faults(project) == [
        "01-one.fig.csv: it does not belong to 01-one.json; build it again",
    ]


def test_a_page_in_the_place_of_another_is_found(project):
    shutil.copy(project.reports / "01-one.html", project.reports / "02-two.html")
    publish(project)
    (line,) = faults(project)
    assert line.startswith("02-two.html: it does not belong to 02-two.json")


def write_results(project, results, text=None):
    """Results of the first page that page and manifest agree on, whatever they are."""
    text = json.dumps(results, indent=1, sort_keys=True) + "\n" if text is None else text
    (project.reports / "01-one.json").write_text(text, "utf-8")
    page = f"<dd>{sha256(text.encode())}</dd>"
    (project.reports / "01-one.html").write_text(page, "utf-8")
    publish(project)


def without(results, *names):
    return {name: value for name, value in results.items() if name not in names}


RESULTS_1 = results_of(1)
SHAPES = {
    "a list": [],
    "a text": "results",
    "null": None,
    "no answer": without(RESULTS_1, "answer"),
    "no headline": RESULTS_1 | {"headline": None},
    "a text for a number": RESULTS_1 | {"headline": {"a": "high"}},
    "two numbers": RESULTS_1 | {"headline": {"a": [1, 2]}},
    "a number for a text": RESULTS_1 | {"answer": 7},
    "claims": RESULTS_1 | {"claims": [{"name": ["x"]}]},
    "a data set": RESULTS_1 | {"dataset": {"title": "x"}},
    "files": RESULTS_1 | {"files": {"../../a": "0" * 64}},
    "no parts of files": RESULTS_1 | {"files": ["a"]},
    "parameters": RESULTS_1 | {"parameters": [1]},
    "half a character": RESULTS_1 | {"answer": "\ud800"},
    "a number without end": RESULTS_1 | {"runs": 10**400},
}
TEXTS = {
    "nothing": "",
    "half a text": '{"answer": "It',
    "NaN": '{"answer": NaN}',
    "infinity": '{"answer": 1e999}',
    "thousands of digits": "9" * 5000,
    "a deep list": "[" * 100_000,
    "a deep list that ends": "[" * 400 + "]" * 400,
    "a deep object": '{"a": ' * 90 + "1" + "}" * 90,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_results_of_another_shape_are_one_line(shape, project):
    write_results(project, SHAPES[shape])
    (line,) = faults(project)
    assert line.startswith("01-one.json: no results of a page (")


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_no_json_is_one_line(text, project):
    write_results(project, None, TEXTS[text])
    (line,) = faults(project)
    assert line.startswith("01-one.json: no results of a page (")


@pytest.mark.parametrize("suffix", ["html", "json", "svg"])
def test_a_page_of_the_manifest_without_one_of_its_files_is_found(suffix, project):
    (project.reports / f"01-one.{suffix}").unlink()
    publish(project)
    assert faults(project) == [f"01-one.{suffix}: not in the manifest; build it again"]


def test_a_page_that_the_manifest_does_not_tell_of_is_found(project):
    shutil.copy(project.reports / "01-one.html", project.reports / "07-more.html")
    publish(project)
    assert faults(project) == ["07-more.html: of a page that the manifest does not tell of"]


@pytest.mark.parametrize("name", ["01-one.pdf", "01-one.more.csv"])
def test_a_listed_file_that_the_results_do_not_tell_of_is_found(name, project):
    (project.reports / name).write_text("thesis")
    publish(project)
    assert faults(project) == [f"{name}: it does not belong to 01-one.json; build it again"]


def test_a_listed_file_beside_the_index_is_found(project):
    (project.reports / "index.txt").write_text("thesis")
    publish(project)
    assert faults(project) == ["index.txt: of a page that the manifest does not tell of"]


def test_pages_without_an_index_are_found(project):
    (project.reports / "index.html").unlink()
    publish(project)
    assert faults(project) == ["index.html: not in the manifest; build it again"]


def test_pages_that_changed_places_with_all_their_files_are_found(project):
    for suffix in ("html", "json", "svg", "fig.csv"):
        one, two = (project.reports / f"{name}.{suffix}" for name in NAMES)
        texts = one.read_bytes(), two.read_bytes()
        two.write_bytes(texts[0])
        one.write_bytes(texts[1])
    publish(project)
    assert faults(project) == [
        f"01-one.fig.csv: it does not belong to {name}.json; build it again" for name in NAMES
    ]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_lock_that_is_no_file_is_one_line_at_once(make, project):
    path = project.root / "requirements.lock"
    path.unlink()
    make(path)
    assert [line.partition(" (")[0] for line in faults(project)] == [f"{path} cannot be read"]


# Inputs


@pytest.mark.parametrize("value", [3, 2.0, None, "2", True])
def test_a_published_page_with_other_parameters_is_found(value, project):
    write_results(project, results_of(1) | {"parameters": {"seeds": value}})
    assert faults(project) == [
        f"01-one.html: made with seeds={value!r}, and the notebook has 2; build it again"
    ]


@pytest.mark.parametrize("parameters", [{}, {"seeds": 2, "old": 1}])
def test_a_published_page_with_more_or_fewer_parameters_is_found(parameters, project):
    write_results(project, results_of(1) | {"parameters": parameters})
    (line,) = faults(project)
    assert line.startswith("01-one.html: made with ")


def test_pages_elsewhere_may_have_other_parameters(project, rebuilt):
    write_results(project, results_of(1) | {"parameters": {"seeds": 3}})
    folder = project.root / "pages"
    shutil.copytree(project.reports, folder)
    assert verify(project, folder).faults == []


def of_data(project, name="toy", **parameters):
    """Let the first page be one of a data set."""
    dataset = {"name": name, "title": "T", "origin": "o", "sha256": "a" * 64}
    results = results_of(1) | {"dataset": dataset, "parameters": {"seeds": 2} | parameters}
    write_results(project, results)
    content = read_manifest(project.reports)
    content["pages"]["01-one"]["data"] = "a" * 64
    (project.reports / NAME).write_text(manifest_text(**content), "utf-8")


def test_data_that_are_as_they_were(project):
    of_data(project)
    asked = []
    checked = verify(project, project.reports, lambda name: asked.append(name) or "a" * 64)
    assert (checked.faults, checked.unseen, asked) == ([], (), ["toy"])


def test_data_that_changed_are_found(project):
    of_data(project)
    assert verify(project, project.reports, lambda name: "b" * 64).faults == [
        "01-one.html: the data set toy has changed since; build it again"
    ]


def test_data_that_are_not_here_are_said_and_not_failed(project):
    of_data(project)
    checked = verify(project, project.reports, lambda name: None)
    assert checked.faults == []
    assert "the data (not compared, as it is not here: toy)" in str(checked)


def test_damaged_data_are_found(project):
    def fail(name):
        raise ValueError("toy.npz: cannot be read")

    of_data(project)
    assert verify(project, project.reports, fail).faults == [
        "01-one.html: its data set toy cannot be read (toy.npz: cannot be read)"
    ]


def test_a_file_of_data_is_found_by_the_parameter_that_names_it(project):
    write_study(project, "01-one", parameters=f"{PARAMETERS}\ndataset: str = 'my/own.npz'  # a")
    of_data(project, "own", dataset="my/own.npz")
    asked = []
    assert verify(project, project.reports, asked.append).faults == []
    assert asked == ["my/own.npz"]


def test_a_changed_notebook_is_found(project):
    write_study(project, "02-two", "1 + 2")
    assert faults(project) == ["02-two.html: the notebook has changed since; build it again"]


def test_a_study_without_a_page_is_found(project):
    (project.notebooks / "09-new.ipynb").write_text("{}", "utf-8")
    assert faults(project) == ["09-new: it has no page; run `normlab build 09-new`"]


def test_a_missing_notebook_is_found(project):
    (project.notebooks / "02-two.ipynb").unlink()
    assert faults(project) == [
        "02-two.html: its notebook is gone; restore it, or remove 02-two.* and build again"
    ]


@pytest.mark.parametrize("label", CODE[:2])
def test_changed_code_is_found(label, project, monkeypatch):
    monkeypatch.setattr(verify_module, "code_now", lambda _: code_now(project) | {label: "another"})
    assert faults(project) == [
        f"{name}.html: the {label} has changed since; build it again" for name in NAMES
    ]


def test_another_version_is_found(project, monkeypatch):
    monkeypatch.setattr(provenance.normlab, "__version__", "99")
    assert faults(project) == [
        f"{name}.html: the version of normlab has changed since; build it again" for name in NAMES
    ]


def test_a_changed_lock_is_found(project):
    (project.root / "requirements.lock").write_text("numpy==2.4.7\n", "utf-8")
    assert faults(project) == [
        f"{name}.html: the requirements.lock has changed since; build it again" for name in NAMES
    ]


def test_a_missing_lock_is_found(project):
    (project.root / "requirements.lock").unlink()
    assert len(faults(project)) == 2


NOTEBOOK = (cell("# A", "markdown"), cell("x: int = 1", tags=["parameters"]), cell("x + 1"))


@pytest.mark.parametrize(
    "cells",
    [
        (cell("# B", "markdown"), *NOTEBOOK[1:]),
        (*NOTEBOOK[:2], cell("x + 2")),
        (*NOTEBOOK[:2], cell("x +  1")),
        (NOTEBOOK[0], cell("x: int = 1"), NOTEBOOK[2]),
        (NOTEBOOK[0], NOTEBOOK[2], NOTEBOOK[1]),
        NOTEBOOK[:2],
        (*NOTEBOOK, cell("")),
        (cell("# A", "raw"), *NOTEBOOK[1:]),
    ],
    ids=["prose", "code", "layout", "tags", "order", "a cell less", "a cell more", "a kind"],
)
def test_a_notebooks_hash_changes_with_its_cells(tmp_path, cells):
    write_notebook(tmp_path / "a", *NOTEBOOK)
    write_notebook(tmp_path / "b", *cells)
    assert notebook_hash(tmp_path / "a") != notebook_hash(tmp_path / "b")


def test_a_notebooks_hash_is_that_of_what_a_person_wrote(tmp_path):
    write_notebook(tmp_path / "a", *NOTEBOOK)
    ran = [dict(part, id=f"other-{number}") for number, part in enumerate(NOTEBOOK)]
    ran[2] = ran[2] | {"outputs": [{"output_type": "stream"}], "execution_count": 3}
    ran[2]["metadata"] = {"tags": [], "collapsed": True}
    ran[1]["source"] = ["x: ", "int = 1"]  # Jupyter writes a list of lines
    write_notebook(tmp_path / "b", *ran)
    assert notebook_hash(tmp_path / "a") == notebook_hash(tmp_path / "b")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package whose templates and style a test may edit."""
    source = Path(provenance.normlab.__file__).parent
    folder = tmp_path / "normlab"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", "*.npz", "*.py"))
    monkeypatch.setattr(provenance.normlab, "__file__", str(folder / "__init__.py"))
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "report/templates/style.css",
        "report/templates/site.html.j2",
        "report/templates/page/index.html.j2",
        "report/templates/page/conf.json",
        "show/normlab.mplstyle",
    ],
)
def test_templates_and_styles_are_code_of_the_page(package, name):
    before = provenance.page_code_hash()
    path = package / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert provenance.page_code_hash() != before


# Two builds


@pytest.fixture
def rebuilt(project, tmp_path_factory):
    """A copy of the project's pages, as a rebuild would make it."""
    folder = tmp_path_factory.mktemp("again") / "rebuilt"
    shutil.copytree(project.reports, folder)
    return folder


def test_equal_folders_have_no_differences(project, rebuilt):
    assert compare_folders(project.reports, rebuilt) == []


def test_a_number_that_differs_is_named_with_its_table_and_how_far(project, rebuilt):
    path = rebuilt / "02-two.json"
    content = json.loads(path.read_text("utf-8"))
    content["tables"]["accuracy"]["rows"][1][1] = 0.75 + 2**-20
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", "utf-8")
    lines = compare_folders(project.reports, rebuilt)
    assert lines[0] == "02-two.json: not the same bytes"
    (line,) = lines[1:]
    assert "tables > accuracy" in line
    assert "0.75 became 0.7500009536743164" in line
    assert "9.5e-07 apart, 1.3e-06 of it" in line


def test_bytes_of_pages_and_figures_count(project, rebuilt):
    for name in ("01-one.html", "01-one.svg"):
        (rebuilt / name).write_bytes((rebuilt / name).read_bytes() + b" ")
    assert compare_folders(project.reports, rebuilt) == [
        "01-one.html: not the same bytes",
        "01-one.svg: not the same bytes",
    ]


def test_a_file_that_only_one_folder_has_is_named(project, rebuilt):
    (rebuilt / "02-two.svg").unlink()
    (rebuilt / "03-new.svg").touch()
    assert compare_folders(project.reports, rebuilt) == [
        "02-two.svg: only in reports",
        "03-new.svg: only in rebuilt",
    ]


DIFFERENCES = [
    ({"a": 1.0}, {"a": 1.5}, ["a: 1.0 became 1.5, 5.0e-01 apart, 5.0e-01 of it"]),
    ({"a": 0.0}, {"a": 1e-9}, ["a: 0.0 became 1e-09, 1.0e-09 apart"]),
    ({"a": -2}, {"a": 2}, ["a: -2 became 2, 4.0e+00 apart, 2.0e+00 of it"]),
    (
        {"a": {"b": [1, [2, 3]]}},
        {"a": {"b": [1, [2, 4]]}},
        ["a > b [2] [2]: 3 became 4, 1.0e+00 apart, 3.3e-01 of it"],
    ),
    ({"a": "x"}, {"a": "y"}, ["a: 'x' became 'y'"]),
    ({"a": None}, {"a": 1.0}, ["a: 'None' became '1.0'"]),
    ({"a": 1}, {}, ["a: '1' became 'None'"]),
    ({}, {"a": [1]}, ["a: 'None' became '[1]'"]),
    ({"a": True}, {"a": False}, ["a: 'True' became 'False'"]),
    ({"a": [1, 2]}, {"a": [1]}, ["a: '[1, 2]' became '[1]'"]),
    ({"a": 1, "b": "c", "d": [None]}, {"a": 1, "b": "c", "d": [None]}, []),
    ([], [], []),
]


@pytest.mark.parametrize(("old", "new", "expected"), DIFFERENCES, ids=range(len(DIFFERENCES)))
def test_differences(old, new, expected):
    assert differences(old, new) == expected


def test_each_difference_has_a_line(project):
    results = results_of(1)
    other = json.loads(json.dumps(results))
    other["headline"]["final training accuracy"][2] = 0.81
    other["answer"] = "It is not."
    lines = differences(results, other)
    assert len(lines) == 2
    assert lines[0].startswith("answer: ")
    assert lines[1].startswith("headline > final training accuracy [3]: 0.8 became 0.81, ")


def test_a_long_text_is_cut():
    (line,) = differences({"a": "x" * 500}, {"a": "y" * 500})
    assert len(line) < 200


# The command


def test_the_command_says_that_all_is_well(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    assert cli.main(["verify"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line == (
        "reports: every file is whole and in the manifest (10), every page belongs to its results "
        "(2), and their notebooks, the code, requirements.lock, the defaults of all parameters "
        "and the data are as they were; only `normlab verify --rebuild` can tell numbers that "
        "were forged everywhere alike"
    )


def test_the_command_fails_with_a_line_for_each_fault(project, monkeypatch, capsys):
    monkeypatch.chdir(project.notebooks)
    (project.reports / "01-one.svg").unlink()
    (project.reports / "extra.html").touch()
    assert cli.main(["verify"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_the_command_takes_another_folder(project, monkeypatch, capsys, rebuilt):
    monkeypatch.chdir(project.root)
    assert cli.main(["verify", str(rebuilt)]) == 0
    (rebuilt / "index.html").unlink()
    assert cli.main(["verify", str(rebuilt)]) == 1
    assert capsys.readouterr().out.endswith("index.html: missing; build it again\n")


def test_another_folder_is_not_rebuilt(project, monkeypatch, capsys, rebuilt):
    monkeypatch.chdir(project.root)
    assert cli.main(["verify", "--rebuild", str(rebuilt)]) == 2
    assert "leave the folder out" in capsys.readouterr().err


CLAIM = RESULTS["claims"][0] | {"name": "bn"}


def elsewhere(tmp_path, **changes):
    """Two builds of one page, the second by another arithmetic and with ``changes``."""
    results = {
        **results_of(1),
        "claims": [CLAIM],
        "headline": {"accuracy": [0.9, 0.8, 1.0], "error": 1e-9},
    }
    other = {"arithmetic": RESULTS["arithmetic"] | {"blas_core": "ARMV8"}}
    for folder, more in (("old", {}), ("new", other | changes)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "01-a.json").write_text(json.dumps(results | more), "utf-8")
    return tmp_path / "old", tmp_path / "new"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"headline": {"accuracy": [0.85, 0.75, 0.95], "error": 2e-9}}, []),
        ({"claims": [CLAIM | {"state": "inconclusive"}]}, []),
        (
            {"claims": [CLAIM | {"state": "refuted"}]},
            ["01-a: claim bn was supported, is refuted"],
        ),
        (
            {"headline": {"accuracy": [0.5, None, None], "error": None}},
            ["01-a: accuracy was [0.9, 0.8, 1.0], is [0.5, None, None]"],
        ),
        ({"claims": []}, ["01-a: claim bn was supported, is missing"]),
        (
            {"headline": {"accuracy": [0.5, 0.4, 0.6]}},
            ["01-a: accuracy was [0.9, 0.8, 1.0], is [0.5, 0.4, 0.6]"],
        ),
    ],
)
def test_in_another_arithmetic_only_conclusions_count(changes, faults, tmp_path):
    old, new = elsewhere(tmp_path, **changes)
    assert not same_arithmetic(old, new)
    assert contradictions(old, new) == faults


def test_the_same_arithmetic_is_noticed(tmp_path):
    old, _ = elsewhere(tmp_path)
    assert same_arithmetic(old, old)


def test_the_hash_of_a_notebook_covers_its_pictures(make, tmp_path):
    path = make.write(tmp_path / "notebooks" / "01-a.ipynb", title="A ![](a.png) and b%20c.png")
    seen = {notebook_hash(path)}
    for name, content in (("a.png", b"1"), ("a.png", b"2"), ("b c.png", b"3")):
        (path.parent / name).write_bytes(content)
        assert notebook_hash(path) not in seen, name
        seen.add(notebook_hash(path))
    copy = Path(shutil.copy(path, tmp_path))
    assert notebook_hash(copy, path.parent) == notebook_hash(path) != notebook_hash(copy)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].attachments = {"p.png": {"image/png": "aaaa"}}
    nbformat.write(notebook, path)
    assert notebook_hash(path) not in seen
