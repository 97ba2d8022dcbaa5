"""Who runs against whom. Names begin with their family: "PyTorch, ..." is one of PyTorch's."""

import itertools
import subprocess
import sys
from typing import NamedTuple

from benchmarks.contenders.bound import has_compiler
from benchmarks.rounds import Contender
from normlab import arithmetic

OURS, NATIVE, READABLE = "normlab", "normlab, native arithmetic", "readable layers"
BOUND, NATIVE_BOUND = "bound", "bound, native arithmetic"
PYTORCH, PLAIN = "PyTorch", "plain"
JAX, VMAP = "JAX jit", "JAX vmap, 8 nets"


class Pythons(NamedTuple):
    """The interpreters that have PyTorch and JAX, or None."""

    torch: str | None
    jax: str | None


def find(torch_python, jax_python):
    """Which of the two interpreters named can import their package."""
    return Pythons(
        torch_python if _has(torch_python, "torch") else None,
        jax_python if _has(jax_python, "jax") else None,
    )


def threads(number):
    """The variables that set the threads of BLAS, and nothing else."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    return dict.fromkeys(names, str(number))


def single(pythons):
    """One net in one process."""
    pins, native = arithmetic.pins(), threads(1)
    contenders = [
        Contender(OURS, "ours", environment=pins),
        Contender(NATIVE, "ours", environment=native),
        Contender(READABLE, "ours", {"readable": True}, pins),
        *(
            Contender(f"{PLAIN}, {_count(n, 'thread')}", "plain", environment=threads(n))
            for n in (1, 2)
        ),
    ]
    if pythons.torch:
        contenders += [
            _torch(pythons.torch, n, fused) for fused, n in itertools.product((False, True), (1, 2))
        ]
    if pythons.jax:
        contenders += [
            Contender(JAX, "jax_jit", python=pythons.jax),
            Contender(VMAP, "jax_jit", {"nets": 8}, python=pythons.jax),
        ]
    if has_compiler():
        contenders += [
            Contender(BOUND, "bound", environment=pins),
            Contender(NATIVE_BOUND, "bound", {"reference": False}, native),
        ]
    return contenders


def sweeps(pythons):
    """Many nets on two cores: two processes of one thread each."""
    pins = arithmetic.pins()
    contenders = [
        Contender(OURS, "ours", environment=pins, processes=2),
    ]
    if pythons.torch:
        contenders.append(_torch(pythons.torch, 1, fused=True)._replace(processes=2))
    if pythons.jax:
        contenders.append(Contender(VMAP, "jax_jit", {"nets": 8}, python=pythons.jax))
    if has_compiler():
        contenders.append(Contender(BOUND, "bound", environment=pins, processes=2))
    return contenders


def _torch(python, number, fused):
    name = f"{PYTORCH}, {'fused' if fused else 'default'} Adam, {_count(number, 'thread')}"
    options = {"threads": number, "fused": fused}
    return Contender(name, "pytorch", options, threads(number), python)


def _count(number, noun):
    return f"{number} {noun}{'s' * (number > 1)}"


def _has(python, package):
    code = f"import importlib.util as u; raise SystemExit(u.find_spec({package!r}) is None)"
    try:
        return subprocess.run([python or sys.executable, "-c", code]).returncode == 0
    except OSError as error:
        raise SystemExit(f"benchmarks: {python} does not start: {error}") from error
