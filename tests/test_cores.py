import os
import subprocess
import sys
import threading
import time

import pytest

from normlab import cores, locks
from normlab.cores import core, num_cores, sharing_cores
from normlab.handover import CORES_FOLDER

pytestmark = pytest.mark.skipif(locks.fcntl is None, reason="no file locks here")

HOLD = """
import sys, time
from normlab.cores import core
with core():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with two cores."""
    for number in range(2):
        (tmp_path / str(number)).touch()
    monkeypatch.setenv(CORES_FOLDER, str(tmp_path))
    return tmp_path


def crowd(size):
    """The largest number of threads that were inside `core` at once."""
    inside, most, lock = 0, 0, threading.Lock()

    def work():
        nonlocal inside, most
        with core():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.05)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return most


def test_no_more_at_once_than_there_are_cores(folder):
    assert crowd(6) == 2


def test_the_pipeline_hands_out_as_many_as_there_are(monkeypatch):
    monkeypatch.delenv(CORES_FOLDER, raising=False)
    for number in (1, 3):
        monkeypatch.setattr(cores, "num_cores", lambda number=number: number)
        with sharing_cores():
            assert crowd(6) == number
        assert CORES_FOLDER not in os.environ


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs affinity")
def test_cores_that_this_process_may_not_use_do_not_count():
    before = os.sched_getaffinity(0)
    assert num_cores() == len(before)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert num_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_worker_imports_neither_numpy_nor_figures():
    code = "import sys; from normlab.cores import core; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_locked_where_the_pipeline_names_no_folder(monkeypatch):
    monkeypatch.delenv(CORES_FOLDER, raising=False)
    assert crowd(4) == 4


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_a_folder_without_files_is_as_good_as_none(name, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv(CORES_FOLDER, str(tmp_path / name))
    assert crowd(4) == 4


def test_nothing_is_locked_where_the_system_has_no_locks(folder, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    assert crowd(4) == 4


def test_a_core_is_free_again_after_an_error(folder):
    for _ in range(5):
        with pytest.raises(KeyError), core():
            raise KeyError
    assert crowd(4) == 2


def test_a_folder_that_goes_away_ends_the_wait(folder):
    waiting = threading.Thread(target=crowd, args=(1,))
    with core(), core():
        waiting.start()
        time.sleep(0.05)
        assert waiting.is_alive()
        for path in folder.iterdir():
            path.unlink()
        waiting.join(10)
        assert not waiting.is_alive()


def test_the_core_of_a_killed_process_is_free_again(folder):
    (folder / "1").unlink()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdout=subprocess.PIPE, env=os.environ, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        waiting = threading.Thread(target=crowd, args=(1,))
        waiting.start()
        time.sleep(0.1)
        assert waiting.is_alive()
        holder.kill()
        waiting.join(10)
        assert not waiting.is_alive()
