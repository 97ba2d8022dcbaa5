import json

import nbformat
import pytest

from normlab.report.errors import BuildError
from normlab.report.project import read_study
from normlab.report.stored import read_notebook


@pytest.fixture
def path(make, tmp_path):
    return make.write(tmp_path / "01-toy.ipynb", "1 + 1", make.publish)


def changed(path, change):
    """The notebook with its JSON changed."""
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")
    return path


def test_cells_with_kinds_tags_and_sources_and_nothing_else(path):
    stored = nbformat.read(path, as_version=4)
    stored.cells[1].metadata.update(tags=["parameters", "mine"], papermill={"start_time": "now"})
    stored.cells[2].outputs = [nbformat.v4.new_output("stream", text="old")]
    stored.cells[2].execution_count = 7
    stored.cells[0]["attachments"] = {"a.png": {"image/png": "iVBO"}}
    stored.metadata["papermill"] = {"parameters": {"seeds": 99}}
    nbformat.write(stored, path)
    found = read_notebook(path)
    assert [cell.cell_type for cell in found.cells] == ["markdown", "code", "code", "code"]
    assert [cell.source for cell in found.cells] == [cell.source for cell in stored.cells]
    assert found.cells[1].metadata == {"tags": ["parameters", "mine"]}
    assert found.cells[0].attachments == {"a.png": {"image/png": "iVBO"}}
    assert (found.cells[2].outputs, found.cells[2].execution_count) == ([], None)
    assert found.metadata == {"language_info": {"name": "python"}}
    nbformat.validate(found)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["metadata"].clear(),
        lambda content: content["metadata"].update(
            kernelspec={"name": "ir", "display_name": "R", "language": "R"}
        ),
        lambda content: [cell.pop("id", None) for cell in content["cells"]],
        lambda content: [cell.update(id="same") for cell in content["cells"]],
        lambda content: content.update(nbformat_minor=2),
        lambda content: content.update(nbformat_minor=9),
        lambda content: [cell.update(metadata={}) for cell in content["cells"]],
        lambda content: content["cells"][0].update(
            source=["# Toy study\n", "\n", "**Question.** Is\n", "it?"]
        ),
    ],
)
def test_what_does_not_count(change, path, recwarn):
    assert read_study(changed(path, change)).title == "Toy study"
    assert not recwarn


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JSON from line 1 on"),
        (b'{"cells": [\n\n', "no JSON from line 3 on"),
        (b"\xef\xbb\xbf{}", "it begins with a byte order mark; save it as UTF-8 without"),
        (b"\xff\xfe{\x00", "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8"),
        (b"{\n<<<<<<< HEAD\n", "git conflict in line 2"),
        (b"[]", "not of format 4"),
        (b"3", "not of format 4"),
        (b"{}", "not of format 4"),
        (b'{"nbformat": 3, "worksheets": []}', "not of format 4; save it anew in JupyterLab"),
        (b'{"nbformat": 4}', "the file is not of format 4"),
        (b'{"nbformat": 4, "cells": 3}', "the file is not of format 4"),
        (b'{"nbformat": 4, "metadata": {}, "cells": [3]}', "the file is not of format 4"),
        (b'{"nbformat": 4, "metadata": {}, "cells": [{}]}', "cell 1 is not of format 4"),
        (b"[" * 100000, "the file is not of format 4"),
    ],
)
def test_a_file_that_cannot_be_read(content, words, path):
    path.write_bytes(content)
    with pytest.raises(BuildError) as caught:
        read_notebook(path)
    assert str(caught.value) == (
        f"01-toy.ipynb: not a notebook ({words}); restore it or take it away"
    ) or str(caught.value).startswith(f"01-toy.ipynb: not a notebook ({words}")


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        (lambda cells: cells[2].update(cell_type="cofe"), "cell 3"),
        (lambda cells: cells[2].update(source=3), "cell 3"),
        (lambda cells: cells[1].update(metadata={"tags": "parameters"}), "cell 2"),
        (lambda cells: cells[1].update(metadata={"tags": [3]}), "cell 2"),
        (lambda cells: cells[1].update(metadata=[]), "cell 2"),
        (lambda cells: cells[0].pop("source"), "cell 1"),
        (lambda cells: cells[3].update(outputs={}), "cell 4"),
    ],
)
def test_a_cell_that_is_none_is_named(change, cell, path):
    changed(path, lambda content: change(content["cells"]))
    with pytest.raises(BuildError, match=rf"^01-toy\.ipynb: not a notebook \({cell} is not"):
        read_notebook(path)


@pytest.mark.parametrize("tag", ["injected-parameters", "papermill-error-cell-tag"])
def test_what_papermill_left_is_refused(tag, path):
    changed(path, lambda content: content["cells"][2]["metadata"].update(tags=["a", tag]))
    with pytest.raises(BuildError) as caught:
        read_notebook(path)
    assert str(caught.value) == (
        f"01-toy.ipynb: cell 3 is tagged '{tag}', left there by papermill; take the cell out"
    )


def test_what_is_no_file(path):
    path.unlink()
    with pytest.raises(BuildError, match=r"^01-toy\.ipynb: cannot be read \(No such file"):
        read_notebook(path)
    path.mkdir()
    with pytest.raises(BuildError, match=r"^01-toy\.ipynb: not a notebook \(not even a file\)"):
        read_notebook(path)


@pytest.mark.parametrize("name", ["01-\x1b[31m.ipynb", "01-a\nb.ipynb", "01-\udcff.ipynb"])
def test_a_name_that_no_page_can_show(name, path):
    path = path.rename(path.with_name(name))
    with pytest.raises(BuildError, match="its name holds characters that no page can show"):
        read_notebook(path)


def test_half_a_character(path):
    path.write_text(path.read_text("utf-8").replace("1 + 1", "\\ud800"), "utf-8")
    with pytest.raises(BuildError, match=r"\(not UTF-8\)"):
        read_notebook(path)
