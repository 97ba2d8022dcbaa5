"""Binary batches, archives and IDX files that mean harm: one line, nothing run or written."""

import gzip
import hashlib
import io
import os
import struct
import tarfile
from dataclasses import replace

import numpy as np
import pytest

from normlab.data import download, fashion_mnist
from normlab.data.cifar10_files import BATCHES, BINARY_FOLDER, BINARY_SIZE

MEGABYTE = 1 << 20


# Binary batches


@pytest.mark.parametrize("size", [0, BINARY_SIZE - 1, BINARY_SIZE + 1])
def test_binary_batch_of_the_wrong_size(assert_refused, tmp_path, size):
    folder = tmp_path / BINARY_FOLDER
    folder.mkdir()
    for name in BATCHES:
        with open(folder / f"{name}.bin", "wb") as file:
            file.truncate(size)
    assert_refused("cifar10", "data_batch_1.bin", "30,730,000", data_dir=tmp_path)


def test_binary_batch_with_labels_out_of_range(assert_refused, tmp_path):
    folder = tmp_path / BINARY_FOLDER
    folder.mkdir()
    for name in BATCHES:
        with open(folder / f"{name}.bin", "wb") as file:
            file.write(b"\x0a" if name == BATCHES[0] else b"")
            file.truncate(BINARY_SIZE)
    assert_refused("cifar10", "from 0 to 9", data_dir=tmp_path)


# Archives, given the right hash so that what lies behind the first check is tried


@pytest.fixture
def archive(tmp_path, monkeypatch):
    path = tmp_path / "data" / "cifar-10-binary.tar.gz"
    path.parent.mkdir()

    def write(*members, cut=None):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w:gz") as tar:
            for name, kind, size in members:
                info = tarfile.TarInfo(name)
                info.type, info.size, info.linkname = kind, size, "/etc/passwd"
                tar.addfile(info, io.BytesIO(bytes(size)))
        path.write_bytes(content.getvalue()[:cut])
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        right = replace(download.REMOTE["cifar10"], sha256=sha256)
        monkeypatch.setitem(download.REMOTE, "cifar10", right)
        return path

    return write


FIRST = f"{BINARY_FOLDER}/data_batch_1.bin"


def test_archive_that_climbs_out_of_its_folder(assert_refused, archive, tmp_path):
    path = archive(
        ("../marker", tarfile.REGTYPE, 5),
        (f"{BINARY_FOLDER}/../../marker", tarfile.REGTYPE, 5),
        (str(tmp_path / "marker"), tarfile.REGTYPE, 5),
    )
    assert_refused("cifar10", f"has no file {FIRST}", data_dir=path.parent)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_archive_with_a_link_for_a_batch(assert_refused, archive, tmp_path, kind):
    path = archive((FIRST, kind, 0))
    assert_refused("cifar10", f"has no file {FIRST}", data_dir=path.parent)


def test_archive_with_a_batch_of_the_wrong_size(assert_refused, archive, tmp_path):
    path = archive((FIRST, tarfile.REGTYPE, 50 * MEGABYTE))
    peak = assert_refused("cifar10", "52,428,800 bytes", data_dir=path.parent)
    assert peak < 40 * MEGABYTE


def test_truncated_archive(assert_refused, archive, tmp_path):
    path = archive((FIRST, tarfile.REGTYPE, BINARY_SIZE), cut=10_000)
    assert_refused("cifar10", str(path), "cannot be read", data_dir=path.parent)


def test_archive_that_is_none(assert_refused, archive, tmp_path):
    path = archive()
    path.write_bytes(b"<html>Please log in</html>")
    assert_refused("cifar10", "SHA-256 is", data_dir=path.parent)
    archive(cut=0)
    assert_refused("cifar10", "cannot be read", data_dir=path.parent)


# IDX files


def idx(magic=0x803, sizes=(60_000, 28, 28), content=b""):
    return struct.pack(f">{1 + len(sizes)}I", magic, *sizes) + content


IDX_FAULTS = {
    "wrong magic": (idx(magic=0x801), "magic number 0x00000801, expected 0x00000803"),
    "floats": (idx(magic=0xD03), "magic number 0x00000d03"),
    "huge count": (idx(sizes=(2**32 - 1, 28, 28)), "declares sizes (4294967295, 28, 28)"),
    "wrong image size": (idx(sizes=(60_000, 32, 32)), "expected (60000, 28, 28)"),
    "truncated": (idx(content=bytes(1000)), "expected 47,040,000 bytes"),
    "cut in the header": (idx()[:10], "ends after 10 bytes, inside its header"),
    "empty": (b"", "ends after 0 bytes"),
}


@pytest.mark.parametrize(("content", "message"), IDX_FAULTS.values(), ids=IDX_FAULTS.keys())
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx(assert_refused, tmp_path, content, message, suffix):
    path = tmp_path / f"train-images-idx3-ubyte{suffix}"
    path.write_bytes(gzip.compress(content) if suffix else content)
    peak = assert_refused("fashion-mnist-full", str(path), message, data_dir=tmp_path)
    assert peak < 60 * MEGABYTE  # one buffer of the expected size


def test_idx_with_more_than_it_declares(assert_refused, tmp_path, monkeypatch):
    monkeypatch.setitem(fashion_mnist.FULL_FILES, "train-images-idx3-ubyte", (10, 28, 28))
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx(sizes=(10, 28, 28), content=bytes(200 * MEGABYTE)), 1))
    peak = assert_refused("fashion-mnist-full", "found more", data_dir=tmp_path)
    assert peak < 5 * MEGABYTE


@pytest.mark.parametrize("cut", [5, 15, -4])
def test_truncated_gzip(assert_refused, tmp_path, cut):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx(content=os.urandom(1000)))[:cut])
    assert_refused("fashion-mnist-full", "cannot be read", data_dir=tmp_path)


def test_idx_with_labels_out_of_range(assert_refused, tmp_path, monkeypatch):
    sizes = ((10, 28, 28), (10,), (10, 28, 28), (10,))
    for name, shape in zip(fashion_mnist.FULL_FILES, sizes, strict=True):
        monkeypatch.setitem(fashion_mnist.FULL_FILES, name, shape)
        content = bytes([10] * int(np.prod(shape)))
        (tmp_path / name).write_bytes(idx(0x800 + len(shape), shape, content))
    words = "train-labels-idx1-ubyte: label 10, expected 0 to 9"
    assert_refused("fashion-mnist-full", words, data_dir=tmp_path)
