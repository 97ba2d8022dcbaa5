"""Faults of runs and of the store that keeps them."""

from faults.fault import OWN_RIGHTS, Fault, cells
from faults.project import FIRST
from report.conftest import PUBLISH

TRAINING = """
import numpy as np
from normlab import study
rng = np.random.default_rng(0)
arrays = {f"X_{part}": rng.standard_normal((60, 4)).astype("f4") for part in ("train", "val")}
arrays |= {f"y_{part}": np.arange(60) % 3 for part in ("train", "val")}
"""
SWEEP = f"""{TRAINING}
config = study.TrainingConfig(hidden_dims=(8,), batch_size=10, epochs=1, evaluations=1)
print(study.sweep(config, arrays, 2).values("final_loss").shape)
"""
EMPTIED = f"""{SWEEP}
import os, shutil
shutil.rmtree(os.environ["NORMLAB_RUNS"])
study.sweep(config, arrays, 3)
"""
UNPINNED = f"""{TRAINING}
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
os.environ["OPENBLAS_NUM_THREADS"] = "2"
with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
    study.sweep(study.TrainingConfig(hidden_dims=(8,), epochs=1), arrays, 2, pool)
"""


def store(make):
    """``make`` puts something into the place of the run store."""

    def prepare(place):
        path = place.project / "build" / "runs"
        path.parent.mkdir(exist_ok=True)
        make(path)

    return prepare


def read_only(path):
    path.mkdir(mode=0o500)


def good(name, *sources, **more):
    return Fault(name, cells=(*sources, PUBLISH), arguments=(FIRST,), keeps=False, **more)


ROWS = [
    good("a file in the place of the run store", SWEEP, prepare=store(lambda p: p.write_text("x"))),
    good("a run store in a circle", SWEEP, prepare=store(lambda p: p.symlink_to("runs"))),
    good(
        "a run store that may not be written",
        SWEEP,
        prepare=store(read_only),
        prefix=OWN_RIGHTS,
        needs=("setpriv",),
    ),
    good(
        "a run store on a full disk",
        SWEEP,
        prepare=store(lambda p: p.mkdir()),
        prefix=(
            "unshare",
            "-m",
            "sh",
            "-c",
            'mount -t tmpfs -o size=4k none build/runs && exec "$@"',
            "sh",
        ),
        needs=("unshare",),
    ),
    good("a run store that is emptied in the middle", EMPTIED),
    cells(
        "a billion seeds",
        "sweep: 1,000,000,000 runs, and 5,000 are allowed; allow more by --max-runs",
        f"{TRAINING}\nstudy.sweep(study.TrainingConfig(), arrays, 10 ** 9)",
    ),
    cells(
        "a worker in another arithmetic",
        "computed with BLAS threads 2, not 1; its runs are dropped",
        UNPINNED,
    ),
]
