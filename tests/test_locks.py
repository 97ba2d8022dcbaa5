import os
import subprocess
import sys
import threading

import pytest

from normlab import locks

pytestmark = pytest.mark.skipif(locks.fcntl is None, reason="no file locks here")
HOLD = """
import os, sys, time
from pathlib import Path
from normlab import locks
file = locks.take(Path(sys.argv[1]), os.O_RDWR | os.O_CREAT)
print("held" if file is not None else "refused", flush=True)
time.sleep(60)
"""


def hold(path):
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline() == "held\n"
    return other


def test_one_at_a_time_and_free_again_when_closed(tmp_path):
    path = tmp_path / "lock"
    path.touch()
    file = locks.take(path)
    assert locks.take(path) is None
    os.close(file)
    file = locks.take(path)
    assert file is not None
    os.close(file)


def test_a_killed_process_holds_nothing(tmp_path):
    with hold(tmp_path / "lock") as other:
        assert locks.take(tmp_path / "lock") is None
        other.kill()
        other.wait()
        file = locks.take(tmp_path / "lock")
        assert file is not None
        os.close(file)


def test_a_file_that_was_taken_away_is_no_lock(tmp_path, monkeypatch):
    path = tmp_path / "lock"
    path.touch()
    real = os.fstat

    def replaced(file):
        path.unlink()
        path.touch()
        return real(file)

    monkeypatch.setattr(os, "fstat", replaced)
    assert locks.take(path) is None
    with pytest.raises(FileNotFoundError):
        locks.take(tmp_path / "none")


def test_waiting_for_a_folder(tmp_path):
    order = []

    def second():
        with locks.waiting_for(tmp_path):
            order.append("second")

    with locks.waiting_for(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join(10)
    assert order == ["first", "second"]
