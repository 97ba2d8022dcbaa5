"""Builds in folders: which one is meant, and what is said of those that are damaged."""

import json
import os

import pytest

from normlab.report.errors import BuildError
from normlab.report.finished import builds_of, choose_build, number_text, read_build

NAMES = ["epochs-2_da76ae", "epochs-3_e7d19d", "seeds-3_0a1b2c"]


@pytest.fixture
def project(small_project, write_results, monkeypatch):
    """The published build and three others, seen from the root."""
    monkeypatch.chdir(small_project.root)
    for folder in (small_project.reports, *(small_project.builds / name for name in NAMES)):
        write_results(folder, "02-nets")
    return small_project


CHOICES = [
    ("published", "published"),
    ("reports", "published"),
    ("reports/", "published"),
    ("pub", "published"),
    ("epochs-2_da76ae", "epochs-2_da76ae"),
    ("epochs-2", "epochs-2_da76ae"),
    ("s", "seeds-3_0a1b2c"),
    ("build/reports/epochs-3_e7d19d/", "epochs-3_e7d19d"),
    ("elsewhere/pages", "elsewhere/pages"),
]


@pytest.mark.parametrize(("text", "name"), CHOICES)
def test_the_build_that_is_meant(text, name, project, write_results):
    write_results(project.root / "elsewhere/pages", "02-nets")
    build = choose_build(project, text)
    assert build.name == name
    assert list(build.pages) == ["02-nets"]
    assert build.folder.is_dir()


MISTAKES = [
    ("epochs", "'epochs' may mean epochs-2_da76ae, epochs-3_e7d19d; type more of the name"),
    ("", "'' may mean epochs-2_da76ae, "),
    ("publihsed", "unknown build 'publihsed'; did you mean 'published'?"),
    ("build/reports/epocs-3_e7d19d", "did you mean 'epochs-3_e7d19d'?"),
    ("zzz", "unknown build 'zzz' (choose from epochs-2_da76ae, "),
    ("notebooks", "notebooks: holds no results; build it again, or remove it"),
    ("hurt", "build/reports/hurt: 02-nets.json: not whole; build it again"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_is_one_line_with_the_way_out(text, message, project):
    (project.builds / "hurt").mkdir()
    (project.builds / "hurt" / "02-nets.json").write_text('{"answer": ', "utf-8")
    with pytest.raises(BuildError) as caught:
        choose_build(project, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pages_that_are_a_link_to_themselves(project):
    (project.builds / "loop").symlink_to("loop")
    with pytest.raises(BuildError, match="unknown build 'loop'"):
        choose_build(project, "loop")
    assert choose_build(project, "reports").name == "published"


def test_builds_come_with_the_published_one_first_then_by_name(project):
    (project.builds / ".new-1234").mkdir()
    (project.builds / "index.html").touch()
    assert [build.name for build in builds_of(project)] == ["published", *NAMES]


def test_without_a_build_there_is_none(small_project):
    assert builds_of(small_project) == []


def changed(*place, to):
    """What puts a value somewhere into nested results."""

    def change(results):
        *way, last = place
        for key in way:
            results = results[key]
        results[last] = to
        return results

    return change


DAMAGE = {
    "empty": b"",
    "cut": b'{"answer": "It',
    "not UTF-8": b'"\xff"',
    "a list": b"[]",
    "null": b"null",
    "nested": b"[" * 100_000,
    "half a pair": changed("answer", to="\ud800"),
    "a long number": changed("headline", "accuracy", to=10**400),
    "two numbers": changed("headline", "accuracy", to=[1, 2]),
    "a word": changed("headline", "accuracy", to="high"),
    "no headline": changed("headline", to=None),
    "claims": changed("claims", to=[{}]),
    "a claim": changed("claims", 0, "name", to=["x"]),
    "tables": changed("tables", to=7),
    "parameters": changed("parameters", to=3),
    "dataset": changed("dataset", to="toy"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_page_is_named_and_the_others_are_read(damage, tmp_path, write_results):
    write_results(tmp_path, "01-checks", inputs=None)
    path = write_results(tmp_path, "02-nets", inputs=None)
    if callable(damage):
        results = json.loads(path.read_text("utf-8"))
        damage(results)
        path.write_text(json.dumps(results), "utf-8")
    else:
        path.write_bytes(damage)
    build = read_build("mine", tmp_path)
    assert list(build.pages) == ["01-checks"]
    assert build.faults == ["02-nets.json: not whole; build it again"]


def test_a_page_that_was_changed_by_hand_is_no_page_of_its_build(tmp_path, write_results):
    for name in ("01-checks", "02-nets"):
        path = write_results(tmp_path, name)
    path.write_text(path.read_text("utf-8").replace("0.7", "0.9", 1), "utf-8")
    build = read_build("mine", tmp_path)
    assert list(build.pages) == ["01-checks"]
    assert build.faults == ["02-nets.json: changed since; build it again"]


@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a loop", "a link to nothing"])
def test_what_is_no_file_is_named_at_once(kind, tmp_path, write_results):
    write_results(tmp_path, "01-checks")
    path = tmp_path / "02-nets.json"
    if kind == "a folder":
        path.mkdir()
    elif kind == "a pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name if kind == "a loop" else "nowhere")
    build = read_build("mine", tmp_path)
    assert list(build.pages) == ["01-checks"]
    assert build.faults == ["02-nets.json: not whole; build it again"]


def test_other_files_are_no_pages(tmp_path, write_results):
    write_results(tmp_path, "01-checks")
    for name in ("manifest.json", "notes.json", "02-nets.svg", ".02-nets.json"):
        (tmp_path / name).write_text("{", "utf-8")
    (tmp_path / "03-x.json").mkdir()
    build = read_build("mine", tmp_path)
    assert list(build.pages) == ["01-checks"]
    assert build.faults == ["03-x.json: not whole; build it again"]


def test_a_folder_that_is_gone(tmp_path):
    build = read_build("gone", tmp_path / "gone")
    assert build.pages == {}
    assert build.faults == ["cannot be read: No such file or directory; build it again"]


def test_a_build_from_before_parameters_were_recorded(tmp_path, write_results):
    write_results(tmp_path, "02-nets", parameters=None)
    assert read_build("old", tmp_path).pages["02-nets"].parameters is None


NUMBERS = [
    ((0.94691, 0.9384, 0.95541), "0.9469 (0.9384 to 0.9554)"),
    ((4.0, 4.0, 4.0), "4.000 (4.000 to 4.000)"),
    ((3.8796577643516275e-13,), "3.880e-13"),
    ((-0.4434, -0.5, None), "-0.4434 (no interval)"),
    ((None, None, None), "not finite (no interval)"),
    ((None,), "not finite"),
]


@pytest.mark.parametrize(("numbers", "text"), NUMBERS)
def test_numbers(numbers, text):
    assert number_text(numbers) == text
