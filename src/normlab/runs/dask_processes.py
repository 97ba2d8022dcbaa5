"""A dask scheduler, and workers that compute by the reference arithmetic, as processes."""

import asyncio
import contextlib
import importlib.util
import json
import os
import re
import sys
from pathlib import Path

from normlab import arithmetic
from normlab.cores import num_cores
from normlab.runs.workers import KEPT_MEMORY

_PATIENCE = 10  # seconds in which a scheduler answers


def check_installed(what: str) -> None:
    """ValueError where dask.distributed is missing: how to install it."""
    if importlib.util.find_spec("distributed") is None:
        raise ValueError(
            f"{what} needs dask, which is not installed; install it by `make cluster`, or by "
            "`pip install 'normlab[cluster]'`"
        )


def address_of(scheduler: str) -> str:
    """The address of a scheduler: what a person typed, or what a scheduler's file says."""
    address = scheduler
    if os.path.isfile(scheduler):
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            address = json.loads(Path(scheduler).read_text("utf-8"))["address"]
    if not re.fullmatch(r"[a-z]+://.+:\d+", str(address)):
        raise ValueError(
            f"scheduler {scheduler}: expected an address, like tcp://host:8786, or the file that "
            "`normlab scheduler --scheduler-file` writes"
        )
    return address


def check_answers(address: str) -> None:
    """ValueError if no scheduler answers at this address."""
    import distributed
    from distributed.comm import connect

    async def ask():
        identity = distributed.Security().get_connection_args("client")
        await (await connect(address, timeout=_PATIENCE, **identity)).close()

    try:
        asyncio.run(ask())
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ValueError(
            f"scheduler {address}: nobody answers there ({reason}); start one by `normlab "
            "scheduler`"
        ) from error


def tls(ca: Path | None, cert: Path | None, key: Path | None) -> dict[str, str]:
    """Environment variables by which dask's processes encrypt, and know each other.

    Parameters
    ----------
    ca, cert, key : Path or None
        PEM files: whose certificates are believed, one's own, and its key. Without any, what
        dask's configuration says holds.
    """
    prefix = "DASK_DISTRIBUTED__COMM__"
    files = {"ca": ca, "cert": cert, "key": key}
    if not any(files.values()):
        return {}
    for name, path in files.items():
        if path is None or not path.is_file():
            raise ValueError(f"--tls-{name} {path or 'is missing'}: expected a PEM file")
    ours = {
        f"{prefix}TLS__{role}__{name.upper()}": os.path.abspath(files[name])
        for role in ("SCHEDULER", "WORKER", "CLIENT")
        for name in ("cert", "key")
    }
    shared = {f"{prefix}TLS__CA_FILE": os.path.abspath(ca)}
    return shared | ours | {f"{prefix}REQUIRE_ENCRYPTION": "True"}


def pins_of_workers() -> dict[str, str]:
    """Environment variables for dask's workers: the pins, one thread, memory that is kept."""
    pins = arithmetic.pins() | KEPT_MEMORY
    # dask's nanny writes its own ideas of these over what its workers would inherit
    return pins | {"DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON": repr(pins)}


def become_workers(address: str, nworkers: int | None, variables: dict[str, str]) -> None:
    """Replace this process by dask's workers, each with one thread; by default one a core."""
    how_many = ["--nworkers", str(nworkers or num_cores()), "--nthreads", "1"]
    _become("worker", [address, *how_many], variables | pins_of_workers())


def become_scheduler(host: str, port: int, file: Path | None, variables: dict[str, str]) -> None:
    """Replace this process by a dask scheduler, which others reach under ``host``."""
    where = ["--host", host, "--port", str(port)]
    where += ["--scheduler-file", str(file)] if file else []
    _become("scheduler", [*where, *(["--protocol", "tls"] if variables else [])], variables)


def _become(what, arguments, variables):
    environment = os.environ | variables
    command = [sys.executable, "-m", "dask", what, *arguments, "--no-dashboard"]
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)
