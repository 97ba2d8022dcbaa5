import numpy as np
import pytest

from normlab.nn import rel_error


def test_rel_error():
    assert rel_error(1.0, 1.0) == 0
    assert rel_error(np.array([1.0, 3.0]), np.array([1.0, 1.0])) == 0.5
    assert rel_error(np.zeros(2), np.zeros(2)) == 0
    noise = np.array([1e-12]), np.array([-1e-12])
    assert rel_error(*noise) == pytest.approx(2e-4)
    assert rel_error(*noise, floor=1) == pytest.approx(2e-12)
    assert np.isnan(rel_error(np.nan, 1.0))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32, np.uint64, np.int8, np.int64])
def test_integers_do_not_wrap(dtype):
    least, most = (np.array([bound], dtype) for bound in (np.iinfo(dtype).min, np.iinfo(dtype).max))
    small, large = np.array([1, 100], dtype), np.array([3, 127], dtype)
    assert rel_error(small, large) == rel_error(large, small) == 0.5
    assert rel_error(least, most) == 1
    assert rel_error(most, most.astype(np.float64)) == 0
    assert rel_error(small, -small.astype(np.int64)) == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_sums_do_not_overflow(dtype):
    most = np.array([np.finfo(dtype).max])
    assert rel_error(most, -most) == 1
    assert rel_error(most, most / 2) == pytest.approx(1 / 3)


def test_several_dtypes_are_compared_as_numbers():
    assert rel_error(np.array([1, 2], np.uint8), [1.0, -2.0]) == 1
    assert rel_error(np.float32(0.1), 0.1) == pytest.approx(7.5e-9, rel=0.01)
    assert rel_error(1, 1j) == pytest.approx(np.sqrt(0.5))
