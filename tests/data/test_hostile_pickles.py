"""Pickled batches that mean harm: one line, nothing run or written, little memory."""

import _codecs
import os
import pickle
import struct
import subprocess

import numpy as np
import pytest

from normlab import data
from normlab.data import cifar10_files
from normlab.data.cifar10_files import BATCHES, PYTHON_FOLDER

MEGABYTE = 1 << 20


class Call:
    """Pickles to a call of ``function(*args)``, then ``__setstate__(state)`` on the result."""

    def __init__(self, function, *args, state=None):
        self.reduced = (function, args, state)

    def __reduce__(self):
        return self.reduced


def array_pickle(dtype="u1", shape=(2, 3), content=b"123456", dtype_state=None):
    """A batch whose array may lie about itself."""
    dtype_state = dtype_state or (3, "|", None, None, None, -1, -1, 0)
    dtype = Call(np.dtype, dtype, False, True, state=dtype_state)
    reconstruct = np.zeros(0).__reduce__()[0]
    array = Call(reconstruct, np.ndarray, (0,), b"b", state=(1, shape, dtype, False, content))
    return pickle.dumps({"data": array, "labels": [0, 1]}, protocol=2)


def nested_labels():
    """Thirty lists, each ten times in the next: small here, 10^30 labels as an array."""
    labels = [0]
    for _ in range(30):
        labels = [labels] * 10
    return labels


def pickles(marker):
    touch = f"open({str(marker)!r}, 'w').close()"
    deep = b"\x80\x02" + b"(" * 100_000 + b"t" * 100_000 + b"."
    return {
        "os.system": pickle.dumps(Call(os.system, f"touch {marker}")),
        "exec": pickle.dumps(Call(exec, touch)),
        "eval by hand": b"c__builtin__\neval\n(S" + repr(touch).encode() + b"\ntR.",
        "subprocess": pickle.dumps(Call(subprocess.call, ["touch", str(marker)])),
        "open": pickle.dumps(Call(open, str(marker), "w"), protocol=0),
        "numpy.save": pickle.dumps(Call(np.save, str(marker), 1)),
        "method of a known name": b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.",
        "codec": pickle.dumps(Call(_codecs.encode, "a", "bz2")),
        "object array": array_pickle(dtype="O8", shape=(1,), content=b"\x00" * 8),
        "huge shape": array_pickle(shape=(10**6, 10**6)),
        "negative shape": array_pickle(shape=(-1, 3)),
        "dtype with objects inside": array_pickle(
            dtype_state=(3, "|", None, ("a",), {"a": ("O8", 0)}, 8, 1, 63)
        ),
        "huge array asked of numpy": pickle.dumps(Call(np.ndarray, (10**13,))),
        "other arguments": pickle.dumps(Call(np.dtype, "u1", state=1)),
        "array without dtype": array_pickle(dtype_state=1).replace(b"dtype", b"ndarray"),
        "memo of gigabytes": b"\x80\x02}r" + struct.pack("<I", 2**31 - 1) + b".",
        "bytearray of gigabytes": b"\x80\x05\x96" + struct.pack("<Q", 2**32) + b"abc.",
        "string of gigabytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**62) + b"abc.",
        "deep tuples": deep,
        "persistent id": b"\x80\x02Pmarker\n.",
        "extension": b"\x80\x02\x82\x01.",
        "no batch": pickle.dumps([1, 2, 3]),
        "batch without data": pickle.dumps({"labels": [0]}),
        "labels that multiply": pickle.dumps(
            {"data": np.zeros(1, "u1"), "labels": nested_labels()}
        ),
        "labels of text": pickle.dumps({"data": 0, "labels": "0"}),
        "empty": b"",
        "truncated": pickle.dumps({"data": list(range(1000))})[:500],
        "noise": bytes(range(256)),
    }


@pytest.mark.parametrize("kind", pickles("marker"))
def test_pickle(assert_refused, tmp_path, kind):
    marker = tmp_path / "marker"
    folder = tmp_path / PYTHON_FOLDER
    folder.mkdir()
    for name in BATCHES:
        (folder / name).write_bytes(pickles(marker)[kind])
    where = str(folder / BATCHES[0])
    peak = assert_refused("cifar10", where, "normlab data fetch", data_dir=tmp_path)
    assert peak < 20 * MEGABYTE
    assert not marker.exists()


def test_the_attacks_work_on_the_plain_unpickler(tmp_path):
    marker = tmp_path / "marker"
    pickle.loads(pickles(marker)["exec"])
    assert marker.exists()


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_an_honest_pickle_of_python_3_is_read(tmp_path, protocol):
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    content = pickle.dumps({"data": pixels, "labels": [1, 2, 3]}, protocol=protocol)
    read, labels = cifar10_files.read_batch(content)
    np.testing.assert_array_equal(read, pixels)
    assert labels == [1, 2, 3]


def test_pickle_of_the_wrong_shape(assert_refused, tmp_path):
    folder = tmp_path / PYTHON_FOLDER
    folder.mkdir()
    batch = pickle.dumps({"data": np.zeros((5, 3072), np.uint8), "labels": [0] * 5}, protocol=2)
    for name in BATCHES:
        (folder / name).write_bytes(batch)
    words = "images of shape (5, 3072), expected (10000, 3072)"
    assert_refused("cifar10", words, data_dir=tmp_path)


@pytest.mark.parametrize("labels", [[10] * 10_000, [-1] * 10_000, [0.5] * 10_000, [0], ["a", []]])
def test_pickle_with_labels_out_of_range(assert_refused, tmp_path, labels):
    folder = tmp_path / PYTHON_FOLDER
    folder.mkdir()
    pixels = np.zeros((10_000, 3072), np.uint8)
    batch = pickle.dumps({"data": pixels, "labels": labels}, protocol=4)
    (folder / BATCHES[0]).write_bytes(batch)
    for name in BATCHES[1:]:
        (folder / name).touch()
    assert_refused("cifar10", BATCHES[0], data_dir=tmp_path)


def test_pickle_that_is_too_large(assert_refused, tmp_path, monkeypatch):
    monkeypatch.setattr(cifar10_files, "PICKLE_LIMIT", 1000)
    (tmp_path / BATCHES[0]).write_bytes(bytes(2000))
    assert_refused("cifar10", "2,000 bytes, expected 1,000 at most", data_dir=tmp_path)


@pytest.mark.parametrize("seed", range(5))
def test_pickle_with_random_damage_is_refused(seed):
    rng = np.random.default_rng(seed)
    good = array_pickle()
    for _ in range(400):
        content = np.frombuffer(good, np.uint8).copy()
        content[rng.integers(len(good), size=3)] = rng.integers(256, size=3)
        with pytest.raises(data.DataError):
            cifar10_files._parse_pickle(content.tobytes(), "bad")
