"""Worker processes: what they share, what they import, how they end."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from normlab import arithmetic
from normlab.cores import num_cores
from normlab.runs.facts import facts, worker
from normlab.runs.workers import make_shared, worker_processes
from normlab.training import TrainingConfig, train

SMALL = TrainingConfig(hidden_dims=(8, 6), batch_size=10, epochs=2, evaluations=1)
IMPORTED = """
import sys
import normlab.runs.workers
heavy = {"matplotlib", "scipy", "IPython", "tqdm", "pooch", "requests", "normlab.study"}
sys.exit(", ".join(heavy & set(sys.modules)) or 0)
"""


@pytest.fixture(autouse=True)
def _same_environment_after():
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def test_a_worker_needs_no_figures_and_no_statistics():
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_workers_are_pinned_and_share_the_data(blobs, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    configs = [replace(SMALL, epochs=number) for number in (1, 2)]
    with worker_processes(1, blobs) as pool:
        found = pool.submit(arithmetic.in_force).result()
        made = pool.submit(make_shared, configs).result()
    assert made.facts == facts(blobs)._replace(arithmetic=found)
    assert made.worker.memory != worker().memory
    assert found.threads == 1
    if found.blas_core == arithmetic.BLAS_CORE:
        assert not set(arithmetic.DISABLED_SIMD) & set(found.simd)
    tolerance = 0 if arithmetic.in_force().is_reference else 1e-3
    for config, history in zip(configs, made.histories, strict=True):
        np.testing.assert_allclose(history.loss, train(config, blobs).loss, rtol=tolerance)
    assert not list(tmp_path.iterdir())  # the files of the data are gone


SCRIPT = """
import numpy as np
np.sqrt = None  # a worker that runs this cannot train
from normlab.training import TrainingConfig
from normlab.runs.workers import make_shared, worker_processes
X, y = np.eye(4, dtype=np.float32), np.arange(4)
data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
config = TrainingConfig(hidden_dims=(3,), normalization="batchnorm", batch_size=2, epochs=1)
with worker_processes(1, data) as pool:
    print(len(pool.submit(make_shared, [config]).result().histories))
print(__spec__, __file__)
"""


@pytest.mark.slow
def test_workers_do_not_run_the_script_of_their_process(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["1", "None", str(path)], done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("most", "expected"), [(1, 1), (100, num_cores())])
def test_there_are_no_more_workers_than_cores(most, expected):
    with worker_processes(most) as pool:
        assert pool._max_workers == expected


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads memory from /proc")
def test_a_worker_stays_below_300_megabytes():
    """At the size of the assignment: 1,000 images of 3,072 numbers, six layers."""
    rng = np.random.default_rng(0)
    data = {
        "X_train": rng.standard_normal((1000, 3, 32, 32), np.float32),
        "y_train": rng.integers(0, 10, 1000),
        "X_val": rng.standard_normal((1000, 3, 32, 32), np.float32),
        "y_val": rng.integers(0, 10, 1000),
    }
    config = TrainingConfig(normalization="batchnorm", epochs=None, updates=5, evaluations=1)
    configs = [replace(config, updates=number) for number in range(1, 6)]
    with worker_processes(1, data) as pool:
        pool.submit(make_shared, configs).result()
        peak = pool.submit(_peak_memory).result()
    assert peak < 300e6


def _peak_memory():
    """Of this process since it began, in bytes; getrusage tells also of the one that forked it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return 1024 * int(re.search(r"VmHWM:\s*(\d+) kB", status)[1])


KILLED = """
import multiprocessing, os, random, threading, time
import numpy as np
from normlab import study

def kill():
    while not multiprocessing.active_children():
        time.sleep(0.0005)
    time.sleep(0.006 * random.random())
    os.kill(multiprocessing.active_children()[0].pid, 9)

if __name__ == "__main__":
    X, y = np.ones((60, 3, 3), np.float32), np.arange(60) % 3
    data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
    config = study.TrainingConfig(hidden_dims=(8,), batch_size=10, epochs=200)
    for _ in range(15):
        threading.Thread(target=kill).start()
        try:
            study.sweep(config, data, 4)
        except RuntimeError as error:
            print(error)
"""


@pytest.mark.slow
def test_a_worker_that_is_killed_while_others_start_ends_the_sweep(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(KILLED)
    environment = os.environ | {"NORMLAB_PROGRESS": os.devnull, "NORMLAB_FORCE": "1"}
    done = subprocess.run(
        [sys.executable, path],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 15
    assert all(line.startswith("a worker process was killed") for line in lines)
