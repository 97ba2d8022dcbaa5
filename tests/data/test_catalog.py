import subprocess
import sys
from pathlib import Path

import pytest

from normlab import data
from normlab.data import fashion_mnist


def test_names_are_what_available_lists(tmp_path):
    assert tuple(name for name, _ in data.available(tmp_path)) == data.names()


def test_available_names_the_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "nowhere")
    lines = dict(data.available(tmp_path))
    assert "comes with normlab" in lines["fashion-mnist"]
    assert "dataset-fashion-mnist" in lines["fashion-mnist-full"]
    assert f"not found in {tmp_path}; run `normlab data fetch cifar10`" in lines["cifar10"]
    (tmp_path / "cifar-10-batches-py").mkdir()
    assert dict(data.available(tmp_path))["cifar10"] == f"found: {tmp_path / 'cifar-10-batches-py'}"


@pytest.mark.parametrize("ask", [data.load, data.fetch])
@pytest.mark.parametrize("name", ["cifra10", "CIFAR-10", "mnist", "", None, 3])
def test_unknown_name(ask, name):
    with pytest.raises(data.DataError, match=r"unknown data set .*choose from cifar10"):
        ask(name)


def test_typo_gets_the_nearest_name_and_npz_is_mentioned():
    with pytest.raises(data.DataError, match=r"did you mean 'cifar10'\?.*\.npz file works too"):
        data.load("cifra10")


def test_data_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("NORMLAB_DATA_DIR", str(tmp_path))
    assert data.data_directory() == tmp_path
    assert data.data_directory("elsewhere") == Path("elsewhere")
    assert data.data_directory("~/data") == Path.home() / "data"
    monkeypatch.setenv("NORMLAB_DATA_DIR", "")
    assert data.data_directory().name == "normlab"


def test_error_stays_on_one_line_whatever_the_file_is_called(tmp_path):
    with pytest.raises(data.DataError) as caught:
        data.load(tmp_path / "two\nlines\x1b[31m.npz")
    assert str(caught.value).isprintable()


def test_nothing_is_read_or_fetched_on_import():
    code = (
        "import sys, normlab.data; "
        "sys.exit(sum(m in sys.modules for m in ('pooch', 'requests', 'tqdm')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
