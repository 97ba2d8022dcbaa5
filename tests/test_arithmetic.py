import json
import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from normlab import arithmetic
from normlab.arithmetic import Arithmetic, flushed_denormals, pin, pins

X86 = platform.machine().lower() in ("x86_64", "amd64")
LOOK = """
import json
from normlab.arithmetic import in_force
found = in_force()
print(json.dumps([found._asdict(), found.is_reference]))
"""


def look(**environment):
    """What is in force in a new process with these variables."""
    environment = {"PATH": os.environ["PATH"], **environment}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOOK],
        env=environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    fields, is_reference = json.loads(done.stdout)
    return Arithmetic(**fields | {"simd": tuple(fields["simd"])}), is_reference


@pytest.mark.parametrize("machine", ["x86_64", "AMD64"])
def test_pins_of_x86(machine, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert pins() == {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    }


@pytest.mark.parametrize("machine", ["arm64", "aarch64", ""])
def test_pins_of_other_machines_name_no_x86_code(machine, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert pins()["OPENBLAS_NUM_THREADS"] == "1"
    assert not {"OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES"} & set(pins())


def test_pin_replaces_what_was_there():
    environment = {"OPENBLAS_NUM_THREADS": "8", "HOME": "/home/me"}
    pin(environment)
    assert environment == {"HOME": "/home/me"} | pins()


def has_avx2():
    found, _ = look()
    return "X86_V3" in found.simd


@pytest.mark.skipif(not X86, reason="the reference arithmetic is that of x86-64")
def test_with_the_pins_the_reference_arithmetic_is_in_force():
    if not has_avx2():
        pytest.skip("this machine has no AVX2")
    found, is_reference = look(**pins())
    assert is_reference, found
    assert (found.blas_core, found.threads) == ("Haswell", 1)
    assert not any(name.startswith("AVX512") for name in found.simd)


@pytest.mark.parametrize("threads", ["2"])
def test_more_threads_are_not_the_reference(threads):
    if (os.cpu_count() or 1) < int(threads):
        pytest.skip("OpenBLAS takes no more threads than there are cores")
    found, is_reference = look(**pins() | {"OPENBLAS_NUM_THREADS": threads})
    assert found.threads == int(threads)
    assert not is_reference


@pytest.mark.skipif(not X86, reason="the feature is one of x86-64")
def test_a_machine_without_avx2_is_seen_as_such():
    disabled = pins()["NPY_DISABLE_CPU_FEATURES"] + " X86_V3"
    found, is_reference = look(**pins() | {"NPY_DISABLE_CPU_FEATURES": disabled})
    assert found.simd == ()
    assert not is_reference


GOOD = Arithmetic(
    numpy=arithmetic.NUMPY,
    blas_core="Haswell",
    threads=1,
    simd=("X86_V3",),
    libc="glibc",
    denormals="flushed to zero",
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"threads": 2}, False),
        ({"blas_core": "SkylakeX"}, False),
        ({"blas_core": "unknown"}, False),
        ({"simd": ()}, False),
        ({"numpy": "1.26.0"}, False),
        ({"libc": "musl"}, False),
        ({"denormals": "kept"}, False),
        ({"simd": ("X86_V3", "X86_V4")}, False),
        ({"simd": ("X86_V3", "AVX512_ICL")}, False),
    ],
)
def test_is_reference(change, expected):
    assert GOOD._replace(**change).is_reference is expected


def test_differences_are_said_in_words():
    assert GOOD.differences() == []
    one, two = GOOD._replace(threads=4, blas_core="Zen").differences()
    assert one == "BLAS core Zen, not Haswell"
    assert two == "BLAS threads 4, not 1"


SMALL = np.float32(1e-38)  # half of it is a denormal


@pytest.mark.skipif(not (X86 and platform.libc_ver()[0] == "glibc"), reason="needs glibc on x86-64")
def test_denormals_are_zero_inside_and_what_they_were_outside():
    double = np.float64(1e-308)
    with flushed_denormals():
        assert SMALL * np.float32(0.5) == 0
        assert double * 0.5 == 0
        assert (np.full(100, SMALL) * np.float32(0.5) == 0).all()
        with ThreadPoolExecutor(1) as pool:  # a thread of its own has a register of its own
            assert pool.submit(lambda: SMALL * np.float32(0.5)).result() >= 0
    assert SMALL * np.float32(0.5) > 0
    assert double * 0.5 > 0


def test_an_error_inside_does_not_leave_denormals_flushed():
    with pytest.raises(KeyError), flushed_denormals():
        raise KeyError
    assert SMALL * np.float32(0.5) > 0


@pytest.mark.parametrize("change", [("machine", lambda: "arm64"), ("libc_ver", lambda: ("", ""))])
def test_elsewhere_denormals_are_kept(change, monkeypatch):
    monkeypatch.setattr(platform, *change)
    with flushed_denormals():
        assert SMALL * np.float32(0.5) > 0


def test_importing_it_imports_no_numpy():
    code = "import sys, normlab.arithmetic; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_it_changes_no_environment():
    code = (
        "import os; before = dict(os.environ); import normlab.arithmetic; "
        "assert dict(os.environ) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
