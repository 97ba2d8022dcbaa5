"""npz files that mean harm: one line, nothing run or written, little memory."""

import contextlib
import io
import os
import struct
import zipfile

import numpy as np
import pytest

from normlab import data
from normlab.data import fashion_mnist, npz

MEGABYTE = 1 << 20


def npy(array=None, header=None, version=b"\x01\x00"):
    """An npy file; with a header given as text, it may declare anything."""
    if header is None:
        out = io.BytesIO()
        np.lib.format.write_array(out, array)
        return out.getvalue()
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header.encode()


def write_npz(path, **members):
    good = {
        "X_train": npy(np.zeros((4, 2), np.uint8)),
        "y_train": npy(np.arange(4)),
        "X_val": npy(np.zeros((4, 2), np.uint8)),
        "y_val": npy(np.arange(4)),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (good | members).items():
            archive.writestr(f"{name}.npy", content)
    return path


def declares(shape, descr="|u1"):
    return npy(header=f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}}}\n")


class Touch:
    """Pickles to a call that would make the file ``marker``."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def objects(marker):
    out = io.BytesIO()
    array = np.array([[Touch(marker)]], dtype=object)
    np.lib.format.write_array(out, array, allow_pickle=True)
    return out.getvalue()


NPZ_FAULTS = {
    "a terabyte declared": (declares((10**9, 1000)), "declares 1,000,000,000,000 bytes, has 0"),
    "sizes beyond 64 bits": (declares((2**40, 2**40)), "has 0"),
    "negative sizes": (declares((-1, 2)), "X_train declares -2 bytes"),
    "nothing of something huge": (declares((0, 2**70)), "nothing empty"),
    "giant items": (declares((0, 2), "|V2000000000"), "X_train is of type"),
    "code for a header": (
        npy(header="__import__('os').system('touch marker')\n"),
        "cannot be read",
    ),
    "long header": (npy(header="(" * 60_000), "cannot be read"),
    "nested header": (npy(header="(" * 9_000), "cannot be read"),
    "npy version 9": (npy(header="{}", version=b"\x09\x00"), "npy version (9, 0)"),
    "no npy": (b"GIF89a" * 10, "cannot be read"),
    "empty": (b"", "cannot be read"),
    "cut in the middle": (npy(np.zeros((4, 2), np.uint8))[:-3], "declares 8 bytes, has 5"),
    "more than declared": (npy(np.zeros((4, 2), np.uint8)) + b"abc", "has 11"),
    "NaN": (npy(np.full((4, 2), np.nan)), "X_train has pixels that are NaN, infinite"),
    "one NaN": (npy(np.array([[0, 1], [2, np.nan]] * 2, np.float32)), "NaN"),
    "infinity": (npy(np.array([[0, -np.inf]] * 4)), "X_train has pixels"),
    "beyond float32": (npy(np.full((4, 2), 1e300)), "beyond 1e+30"),
    "structured": (npy(np.zeros((4, 2), "u1,u1")), "X_train is of type"),
    "dates": (npy(np.zeros((4, 2), "M8[s]")), "X_train is of type"),
}


@pytest.mark.parametrize(("member", "message"), NPZ_FAULTS.values(), ids=NPZ_FAULTS.keys())
def test_npz(assert_refused, tmp_path, monkeypatch, member, message):
    monkeypatch.chdir(tmp_path)
    path = write_npz(tmp_path / "bad.npz", X_train=member)
    peak = assert_refused(path, str(path), message)
    assert peak < 5 * MEGABYTE


def test_npz_with_objects_runs_nothing(assert_refused, tmp_path):
    path = write_npz(tmp_path / "bad.npz", X_train=objects(tmp_path / "marker"))
    assert_refused(path, "X_train holds Python objects, which are never read")


def test_npz_bomb_is_refused_before_it_is_unpacked(assert_refused, tmp_path, monkeypatch):
    path = write_npz(tmp_path / "bomb.npz", X_train=npy(np.zeros((100_000, 1000), np.uint8)))
    assert path.stat().st_size < 200_000
    monkeypatch.setattr(npz, "MAX_BYTES", 50 * MEGABYTE)
    peak = assert_refused(path, "declares 100,000,", "save fewer images")
    assert peak < 5 * MEGABYTE


def test_npz_cap_counts_all_arrays_together(assert_refused, tmp_path, monkeypatch):
    path = write_npz(tmp_path / "large.npz")
    monkeypatch.setattr(npz, "MAX_BYTES", 79)  # 8 + 32 + 8 + 32
    assert_refused(path, "declares 80 bytes, 79 at most")
    monkeypatch.setattr(npz, "MAX_BYTES", 80)
    assert data.load(path).num_classes == 4


def test_npz_that_climbs_writes_nothing(tmp_path):
    path = tmp_path / "inner" / "bad.npz"
    path.parent.mkdir()
    write_npz(path, **{"../X_test": npy(np.zeros((4, 2), np.uint8))})
    data.load(path)
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


@pytest.mark.parametrize("cut", [0, 10, 300, -10])
def test_truncated_npz(assert_refused, tmp_path, cut):
    path = write_npz(tmp_path / "cut.npz")
    path.write_bytes(path.read_bytes()[:cut])
    assert_refused(path, str(path), "cannot be read")


def test_npz_with_a_flipped_bit(assert_refused, tmp_path):
    path = write_npz(tmp_path / "bad.npz", X_train=npy(np.arange(8, dtype=np.uint8)[:, None]))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        content[archive.getinfo("X_train.npy").header_offset + 60] ^= 1
    path.write_bytes(content)
    assert_refused(path, str(path))


@pytest.mark.parametrize("seed", range(5))
def test_npz_with_random_damage_loads_or_is_refused(tmp_path, seed):
    rng = np.random.default_rng(seed)
    path = write_npz(tmp_path / "bad.npz", class_names=npy(np.array(["a", "b", "c", "d"])))
    good = path.read_bytes()
    for _ in range(100):
        content = np.frombuffer(good, np.uint8).copy()
        content[rng.integers(len(good), size=3)] = rng.integers(256, size=3)
        path.write_bytes(content[: rng.choice([len(good), rng.integers(len(good))], p=[0.9, 0.1])])
        with contextlib.suppress(data.DataError):
            data.load(path)


# The embedded file


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_embedded_file_with_a_wrong_hash(assert_refused, tmp_path, monkeypatch, damage):
    content = bytearray(fashion_mnist.subset_path().read_bytes())
    content[1000] ^= 1
    path = tmp_path / fashion_mnist.SUBSET_FILE
    path.write_bytes({"flip": content, "cut": content[:5000], "empty": b""}[damage])
    monkeypatch.setattr(fashion_mnist, "subset_path", lambda: path)
    expected = fashion_mnist.SUBSET_SHA256
    assert_refused("fashion-mnist", f"expected {expected}", "install normlab again")
