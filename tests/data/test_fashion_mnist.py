import gzip
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from normlab import data
from normlab.data import fashion_mnist

TOOL = Path(__file__).parents[2] / "tools/embed_fashion_mnist.py"
PARTS = ("train", "val", "test")

needs_debian = pytest.mark.skipif(
    not fashion_mnist.DEBIAN_FOLDER.exists(),
    reason="Debian's package dataset-fashion-mnist is not installed",
)


@pytest.fixture(scope="module")
def subset():
    return data.load("fashion-mnist")


@pytest.fixture(scope="module")
def full():
    return data.load("fashion-mnist-full")


def test_subset_shapes_and_types(subset):
    for part, count in zip(PARTS, (5000, 1000, 1000), strict=True):
        X, y = getattr(subset, f"X_{part}"), getattr(subset, f"y_{part}")
        assert X.shape == (count, 1, 28, 28)
        assert X.dtype == np.uint8
        assert y.shape == (count,)
        assert y.dtype == np.int64
    assert subset.name == "fashion-mnist"
    assert subset.num_classes == 10
    assert subset.sha256 == fashion_mnist.SUBSET_SHA256


def test_subset_is_stratified_in_every_prefix_of_tens(subset):
    for part in PARTS:
        y = getattr(subset, f"y_{part}").reshape(-1, 10)
        np.testing.assert_array_equal(np.sort(y, axis=1), np.tile(np.arange(10), (len(y), 1)))


def test_subset_shares_no_image_between_train_and_val(subset):
    train = {image.tobytes() for image in subset.X_train}
    assert not train & {image.tobytes() for image in subset.X_val}


def test_mean_image(subset):
    assert subset.mean_image.dtype == np.float64
    np.testing.assert_allclose(subset.mean_image, subset.X_train.mean(axis=0), atol=1e-12, rtol=0)


def test_embedded_file_is_small_and_carries_its_licence():
    path = fashion_mnist.subset_path()
    assert path.stat().st_size < 3_200_000
    licence = path.with_name("fashion_mnist_subset.LICENSE.txt").read_text()
    assert "2017 Zalando SE" in licence
    assert "Permission is hereby granted, free of charge" in licence
    assert "https://github.com/zalandoresearch/fashion-mnist" in licence


@needs_debian
def test_embedded_file_is_what_the_tool_makes(subset):
    spec = importlib.util.spec_from_file_location("embed_fashion_mnist", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for name, array in tool.subset(tool.SOURCE).items():
        np.testing.assert_array_equal(getattr(subset, name), array)
        assert getattr(subset, name).dtype == array.dtype


@needs_debian
def test_full_shapes_and_origin(full):
    assert full.X_train.shape == (59_000, 1, 28, 28)
    assert full.X_val.shape == full.X_test.shape == (1000, 1, 28, 28)
    assert full.y_train.dtype == full.y_val.dtype == full.y_test.dtype == np.int64
    assert full.sha256 == fashion_mnist.FULL_SHA256
    assert "the official images" in full.origin
    assert "/" not in full.origin


@needs_debian
def test_full_holds_the_subset(full, subset):
    first_of_class_0 = full.X_train[np.flatnonzero(full.y_train == 0)[0]]
    np.testing.assert_array_equal(subset.X_train[0], first_of_class_0)


@needs_debian
@pytest.mark.parametrize("folder", ["fashion-mnist", "."])
def test_full_from_the_data_directory_unpacked_or_not(tmp_path, full, folder):
    (tmp_path / folder).mkdir(exist_ok=True)
    for number, name in enumerate(fashion_mnist.FULL_FILES):
        packed = fashion_mnist.DEBIAN_FOLDER / f"{name}.gz"
        if number % 2:
            (tmp_path / folder / packed.name).write_bytes(packed.read_bytes())
        else:
            (tmp_path / folder / name).write_bytes(gzip.decompress(packed.read_bytes()))
    assert fashion_mnist.find_full(tmp_path) == tmp_path / folder
    again = data.load("fashion-mnist-full", tmp_path)
    assert again.sha256 == full.sha256
    np.testing.assert_array_equal(again.X_val, full.X_val)


def test_full_missing_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "nowhere")
    with pytest.raises(data.DataError, match="install Debian's package dataset-fashion-mnist"):
        data.load("fashion-mnist-full", tmp_path)
