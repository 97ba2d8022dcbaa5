import hashlib

import numpy as np
import pytest

from normlab import data


def arrays(**changes):
    rng = np.random.default_rng(0)
    out = {
        "X_train": rng.integers(0, 256, (12, 1, 4, 4), dtype=np.uint8),
        "y_train": np.arange(12) % 3,
        "X_val": rng.integers(0, 256, (6, 1, 4, 4), dtype=np.uint8),
        "y_val": np.arange(6) % 3,
    }
    out.update(changes)
    return {name: array for name, array in out.items() if array is not None}


def save(path, **changes):
    np.savez_compressed(path, **arrays(**changes))
    return path


def test_load(tmp_path):
    path = save(tmp_path / "mine.npz")
    dataset = data.load(str(path))
    assert dataset.name == dataset.title == "mine"
    assert dataset.class_names == ("0", "1", "2")
    assert dataset.X_test is None
    assert dataset.y_test is None
    assert dataset.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert str(tmp_path) not in dataset.origin
    for name, array in arrays().items():
        np.testing.assert_array_equal(getattr(dataset, name), array)
    np.testing.assert_allclose(
        dataset.mean_image, arrays()["X_train"].mean(axis=0), atol=1e-12, rtol=0
    )
    assert set(dataset.arrays()) == {"X_train", "y_train", "X_val", "y_val"}


@pytest.mark.parametrize("dtype", ["float32", "float64", ">f4", ">f8"])
def test_float_pixels_and_small_labels(tmp_path, dtype):
    X = np.asfortranarray(np.random.default_rng(1).standard_normal((12, 5))).astype(dtype)
    path = save(
        tmp_path / "flat.npz",
        X_train=X,
        y_train=(np.arange(12) % 3).astype(np.uint8),
        X_val=X[:6],
    )
    dataset = data.load(path)
    assert dataset.image_shape == (5,)
    assert dataset.X_train.dtype == np.dtype(dtype).newbyteorder("=")
    assert dataset.y_train.dtype == np.int64
    np.testing.assert_array_equal(dataset.X_train, X)
    np.testing.assert_allclose(dataset.mean_image, X.mean(axis=0, dtype=float), atol=1e-12)


def test_test_arrays_and_class_names(tmp_path):
    path = save(
        tmp_path / "mine.npz",
        X_test=arrays()["X_val"],
        y_test=arrays()["y_val"],
        class_names=np.array(["<b>cat</b>", "dog", "été", "owl"]),
    )
    dataset = data.load(path)
    assert dataset.class_names == ("<b>cat</b>", "dog", "été", "owl")
    assert dataset.num_classes == 4
    assert "X_test" in dataset.arrays()


def test_home_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    save(tmp_path / "mine.npz")
    assert data.load("~/mine.npz").name == "mine"


X6 = arrays()["X_val"]
FAULTS = {
    "missing": ({"X_val": None}, "has no array 'X_val' (expected X_train, y_train, X_val, y_val)"),
    "typo": ({"X_val": None, "x_val": X6}, "has no array 'X_val'; is it 'x_val'?"),
    "test alone": ({"X_test": X6}, "one of 'X_test' and 'y_test' alone"),
    "too few labels": ({"y_val": np.zeros(5, int)}, "y_val has shape (5,), X_val has 6 images"),
    "labels in a column": ({"y_val": np.zeros((6, 1), int)}, "expected shape (6,)"),
    "float labels": ({"y_val": np.zeros(6)}, "y_val is of type float64"),
    "boolean labels": ({"y_val": np.zeros(6, bool)}, "y_val is of type bool"),
    "negative label": ({"y_val": np.full(6, -1)}, "y_val has label -1; expected 0 to 2"),
    "label too large": ({"y_val": np.full(6, 3)}, "y_val has label 3; expected 0 to 2"),
    "label beyond names": (
        {"class_names": np.array(["a", "b"])},
        "y_train has label 2; expected 0 to 1 (by class_names)",
    ),
    "label beyond int64": (
        {"y_val": np.full(6, 2**64 - 1, np.uint64)},
        "y_val has label 18446744073709551615",
    ),
    "a million classes": ({"y_train": np.arange(12) * 100_000}, "has more than 10,000 classes"),
    "other image shape": ({"X_val": X6[..., :3]}, "X_val has images of shape (1, 4, 3)"),
    "no image axis": ({"X_val": np.zeros(6, np.uint8)}, "X_val has shape (6,)"),
    "no images": ({"X_val": X6[:0], "y_val": np.zeros(0, int)}, "nothing empty"),
    "integer pixels": ({"X_val": X6.astype(int)}, "X_val is of type int64"),
    "complex pixels": ({"X_val": X6.astype(complex)}, "X_val is of type complex128"),
    "names that are numbers": ({"class_names": np.arange(3)}, "expected a row of text"),
    "names in a square": ({"class_names": np.array([["a", "b"]])}, "expected a row of text"),
}


@pytest.mark.parametrize(("changes", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_refused(tmp_path, changes, message):
    path = save(tmp_path / "mine.npz", **changes)
    with pytest.raises(data.DataError) as caught:
        data.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_missing_file(tmp_path):
    with pytest.raises(data.DataError, match=r"nothing\.npz: no such file"):
        data.load(tmp_path / "nothing.npz")
