"""The pins that make results the same bits on every x86-64 machine with AVX2.

Training is chaotic: a difference in the last bit of one product grows into
another accuracy. OpenBLAS and NumPy choose their code by the CPU model, and BLAS
splits its sums by the number of threads. The pins fix both choices. They are
environment variables that are read when NumPy is imported, so they are set for
kernels and workers before these start; nothing here imports NumPy at the top.
"""

import platform
from collections.abc import MutableMapping
from typing import NamedTuple

NUMPY = "2.4.6"  # of requirements.lock
BLAS_CORE = "Haswell"
DISABLED_SIMD = ("X86_V4", "AVX512_ICL", "AVX512_SPR")  # names of NumPy 2.4
SIMD = ("X86_V3",)  # what is left of NumPy's dispatch: AVX2 and FMA
THREADS = 1
_THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Arithmetic(NamedTuple):
    """What is in force in a process: NumPy's version, BLAS core and threads, SIMD in use."""

    numpy: str
    blas_core: str
    threads: int
    simd: tuple[str, ...]
    libc: str

    @property
    def is_reference(self) -> bool:
        """True where results are promised to be the published bits."""
        return not self.differences()

    def differences(self) -> list[str]:
        """What keeps this from being the reference arithmetic, in words."""
        pairs = {
            "numpy": (self.numpy, NUMPY),
            "BLAS core": (self.blas_core, BLAS_CORE),
            "BLAS threads": (self.threads, THREADS),
            "SIMD": (" ".join(self.simd), " ".join(SIMD)),
            "C library": (self.libc, "glibc"),
        }
        return [
            f"{k} {ours}, not {wanted}" for k, (ours, wanted) in pairs.items() if ours != wanted
        ]


def pins() -> dict[str, str]:
    """Environment variables of the reference arithmetic, for this kind of machine."""
    common = dict.fromkeys(_THREAD_VARIABLES, str(THREADS)) | {"PYTHONHASHSEED": "0"}
    if platform.machine().lower() not in ("x86_64", "amd64"):
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
    mine = next((pool for pool in blas if "numpy" in pool["filepath"]), blas[0] if blas else {})
    return Arithmetic(
        numpy=numpy.__version__,
        blas_core=mine.get("architecture", "unknown"),
        threads=mine.get("num_threads", 0),
        simd=tuple(numpy.show_config("dicts")["SIMD Extensions"].get("found", ())),
        libc=platform.libc_ver()[0] or "unknown",
    )
