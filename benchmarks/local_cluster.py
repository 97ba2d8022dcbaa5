"""A dask cluster of processes on this machine, started as a person starts them."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
_PATH = os.pathsep.join((str(ROOT), str(ROOT / "tests")))  # where workers find what they make


class Cluster:
    """A scheduler, and workers that are started one by one; what they say lies in a folder."""

    def __init__(self, folder, options=()):
        self.folder, self.options, self._started = folder, options, []
        file = folder / "scheduler.json"
        self.scheduler = self._start(
            "normlab.cli", "scheduler", "--port", "0", "--scheduler-file", str(file), *options
        )
        self.address = soon(lambda: file.exists() and json.loads(file.read_text() or "{}"))[
            "address"
        ]

    def add(self, number=1):
        """Workers as normlab starts them."""
        arguments = ["worker", self.address, "--nworkers", str(number), *self.options]
        return self._start("normlab.cli", *arguments)

    def add_without_pins(self, **variables):
        """A worker as dask starts it, in an environment with these variables."""
        unpinned = {"OPENBLAS_CORETYPE": None, "NPY_DISABLE_CPU_FEATURES": None} | variables
        arguments = ["worker", self.address, "--nthreads", "1", "--no-dashboard"]
        return self._start("dask", *arguments, **unpinned)

    def log(self):
        """What all processes have said."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def wait_for(self, number):
        """Wait until so many workers have come."""
        soon(lambda: self.log().count("Registered to") >= number)

    @staticmethod
    def kill(started):
        """Kill a process and all that it has started; how many these were."""
        family = psutil.Process(started.pid).children(recursive=True)
        for process in (started, *family):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        started.wait()
        return len(family)

    def _start(self, module, *arguments, **variables):
        environment = os.environ | {"PYTHONPATH": _PATH} | variables
        with open(self.folder / f"{len(self._started)}.log", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={name: value for name, value in environment.items() if value is not None},
            )
        self._started.append(process)
        return process

    def end(self):
        """Kill all that is left."""
        for process in self._started:
            if process.poll() is None:
                self.kill(process)


@contextlib.contextmanager
def cluster(folder, options=()):
    """A cluster with no worker yet; all its processes are killed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    found = Cluster(folder, options)
    try:
        yield found
    finally:
        found.end()


def soon(look, seconds=60):
    """What ``look()`` gives, as soon as it is true."""
    until = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > until:
            raise TimeoutError(f"it took more than {seconds} s")
        time.sleep(0.05)
    return found
