"""The manifest of a folder of pages: canonical, signed, and strict when it is read."""

import hashlib
import json
import random

import pytest

from normlab.report.errors import BuildError
from normlab.report.manifest import NAME, manifest_text, own_manifest, page_of, read_manifest
from tests.report.conftest import INPUTS, list_files

PAGES = {f"0{number}-a": INPUTS | {"notebook": str(number)} for number in (1, 2)}


@pytest.fixture
def folder(tmp_path):
    """Two pages with results and figures, an index and the manifest."""
    for number in (1, 2):
        results = {"answer": f"é {number}"}
        (tmp_path / f"0{number}-a.json").write_text(json.dumps(results), "utf-8")
        (tmp_path / f"0{number}-a.html").write_text(f"<p>{number}</p>\n", "utf-8")
        (tmp_path / f"0{number}-a.svg").write_bytes(b"<svg/>\r\n\x00\xff")
    (tmp_path / "index.html").write_text("<h1>Index</h1>", "utf-8")
    list_files(tmp_path, PAGES)
    return tmp_path


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_it_lists_every_file_with_its_sha256(folder):
    files = read_manifest(folder)["files"]
    assert files == {
        path.name: sha256(path.read_bytes()) for path in folder.iterdir() if path.name != NAME
    }
    assert len(files) == 7


def test_it_holds_the_inputs_of_every_page(folder):
    assert read_manifest(folder)["pages"] == PAGES


def test_it_is_canonical_json_that_carries_its_digest(folder):
    text = (folder / NAME).read_bytes().decode("ascii")
    content = json.loads(text)
    assert text == json.dumps(content, indent=1, sort_keys=True) + "\n"
    digest = content.pop("digest")
    assert digest == sha256(json.dumps(content, sort_keys=True).encode())


def test_it_does_not_depend_on_the_order_in_which_files_are_named(folder):
    content = read_manifest(folder)
    turned = {key: dict(reversed(value.items())) for key, value in content.items()}
    assert manifest_text(**turned) == manifest_text(**content)
    assert (folder / NAME).read_text("utf-8") == manifest_text(**content)


def test_a_file_of_another_name_or_content_changes_it(folder):
    content = read_manifest(folder)
    files = content["files"]
    digest = files.pop("index.html")
    others = [files, files | {"index.html": "0" * 64}, files | {"other.html": digest}]
    texts = {manifest_text(other, content["pages"]) for other in others}
    assert len(texts | {(folder / NAME).read_text("utf-8")}) == 4


NAMES = [
    ("02-a.html", "02-a"),
    ("02-a.json", "02-a"),
    ("02-a.svg", "02-a"),
    ("02-a.curves.csv", "02-a"),
    ("02-a.b.curves.csv", "02-a.b"),
    ("02-a.b.html", "02-a.b"),
    ("index.html", "index"),
    ("02-a.csv", ""),
    ("notes", ""),
]


@pytest.mark.parametrize(("name", "page"), NAMES)
def test_whose_a_file_is_its_name_tells(name, page):
    assert page_of(name) == page


def test_none_is_an_error_that_says_the_way_out(tmp_path):
    with pytest.raises(ValueError, match=NAME):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe",
        b'{"digest": ""}',
        b'{"files": {}}',
        b"0",
        b'"digest"',
        b"[" * 100_000,
        b"NaN",
        b'{"digest": 1e999}',
        b"9" * 5000,
        b'"\\ud800"',
    ],
)
def test_what_is_no_manifest_is_refused(folder, content):
    (folder / NAME).write_bytes(content)
    with pytest.raises(ValueError, match=NAME):
        read_manifest(folder)


def test_any_changed_byte_is_found(folder):
    content, rng = bytearray((folder / NAME).read_bytes()), random.Random(0)
    for position in range(len(content)):
        before = content[position]
        content[position] ^= rng.randrange(1, 256)
        (folder / NAME).write_bytes(content)
        with pytest.raises(ValueError, match=NAME):
            read_manifest(folder)
        content[position] = before
    (folder / NAME).write_bytes(content)
    assert read_manifest(folder)


def test_a_line_end_that_became_a_carriage_return_is_found(folder):
    content = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(content.replace(b"\n", b"\r", 1))
    with pytest.raises(ValueError, match=NAME):
        read_manifest(folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n ", "\n  ", 1),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n",
        lambda text: text.replace('"files"', '"FILES"'),
        lambda text: json.dumps(json.loads(text)),
        lambda text: "\ufeff" + text,
    ],
    ids=["an indent", "no last line end", "one more", "a name", "another layout", "a mark"],
)
def test_other_changes_are_found(folder, change):
    text = (folder / NAME).read_text("utf-8")
    (folder / NAME).write_text(change(text), "utf-8")
    with pytest.raises(ValueError, match=NAME):
        read_manifest(folder)


# What a build makes of it


def changed(folder, **changes):
    """Write a manifest of another shape whose digest may fit or not."""
    content = json.loads((folder / NAME).read_text("utf-8"))
    (folder / NAME).write_text(json.dumps(content | changes), "utf-8")


SHAPES = {
    "a list of files": {"files": ["a"]},
    "no files": {"files": None},
    "a number for a hash": {"files": {"a.html": 7}},
    "no hash": {"files": {"a.html": "abc"}},
    "a file elsewhere": {"files": {"../a.html": "0" * 64}},
    "a file of the system": {"files": {"/etc/passwd": "0" * 64}},
    "a hidden file": {"files": {".bashrc": "0" * 64}},
    "a list of pages": {"pages": []},
    "a page of nothing": {"pages": {"01-a": {}}},
    "a number for a version": {"pages": {"01-a": INPUTS | {"normlab": 1}}},
    "no digest": {"digest": None},
}


@pytest.mark.parametrize("changes", SHAPES.values(), ids=SHAPES)
def test_another_shape_is_one_line_for_readers_and_for_builds(folder, changes):
    changed(folder, **changes)
    with pytest.raises(ValueError, match=f"^{NAME}: it was changed \\([^\n]+\\)$"):
        read_manifest(folder)
    with pytest.raises(BuildError, match=r"is damaged or not normlab's \([^\n]+\), so that"):
        own_manifest(folder)


def test_without_one_a_build_begins_anew(tmp_path):
    assert own_manifest(tmp_path) == {"files": {}, "pages": {}}


def test_of_one_whose_digest_does_not_fit_a_build_believes_the_names_alone(folder):
    names = read_manifest(folder)["files"].keys()
    changed(folder, digest="0" * 64)
    assert own_manifest(folder) == {"files": dict.fromkeys(names, "0" * 64), "pages": {}}
