"""numba, pinned: the same machine code whatever the host, kept from one process to the next.

The target is named with all its features, since by the name alone numba adds those of the host.
What is compiled lies in a folder named by a hash of all sources of the engine, of numba's and
llvmlite's versions and of the target: numba itself does not see that a function in another file
was edited.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
from pathlib import Path

import llvmlite
import numba

from normlab import codehash, locks

TARGET = "haswell"
FEATURES = "+64bit,+aes,+avx,+avx2,+bmi,+bmi2,+cmov,+cx16,+cx8,+f16c,+fma,+fxsr,+lzcnt,+mmx"
FEATURES += ",+movbe,+pclmul,+popcnt,+rdrnd,+sahf,+sse,+sse2,+sse3,+sse4.1,+sse4.2,+ssse3"
FEATURES += ",+xsave,+xsaveopt"


def _name():
    """The name of the cache folder."""
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__}".encode())
    digest.update(f"{TARGET} {FEATURES} {sys.version}".encode())
    for name, source in sorted(codehash.AT_IMPORT.items()):
        if name.startswith("normlab.training.engine"):
            digest.update(source)
    return f"engine-{digest.hexdigest()[:16]}"


def _folder():
    """Beside the packages; where that cannot be written, among the caches of the user."""
    user = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    for base in (Path(sys.prefix, "cache"), Path(user), Path(tempfile.gettempdir())):
        folder = base / "normlab" / _name()
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
    raise ImportError("no folder for compiled code can be written")


FOLDER = _folder()
numba.config.CPU_NAME, numba.config.CPU_FEATURES = TARGET, FEATURES
numba.config.CACHE_DIR = str(FOLDER)

compiled = numba.njit(cache=True, error_model="numpy", nogil=True)
"""Compile a function: no fast math, so that operations stay in the order in which they stand."""


def once(name, compile_all):
    """Call ``compile_all`` in one process at a time, unless a file of that name says it is done."""
    done = FOLDER / name
    if not done.exists():
        with locks.waiting_for(FOLDER):
            if not done.exists():
                compile_all()
                done.touch()
