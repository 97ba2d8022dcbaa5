"""A build that is killed and started again ends in the same bytes; no finished run is lost.

What a SIGKILL can leave: a hidden folder ``.new-*`` beside the pages, if it came while
these were written; a temporary file in the run store, for the same reason; the
connection file and the working folder of the kernel among the system's temporary files.
"""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import processes
import pytest
from nbformat import v4
from reproducibility.builds import ROOT, build, command, environment, once, pages

from normlab.report.workplace import locked

RUNS = 4 * 3  # seeds, normalizations
CELLS = (
    "# Killed\n\n**Question.** Does it end in the same bytes?",
    "seeds: int = 4  # runs of each network",
    """
from normlab import data, study
from normlab.show import figures

images = data.load("fashion-mnist")
arrays = images.arrays(num_train=200)
config = study.TrainingConfig(hidden_dims=(20, 20), epochs=2)
""",
    "runs = study.sweep(config, arrays, seeds, normalization=study.METHODS)",
    """
table = study.summary("Means", runs, {"final training loss": "final_loss"})
study.show_table(table)
gain = runs.difference("final_train_accuracy", "batchnorm")
study.publish(
    short="It differs.", answer=f"By {study.points(gain)}.",
    headline={"gain": study.mean_interval(gain)},
    verdicts={}, tables={"loss": table}, dataset=images, sweeps=[runs],
    figure=figures.answer_curves(runs, "train_accuracy", 200, 10), alt="Accuracy against epochs.",
)
""",
)
MOMENTS = 50
PATIENCE = 20  # seconds in which kernel and workers must end

linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")


def make_project(folder):
    """A project with one notebook, which trains a dozen small nets."""
    first, parameters, *sources = CELLS
    cells = [
        v4.new_markdown_cell(first),
        v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *(v4.new_code_cell(source.strip()) for source in sources),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    (folder / "notebooks").mkdir(parents=True)
    nbformat.write(
        v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}),
        folder / "notebooks" / "01-killed.ipynb",
    )
    (folder / "requirements.lock").touch()
    return folder


def seconds_before_the_kill(project, output, runs, seconds, cores):
    """Start a build and kill its first process after ``seconds``, or less if it ended before."""
    began = time.monotonic()
    started = subprocess.Popen(
        ["taskset", "--cpu-list", ",".join(map(str, cores)), *command(output, parameters=())],
        cwd=project,
        env=environment(runs),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        started.wait(seconds)
        return time.monotonic() - began
    except subprocess.TimeoutExpired:
        return seconds
    finally:
        started.kill()
        started.wait()


def entries(runs):
    """Path -> inode and time of each stored run."""
    found = ((path, path.stat()) for path in Path(runs).glob("*/*.run"))
    return {path: (status.st_ino, status.st_mtime_ns) for path, status in found}


def make_reference(folder):
    """Two undisturbed builds at the same time; how long they took stands beside."""
    projects = [make_project(folder / name) for name in ("one", "two")]
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(
            lambda project: build(project / "pages", project=project, parameters=()), projects
        )
    assert one == two
    (folder / "seconds").write_text(str(time.monotonic() - began))


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    """Pages of an undisturbed build, and the seconds that it takes beside another one."""
    folder = once(tmp_path_factory, "undisturbed", make_reference)
    assert len(entries(folder / "one" / "pages-runs")) == RUNS
    return pages(folder / "one" / "pages"), float((folder / "seconds").read_text())


@linux
@pytest.mark.slow
@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_killed_build_ends_in_the_same_bytes(reference, tmp_path, moment):
    expected, seconds = reference
    project = make_project(tmp_path)
    part = (moment + random.Random(moment).random()) / MOMENTS
    cores = sorted(os.sched_getaffinity(0))
    if moment % 2:
        cores = cores[:1]  # one worker instead of two
    with processes.orphans_come_here():
        for attempt in range(10):
            output, runs = tmp_path / f"pages-{attempt}", tmp_path / f"runs-{attempt}"
            planned = part * seconds * 0.97**attempt
            seconds = seconds_before_the_kill(project, output, runs, planned, cores)
            if seconds == planned:
                break  # else the build ended first: aim again, by how long it took this time
        else:
            pytest.fail("the build ended before it could be killed")
        stayed = processes.end_all(f"NORMLAB_RUNS={runs}", PATIENCE)
    before = entries(runs)
    found = build(output, runs=runs, project=project, parameters=())
    assert {name: found.get(name) for name in expected} == expected
    after = entries(runs)
    assert len(after) == RUNS
    assert {path: after[path] for path in before} == before, "a finished run was trained twice"
    others = set(pages_and_folders(output)) - set(expected)
    assert all(name.startswith(".new-") for name in others), others
    assert not stayed, f"processes were still there after {PATIENCE} s"


def pages_and_folders(folder):
    return [path.name for path in folder.iterdir()]


# At the worst moment, each time


WRITE = """
import os, signal, sys
from pathlib import Path
from normlab.report import files

step, calls = sys.argv[2], int(sys.argv[3])
real = getattr(os, step)


def last(*arguments):
    global calls
    calls -= 1
    if calls == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)


setattr(os, step, last)
files.write({"a.html": "new", "a.json": "new"}, Path(sys.argv[1]))
"""
PUT = """
import os, signal, sys
from pathlib import Path
import numpy as np
from normlab.training.config import TrainingConfig
from normlab.training.histories import History
from normlab.runs.store import RunStore

numbers = np.zeros(2)
history = History(
    config=TrainingConfig(), loss=numbers, evaluated_at=numbers, train_accuracy=numbers,
    val_accuracy=numbers, test_accuracy=numbers, batch_mode_val_accuracy=0.5, signals={},
    diverged_at=None,
)
store = RunStore(Path(sys.argv[1]))
if sys.argv[2] == "get":
    sys.exit(store.get("ab12", TrainingConfig()) is None)
if sys.argv[2] != "put":
    setattr(os, sys.argv[2], lambda *arguments: os.kill(os.getpid(), signal.SIGKILL))
store.put("ab12", history)
"""


def run(script, *arguments):
    """Exit code of a script in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    return done.returncode


@pytest.mark.parametrize(
    ("step", "calls", "texts"),
    [
        ("fsync", 1, {"old"}),
        ("fsync", 2, {"old"}),
        ("replace", 1, {"old"}),
        ("replace", 2, {"old", "new"}),
    ],
)
def test_a_kill_while_pages_are_written_leaves_whole_files(tmp_path, step, calls, texts):
    for name in ("a.html", "a.json"):
        (tmp_path / name).write_text("old")
    assert run(WRITE, tmp_path, step, calls) == -signal.SIGKILL
    assert {(tmp_path / name).read_text() for name in ("a.html", "a.json")} == texts
    assert all(path.name.startswith((".new-", "a.")) for path in tmp_path.iterdir())
    assert run(WRITE, tmp_path, "fsync", 0) == 0
    assert {(tmp_path / name).read_text() for name in ("a.html", "a.json")} == {"new"}


def test_the_next_build_takes_away_what_a_kill_left(tmp_path):
    run(WRITE, tmp_path, "replace", 1)
    assert any(name.startswith(".new-") for name in pages_and_folders(tmp_path))
    with locked(tmp_path):  # what a build does first
        pass
    run(WRITE, tmp_path, "fsync", 0)
    assert sorted(pages_and_folders(tmp_path)) == ["a.html", "a.json"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_kill_while_a_run_is_stored_leaves_no_entry(tmp_path, step):
    assert run(PUT, tmp_path, step) == -signal.SIGKILL
    assert run(PUT, tmp_path, "get") == 1
    assert run(PUT, tmp_path, "put") == 0
    assert run(PUT, tmp_path, "get") == 0
    before = entries(tmp_path)
    assert run(PUT, tmp_path, step) == -signal.SIGKILL
    assert entries(tmp_path) == before
