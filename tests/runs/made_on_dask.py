"""What workers of a test's cluster make of a group, in a module that they can import."""

import contextlib
import os
import signal
import time
from pathlib import Path

from normlab.runs.cluster import make_kept


def honest(configs, digest):
    """What they always do, slowly enough to be watched."""
    time.sleep(0.05)
    return make_kept(configs, digest)


def turned(configs, digest):
    """Runs of another code, by whichever worker comes first; of those by others, the real ones."""
    made = make_kept(configs, digest)
    flag = Path(os.environ["NORMLAB_TURNED"])
    with contextlib.suppress(FileExistsError), flag.open("x") as file:
        file.write(str(os.getpid()))
    if flag.read_text() == str(os.getpid()):
        return made._replace(facts=made.facts._replace(code="another"))
    time.sleep(0.05)
    return made


def deadly(configs, digest):
    """The end of whoever makes it."""
    os.kill(os.getpid(), signal.SIGKILL)


def failing(configs, digest):
    """An error of the run's own."""
    raise ArithmeticError(f"seed {configs[0].seed}")
