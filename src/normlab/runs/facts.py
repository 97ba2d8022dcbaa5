"""The facts that a run is made under, as they are in the process that makes it."""

import functools
import hashlib
import os
import socket
from typing import NamedTuple

import numpy as np

from normlab import arithmetic, codehash

READ = tuple(f"{name}_{part}" for part in ("train", "val", "test") for name in "Xy")
"""What a run takes from the data; there may be no test images."""

# One import of normlab: threads of this process have it in common, and so do forks of it.
_MEMORY = os.urandom(8).hex()


class Facts(NamedTuple):
    """What a history depends on besides its config: hashes of code and data, arithmetic."""

    code: str
    data: str
    arithmetic: arithmetic.Arithmetic

    def differences(self, expected: "Facts") -> list[str]:
        """How these differ from other facts, in words."""
        hashes = {"code": self.code == expected.code, "data": self.data == expected.data}
        others = [f"other {name}" for name, same in hashes.items() if not same]
        return others + self.arithmetic.differences(expected.arithmetic)


class Worker(NamedTuple):
    """Who makes runs: a name for people, and the memory that its code and NumPy lie in."""

    name: str
    memory: str


def facts(data: dict, rooms: tuple[str, ...] = codehash.RUNS) -> Facts:
    """The facts of this process, with ``data``, a dict of arrays, and code in ``rooms``."""
    return Facts(_code(rooms), data_digest(data), arithmetic.in_force())


def worker() -> Worker:
    """This process."""
    return Worker(f"process {os.getpid()} on {socket.gethostname()}", _MEMORY)


@functools.cache
def _code(rooms):
    return codehash.hash_code(rooms)


def data_digest(data: dict) -> str:
    """SHA-256 of the arrays that a run reads: names, types, shapes and bytes."""
    digest = hashlib.sha256()
    for name in READ:
        if name not in data:
            continue
        array = np.ascontiguousarray(data[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array)
    return digest.hexdigest()
