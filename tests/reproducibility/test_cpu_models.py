"""Training gives the same bits under CPU models that have other instructions.

Checked here natively, which covers AVX-512 where the machine has it, and under
qemu-user's models (package qemu-user), whose version 7.2 has no AVX-512.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from reproducibility.builds import ROOT

from normlab.arithmetic import pins

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        platform.machine().lower() not in ("x86_64", "amd64"),
        reason="the reference arithmetic is that of x86-64",
    ),
]
QEMU = shutil.which("qemu-x86_64")
SCRIPT = Path(__file__).with_name("histories.py")
MODELS = ("Haswell", "EPYC", "Skylake-Client")


def digests(*emulator, pinned=True):
    """Name of a run -> SHA-256 of its history, and what arithmetic was in force."""
    unpinned = {name: value for name, value in os.environ.items() if name not in pins()}
    done = subprocess.run(
        [*emulator, sys.executable, "-W", "ignore", str(SCRIPT)],
        env=unpinned | (pins() if pinned else {}) | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())


@pytest.fixture(scope="module")
def native():
    return digests()


def test_there_are_runs_of_every_kind(native):
    assert len(native) == 1 + 2 * (2 * 3 + 2)
    histories = {name: digest for name, digest in native.items() if name != "BLAS"}
    assert native["BLAS"] == "Haswell"
    assert len(set(histories.values())) == len(histories)


def test_twice_on_this_machine_is_the_same(native):
    assert digests() == native


@pytest.mark.skipif(QEMU is None, reason="qemu-x86_64 not found: install the package qemu-user")
@pytest.mark.parametrize("model", MODELS)
def test_a_cpu_model_gives_the_same_histories(native, model):
    assert digests(QEMU, "-cpu", model) == native


def test_without_the_pins_it_is_not_the_same(native):
    """The comparison can fail.

    Seen with NumPy 2.4.6 on an AMD EPYC with AVX-512: without the pins all 12 histories
    (core SkylakeX) differed from those of qemu's Haswell, and from the pinned ones.
    """
    found = digests(pinned=False)
    if found["BLAS"] not in ("SkylakeX", "Cooperlake", "SapphireRapids"):
        pytest.skip(f"BLAS core {found['BLAS']} has no AVX-512: it may compute as the reference")
    assert sum(found[name] != native[name] for name in native) > len(native) // 2
