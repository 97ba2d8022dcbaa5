"""The manifest of a folder of pages: canonical, signed, and strict when it is read."""

import hashlib
import json
import random

import pytest

from normlab.report.manifest import NAME, read_manifest, write_manifest

INPUTS = {"normlab": "0.1", "notebook": "aa", "code of the page": "bb"}


@pytest.fixture
def folder(tmp_path):
    """Two pages with results and figures, an index and the manifest."""
    for number in (1, 2):
        results = {"answer": f"é {number}", "inputs": INPUTS | {"notebook": str(number)}}
        (tmp_path / f"0{number}-a.json").write_text(json.dumps(results), "utf-8")
        (tmp_path / f"0{number}-a.html").write_text(f"<p>{number}</p>\n", "utf-8")
        (tmp_path / f"0{number}-a.svg").write_bytes(b"<svg/>\r\n\x00\xff")
    (tmp_path / "index.html").write_text("<h1>Index</h1>", "utf-8")
    write_manifest(tmp_path)
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
    pages = read_manifest(folder)["pages"]
    assert pages == {f"0{number}-a": INPUTS | {"notebook": str(number)} for number in (1, 2)}


def test_it_does_not_list_itself_or_what_is_hidden(folder):
    before = (folder / NAME).read_bytes()
    (folder / ".DS_Store").write_bytes(b"x")
    write_manifest(folder)
    write_manifest(folder)
    assert (folder / NAME).read_bytes() == before


def test_it_is_canonical_json_that_carries_its_digest(folder):
    text = (folder / NAME).read_bytes().decode("ascii")
    content = json.loads(text)
    assert text == json.dumps(content, indent=1, sort_keys=True) + "\n"
    digest = content.pop("digest")
    assert digest == sha256(json.dumps(content, sort_keys=True).encode())


def test_it_does_not_depend_on_the_order_in_which_files_were_made(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    for path in sorted(folder.iterdir(), reverse=True):
        if path.name != NAME:
            (other / path.name).write_bytes(path.read_bytes())
    write_manifest(other)
    assert (other / NAME).read_bytes() == (folder / NAME).read_bytes()


def test_a_file_of_another_name_or_content_changes_it(folder):
    seen = {(folder / NAME).read_bytes()}
    (folder / "index.html").write_text("<h1>Other</h1>", "utf-8")
    write_manifest(folder)
    seen.add((folder / NAME).read_bytes())
    (folder / "index.html").rename(folder / "other.html")
    write_manifest(folder)
    seen.add((folder / NAME).read_bytes())
    assert len(seen) == 3


def test_a_folder_or_foreign_results_beside_the_pages_do_no_harm(folder):
    (folder / "old").mkdir()
    (folder / "notes.json").write_text("{}", "utf-8")
    write_manifest(folder)
    manifest = read_manifest(folder)
    assert set(manifest["pages"]) == {"01-a", "02-a"}
    assert "old" not in manifest["files"]


def test_none_is_an_error_that_says_the_way_out(tmp_path):
    with pytest.raises(ValueError, match=NAME):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"{", b"\xff\xfe", b'{"digest": ""}', b'{"files": {}}', b"0",
     b'"digest"'],
)  # fmt: skip
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
