from dataclasses import replace

import numpy as np
import pytest

from normlab.data import DataError, Dataset
from normlab.data.dataset import mean_of


@pytest.fixture
def dataset():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (2500, 1, 4, 4), dtype=np.uint8)
    y = np.arange(2500) % 3
    return Dataset(
        name="tiny",
        title="Tiny",
        class_names=("a", "b", "c"),
        origin="Made up.",
        sha256="0" * 64,
        X_train=X[:2000],
        y_train=y[:2000],
        X_val=X[2000:],
        y_val=y[2000:],
        X_test=None,
        y_test=None,
        mean_image=mean_of(X[:2000]),
    )


def test_properties(dataset):
    assert dataset.num_classes == 3
    assert dataset.image_shape == (1, 4, 4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.dtype("float32"), "float64"])
def test_arrays_subtract_the_mean_in_float64_and_round_once(dataset, dtype):
    arrays = dataset.arrays(dtype=dtype)
    mean = dataset.X_train.mean(axis=0, dtype=np.float64)
    assert set(arrays) == {"X_train", "y_train", "X_val", "y_val"}
    for part in ("train", "val"):
        expected = getattr(dataset, f"X_{part}").astype(np.float64) - mean
        np.testing.assert_array_equal(arrays[f"X_{part}"], expected.astype(dtype))
        assert arrays[f"X_{part}"].dtype == dtype
        assert arrays[f"y_{part}"].dtype == np.int64


def test_arrays_take_the_first_images_but_the_mean_of_all(dataset):
    few, every = dataset.arrays(num_train=10, num_val=5), dataset.arrays()
    assert len(few["X_train"]) == len(few["y_train"]) == 10
    assert len(few["X_val"]) == len(few["y_val"]) == 5
    np.testing.assert_array_equal(few["X_train"], every["X_train"][:10])


def test_arrays_are_copies(dataset):
    before = dataset.y_train.copy()
    dataset.arrays()["y_train"][:] = 7
    np.testing.assert_array_equal(dataset.y_train, before)


@pytest.mark.parametrize("count", [0, -1, 2001, 1.5, "10", True, float("nan")])
def test_arrays_refuse_a_wrong_count(dataset, count):
    with pytest.raises(DataError, match=r"tiny: num_train is .*; choose .* from 1 to 2,000$"):
        dataset.arrays(num_train=count)


def test_arrays_refuse_too_many_to_validate(dataset):
    with pytest.raises(DataError, match="num_val is 501; choose a whole number from 1 to 500"):
        dataset.arrays(num_val=501)


@pytest.mark.parametrize("dtype", [np.int64, np.float16, bool, "object", "nonsense"])
def test_arrays_refuse_a_type_that_is_not_float(dataset, dtype):
    with pytest.raises(DataError, match="choose float32 or float64"):
        dataset.arrays(dtype=dtype)


def test_mean_of_whole_numbers_is_exact():
    X = np.full((300_000, 1), 255, np.uint8)
    X[0] = 254
    assert mean_of(X)[0] == (255 * 300_000 - 1) / 300_000


def test_without_test_images_every_second_validation_image_of_a_class_is_one(dataset):
    bare = replace(dataset, X_test=None, y_test=None)
    parted = bare.with_test_images()
    assert "every second validation image" in parted.origin
    for label in np.unique(bare.y_val):
        ours = bare.X_val[bare.y_val == label]
        np.testing.assert_array_equal(parted.X_val[parted.y_val == label], ours[::2])
        np.testing.assert_array_equal(parted.X_test[parted.y_test == label], ours[1::2])
    assert parted.with_test_images() is parted


def test_too_few_validation_images_for_both_are_refused(dataset):
    few = replace(dataset, X_val=dataset.X_val[:1], y_val=dataset.y_val[:1], X_test=None)
    with pytest.raises(DataError, match=r"no class has two validation images.*add X_test"):
        few.with_test_images()
