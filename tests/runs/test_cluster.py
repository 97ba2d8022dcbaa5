"""Runs on dask: who may make them, what happens when somebody dies, and that bits stay."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from reproducibility.builds import ROOT, pages
from runs import made_on_dask

from benchmarks.local_cluster import cluster, soon
from normlab.handover import PROGRESS_FILE, SCHEDULER
from normlab.runs.dispatch import facts_of_workers
from normlab.training import TrainingConfig

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not importlib.util.find_spec("distributed"), reason="dask is missing: make cluster"
    ),
    pytest.mark.filterwarnings("default"),  # dask's own
    pytest.mark.xdist_group("cluster"),
]
WRONG = {"OPENBLAS_CORETYPE": "Sandybridge", "OPENBLAS_NUM_THREADS": "1"}
BASE = TrainingConfig(hidden_dims=(8, 6), batch_size=10, epochs=2, evaluations=1)
GROUPS = [[replace(BASE, seed=seed)] for seed in range(40)]


@pytest.fixture
def crew(tmp_path, monkeypatch, blobs):
    """A function that opens the crew of a cluster; what it notes is in `notes`."""
    from normlab.runs.cluster import cluster as crew_of

    before = dict(os.environ)
    monkeypatch.setenv(PROGRESS_FILE, str(tmp_path / "progress"))
    expected = facts_of_workers(blobs)

    @contextlib.contextmanager
    def opened(place):
        monkeypatch.setenv(SCHEDULER, place.address)
        with crew_of(blobs, expected) as crew:
            yield crew

    opened.notes = lambda: [
        json.loads(line)["note"] for line in (tmp_path / "progress").read_text().splitlines()
    ]
    yield opened
    os.environ.clear()
    os.environ.update(before)


def finish(crew, make, groups=GROUPS):
    """Histories in the order of groups, made once each."""
    made = list(crew.make(make, groups))
    assert sorted(number for number, _ in made) == list(range(len(groups)))
    for number, each in made:
        assert [history.config for history in each.histories] == groups[number]
    return dict(made)


def build(folder, *arguments):
    """The pages of all notebooks in the quick profile, with an empty run store."""
    command = [sys.executable, "-m", "normlab.cli", "build", "-p", "profile=quick"]
    return subprocess.Popen(
        [*command, "--output", str(folder), *arguments],
        cwd=ROOT,
        env=os.environ | {"NORMLAB_RUNS": f"{folder}-runs"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def runs_in(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*.run")}


def test_pages_are_those_of_one_machine(tmp_path):
    """Three workers, of which one has wrong pins and one is killed while it works."""
    with cluster(tmp_path / "cluster") as place:
        place.add(1)
        victim = place.add(1)
        place.add_without_pins(**WRONG)
        place.wait_for(3)
        there = build(tmp_path / "there", "--scheduler", place.address)
        soon(lambda: len(runs_in(tmp_path / "there-runs")) >= 10)
        assert place.kill(victim)
        said = there.communicate(timeout=600)[1]
    assert there.returncode == 0, said
    assert "BLAS core Sandybridge, not Haswell" in said
    here = build(tmp_path / "here")
    said = here.communicate(timeout=600)[1]
    assert here.returncode == 0, said
    assert pages(tmp_path / "there") == pages(tmp_path / "here")
    assert runs_in(tmp_path / "there-runs") == runs_in(tmp_path / "here-runs")


def test_a_worker_that_comes_late_works_and_one_that_does_not_fit_is_named(tmp_path, crew):
    with cluster(tmp_path / "cluster") as place, crew(place) as ours:
        threading.Timer(2, place.add_without_pins, kwargs=WRONG).start()
        threading.Timer(4, place.add).start()
        made = finish(ours, made_on_dask.honest, GROUPS * 4)
        threading.Timer(0, place.add).start()
        others = finish(ours, made_on_dask.honest, GROUPS * 4)
    assert len({each.worker for each in made.values()}) == 1
    assert len({each.worker for each in others.values()}) == 2
    waiting, refused = crew.notes()
    assert waiting.startswith(f"no worker at {place.address} yet; start some by `normlab worker")
    assert refused.startswith("worker tcp://127.0.0.1:")
    assert "BLAS core Sandybridge, not Haswell" in refused
    assert refused.endswith("; start it by normlab worker")


def test_where_nobody_fits_it_says_why(tmp_path, crew, monkeypatch):
    monkeypatch.setattr("normlab.runs.cluster._PATIENCE", 1)
    with cluster(tmp_path / "cluster") as place, crew(place) as ours:
        place.add_without_pins(**WRONG)
        with pytest.raises(RuntimeError, match=r"none of the 1 workers at tcp.* BLAS core Sandy"):
            finish(ours, made_on_dask.honest)


def test_a_worker_without_normlab_is_refused(tmp_path, crew, monkeypatch):
    monkeypatch.setattr("normlab.runs.cluster._PATIENCE", 1)
    (tmp_path / "none").mkdir()
    (tmp_path / "none/normlab.py").write_text("raise ImportError('not here')\n")
    with cluster(tmp_path / "cluster") as place, crew(place) as ours:
        place.add_without_pins(PYTHONPATH=str(tmp_path / "none"))
        with pytest.raises(RuntimeError, match=r"no normlab like this one there \(.*not here"):
            finish(ours, made_on_dask.honest)


def test_runs_that_come_with_other_facts_are_made_by_others(tmp_path, crew, monkeypatch):
    monkeypatch.setenv("NORMLAB_TURNED", str(tmp_path / "turned"))
    with cluster(tmp_path / "cluster") as place, crew(place) as ours:
        place.add(2)
        place.wait_for(2)
        made = finish(ours, made_on_dask.turned)
    assert len({each.worker for each in made.values()}) == 1
    assert crew.notes()[-1].endswith("its runs came with other code")


def test_a_group_that_kills_who_makes_it_ends_the_sweep(tmp_path, crew):
    with cluster(tmp_path / "cluster") as place, crew(place) as ours:
        place.add(2)
        with pytest.raises(RuntimeError, match="each died; was memory short"):
            finish(ours, made_on_dask.deadly, GROUPS[:1])


def test_an_error_of_a_run_is_raised(tmp_path, crew):
    with cluster(tmp_path / "cluster") as place, crew(place) as ours:
        place.add()
        with pytest.raises(ArithmeticError, match="seed 3"):
            finish(ours, made_on_dask.failing, GROUPS[3:4])


def test_a_scheduler_that_dies_ends_the_sweep(tmp_path, crew):
    with cluster(tmp_path / "cluster") as place, crew(place) as ours:
        place.add()
        finished = ours.make(made_on_dask.honest, GROUPS * 10)
        next(finished)
        place.scheduler.kill()
        began = time.monotonic()
        with pytest.raises(RuntimeError, match=r"the scheduler tcp://.* is gone .*build again"):
            list(finished)
        assert time.monotonic() < began + 60


def test_all_workers_may_go_and_others_come(tmp_path, crew):
    with cluster(tmp_path / "cluster") as place, crew(place) as ours:
        first = place.add()
        finished = ours.make(made_on_dask.honest, GROUPS)
        made = [next(finished)]
        first.terminate()
        first.wait()
        threading.Timer(2, place.add).start()
        made += finished
    assert sorted(number for number, _ in made) == list(range(len(GROUPS)))
    assert len({each.worker for _, each in made}) == 2


@pytest.mark.skipif(not importlib.util.find_spec("ssl"), reason="Python has no ssl")
def test_tls_options_reach_all_processes(tmp_path, blobs):
    ca, cert, key = certificates(tmp_path)
    options = ["--tls-ca", ca, "--tls-cert", cert, "--tls-key", key]
    with cluster(tmp_path / "cluster", options) as place:
        assert place.address.startswith("tls://")
        place.add()
        refused = build(tmp_path / "plain", "02-deep-networks", "--scheduler", place.address)
        said = refused.communicate()[1]
        assert said.startswith(f"normlab: scheduler {place.address}: nobody answers there (TLS")
        assert said.count("\n") == 1
        built = build(tmp_path / "tls", "02-deep-networks", "--scheduler", place.address, *options)
        said = built.communicate()[1]
        assert built.returncode == 0, said
    assert len(runs_in(tmp_path / "tls-runs")) == 6


def certificates(folder):
    """A certificate that signs itself, and so its own authority: (authority, certificate, key)."""
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out", cert]
    command += ["-subj", "/CN=localhost", "-days", "2", "-nodes"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is missing")
    return cert, cert, key
