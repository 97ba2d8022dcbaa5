import hashlib
import shutil
import tarfile
from dataclasses import replace

import numpy as np
import pytest

from normlab import data
from normlab.data import cifar10_files, download
from normlab.data.cifar10_files import BATCHES, BINARY_FOLDER, PYTHON_FOLDER
from normlab.data.unpickle import read_batch

ARRAYS = ("X_train", "y_train", "X_val", "y_val", "X_test", "y_test", "mean_image")


@pytest.fixture(scope="module")
def python_folder(cifar10_dir):
    for folder in (cifar10_dir / PYTHON_FOLDER, cifar10_dir):
        if (folder / BATCHES[0]).exists():
            return folder
    pytest.skip("CIFAR-10 not found in the Python layout")


@pytest.fixture(scope="module")
def dataset(python_folder):
    return data.load("cifar10", python_folder)


@pytest.fixture(scope="module")
def binary_folder(python_folder, tmp_path_factory):
    """The Python batches, rewritten as records of one label and 3,072 pixels."""
    folder = tmp_path_factory.mktemp("cifar") / BINARY_FOLDER
    folder.mkdir()
    for name in BATCHES:
        pixels, labels = read_batch((python_folder / name).read_bytes())
        records = np.concatenate([np.array(labels, np.uint8)[:, None], pixels], axis=1)
        (folder / f"{name}.bin").write_bytes(records.tobytes())
    yield folder
    shutil.rmtree(folder)


def assert_equal_arrays(one, other):
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype


def test_shapes_and_split(dataset):
    assert dataset.X_train.shape == (49_000, 3, 32, 32)
    assert dataset.X_val.shape == dataset.X_test.shape == (1000, 3, 32, 32)
    assert dataset.X_train.dtype == np.uint8
    assert dataset.y_train.dtype == np.int64
    assert dataset.class_names[dataset.y_train[0]] == "frog"  # the first image of CIFAR-10
    assert dataset.class_names[dataset.y_test[0]] == "cat"
    assert dataset.num_classes == 10


def test_mean_image(dataset):
    mean = dataset.X_train.mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(dataset.mean_image, mean, atol=1e-12, rtol=0)


def test_hash_is_that_of_the_six_files_end_to_end(dataset, python_folder):
    digest = hashlib.sha256()
    for name in BATCHES:
        digest.update((python_folder / name).read_bytes())
    assert dataset.sha256 == digest.hexdigest()


def test_origin_tells_official_from_unofficial(dataset, python_folder, monkeypatch):
    md5 = tuple(
        hashlib.md5((python_folder / name).read_bytes(), usedforsecurity=False).hexdigest()
        for name in BATCHES
    )
    official = md5 == cifar10_files.OFFICIAL_MD5
    assert ("unofficial copy" in dataset.origin) is not official
    monkeypatch.setattr(cifar10_files, "OFFICIAL_MD5", md5)
    assert cifar10_files.read_python_folder(python_folder).verdict == "the official Python files"


def test_directory_that_holds_the_folder(dataset, python_folder, tmp_path):
    (tmp_path / PYTHON_FOLDER).symlink_to(python_folder)
    assert_equal_arrays(data.load("cifar10", tmp_path), dataset)


def test_directory_from_the_environment(python_folder, monkeypatch):
    monkeypatch.setenv("NORMLAB_DATA_DIR", str(python_folder))
    assert data.load("cifar10").X_train.shape == (49_000, 3, 32, 32)


@pytest.mark.slow
def test_binary_layout_gives_equal_arrays(dataset, binary_folder):
    from_folder = data.load("cifar10", binary_folder)
    assert_equal_arrays(from_folder, dataset)
    assert "unofficial copy" in from_folder.origin
    assert_equal_arrays(data.load("cifar10", binary_folder.parent), dataset)


@pytest.mark.slow
def test_archive_gives_equal_arrays_and_unpacks_nothing(
    dataset, binary_folder, tmp_path, monkeypatch
):
    path = tmp_path / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=0) as archive:
        archive.add(binary_folder, BINARY_FOLDER)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(data.DataError, match=f"SHA-256 is {sha256}, expected c4a38c50"):
        data.load("cifar10", tmp_path)
    monkeypatch.setitem(
        download.REMOTE, "cifar10", replace(download.REMOTE["cifar10"], sha256=sha256)
    )
    from_archive = data.load("cifar10", tmp_path)
    assert_equal_arrays(from_archive, dataset)
    assert from_archive.sha256 == sha256
    assert "official binary archive" in from_archive.origin
    assert list(tmp_path.iterdir()) == [path]
    path.unlink()


def test_missing_says_where_and_what_to_do(tmp_path):
    with pytest.raises(data.DataError) as caught:
        data.load("cifar10", tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "normlab data fetch cifar10" in str(caught.value)


def test_folder_with_a_lost_batch(tmp_path):
    (tmp_path / BINARY_FOLDER).mkdir()
    with pytest.raises(data.DataError, match=r"data_batch_1\.bin: no such file"):
        data.load("cifar10", tmp_path)
