"""The pins that make results the same bits on every x86-64 machine with AVX2.

Training is chaotic: a difference in the last bit of one product grows into
another accuracy. OpenBLAS and NumPy choose their code by the CPU model, and BLAS
splits its sums by the number of threads. The pins fix both choices. They are
environment variables that are read when NumPy is imported, so they are set for
kernels and workers before these start; nothing here imports NumPy at the top.

Numbers too small for full precision (denormals, in float32 those below 1.2e-38) make a processor
slow by a factor of ten or more, and nets with small initial weights are full of them. Training
takes them for zero, see `flushed_denormals`.
"""

import contextlib
import ctypes
import platform
from collections.abc import MutableMapping
from typing import NamedTuple

NUMPY = "2.4.6"  # of requirements.lock
BLAS_CORE = "Haswell"
DISABLED_SIMD = ("X86_V4", "AVX512_ICL", "AVX512_SPR")  # names of NumPy 2.4
SIMD = ("X86_V3",)  # what is left of NumPy's dispatch: AVX2 and FMA
THREADS = 1
DENORMALS = "flushed to zero"
_THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Arithmetic(NamedTuple):
    """What is in force in a process: NumPy's version, BLAS core and threads, SIMD in use.

    ``denormals`` says what `flushed_denormals` makes of them.
    """

    numpy: str
    blas_core: str
    threads: int
    simd: tuple[str, ...]
    libc: str
    denormals: str

    @property
    def is_reference(self) -> bool:
        """True where results are promised to be the published bits."""
        return not self.differences()

    def differences(self, other: "Arithmetic | None" = None) -> list[str]:
        """What keeps this from being ``other``, by default the reference arithmetic, in words."""
        pairs = zip(_WORDS, self, other or REFERENCE, strict=True)
        return [f"{name} {_plain(a)}, not {_plain(b)}" for name, a, b in pairs if a != b]


_WORDS = ("numpy", "BLAS core", "BLAS threads", "SIMD", "C library", "denormals")
REFERENCE = Arithmetic(NUMPY, BLAS_CORE, THREADS, SIMD, "glibc", DENORMALS)


def _plain(value):
    return " ".join(value) if isinstance(value, tuple) else value


def pins() -> dict[str, str]:
    """Environment variables of the reference arithmetic, for this kind of machine."""
    common = dict.fromkeys(_THREAD_VARIABLES, str(THREADS)) | {"PYTHONHASHSEED": "0"}
    if not _is_x86():
        return common
    return common | {
        "OPENBLAS_CORETYPE": BLAS_CORE,
        "NPY_DISABLE_CPU_FEATURES": " ".join(DISABLED_SIMD),
    }


def pin(environment: MutableMapping[str, str]) -> None:
    """Write the pins into ``environment``, such as ``os.environ`` before workers start."""
    environment.update(pins())


def in_force() -> Arithmetic:
    """Look up what NumPy and its BLAS really do in this process."""
    import numpy
    import threadpoolctl

    blas = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    with flushed_denormals():
        flushed = numpy.float32(1e-38) * numpy.float32(0.1) == 0
    mine = next((pool for pool in blas if "numpy" in pool["filepath"]), blas[0] if blas else {})
    return Arithmetic(
        numpy=numpy.__version__,
        blas_core=mine.get("architecture", "unknown"),
        threads=mine.get("num_threads", 0),
        simd=tuple(numpy.show_config("dicts")["SIMD Extensions"].get("found", ())),
        libc=platform.libc_ver()[0] or "unknown",
        denormals=DENORMALS if flushed else "kept",
    )


# glibc's fenv_t for x86-64: seven words for the x87 unit, then the register MXCSR of SSE and AVX,
# whose bits 6 and 15 take denormals for zero, as operands and as results.
_FENV = ctypes.c_uint32 * 8
_MXCSR = 7
_FLUSH = 1 << 6 | 1 << 15


@contextlib.contextmanager
def flushed_denormals():
    """Take denormals for zero in this thread while the context lasts.

    Does nothing where there is no x86-64 with glibc; there is no reference arithmetic either.
    """
    if not (_is_x86() and platform.libc_ver()[0] == "glibc"):
        yield
        return
    libm = ctypes.CDLL("libm.so.6")
    before = _FENV()
    libm.fegetenv(before)
    within = _FENV(*before)
    within[_MXCSR] |= _FLUSH
    libm.fesetenv(within)
    try:
        yield
    finally:
        libm.fesetenv(before)


def _is_x86():
    return platform.machine().lower() in ("x86_64", "amd64")
