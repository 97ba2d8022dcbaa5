import os

import pytest

from normlab.report.files import write


def files_in(folder):
    """Relative names of all files, hidden ones too."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_write_makes_folders_and_unix_lines(tmp_path):
    path = tmp_path / "a" / "b.html"
    write({"b.html": "é\nline\n"}, path.parent)
    assert path.read_bytes() == "é\nline\n".encode()
    write({"b.html": "new"}, path.parent)
    assert path.read_text("utf-8") == "new"
    assert files_in(tmp_path) == {"a/b.html"}


def test_a_second_file_that_cannot_be_written_leaves_the_first_as_it_was(tmp_path):
    write({"page.html": "old"}, tmp_path)
    with pytest.raises(UnicodeEncodeError):
        write({"page.html": "new", "page.json": "\ud800"}, tmp_path)
    assert (tmp_path / "page.html").read_text("utf-8") == "old"
    assert files_in(tmp_path) == {"page.html"}


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(call, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    write({"page.html": "old"}, tmp_path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OSError, match="disk full"):
        write({"page.html": "new"}, tmp_path)
    assert path.read_text("utf-8") == "old"
    assert files_in(tmp_path) == {"page.html"}


def test_a_write_that_is_interrupted_leaves_the_old_file(tmp_path, monkeypatch):
    write({"page.html": "old"}, tmp_path)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write({"page.html": "new"}, tmp_path)
    assert files_in(tmp_path) == {"page.html"}


def test_a_folder_in_the_place_of_a_file_is_found_before_anything_is_replaced(tmp_path):
    write({"page.html": "old"}, tmp_path)
    (tmp_path / "page.json").mkdir()
    with pytest.raises(IsADirectoryError, match=r"page.json is a folder; move it out of the way"):
        write({"page.html": "new", "page.json": "new"}, tmp_path)
    assert (tmp_path / "page.html").read_text("utf-8") == "old"
