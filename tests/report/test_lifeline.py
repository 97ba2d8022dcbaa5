"""A kernel does not outlive its build, whatever happens to that and when."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import processes
import pytest

from normlab.report import lifeline

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
PATIENCE = 20  # seconds in which a kernel must be up and gone again
BUILD = """
import asyncio, os, signal
from pathlib import Path
from normlab.report.kernels import Kernels

async def build():
    manager = Kernels().new("build.log").manager()(kernel_name="python3")
    await manager.start_kernel()
    {up}
    Path("started").write_text(str(manager.provisioner.pid))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(build())
"""
UP = """
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(20)
"""
SLOW = """
import os, sys, time
class Slow:
    def __del__(self, tell=os.mkdir, wait=time.sleep):
        tell("down")
        wait(60)
sys.slow = Slow()
"""
GOING = f"""{UP}
    client.execute({SLOW!r})
    client.shutdown()
    while not Path("down").exists():
        await asyncio.sleep(0.05)
"""


@pytest.mark.parametrize(
    "up", ["", UP, GOING], ids=["before it is up", "when it is up", "while it goes down"]
)
def test_a_build_that_is_killed_takes_its_kernel_along(tmp_path, up):
    mark = uuid.uuid4().hex
    with processes.orphans_come_here():
        done = subprocess.run(
            [sys.executable, "-c", BUILD.format(up=up)],
            cwd=tmp_path,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"LIFELINE_TEST": mark, "JUPYTER_RUNTIME_DIR": str(tmp_path)},
        )
        assert done.returncode == -9
        assert int((tmp_path / "started").read_text())
        assert not processes.end_all(f"LIFELINE_TEST={mark}", PATIENCE)


def test_its_end_of_the_line_goes_no_further(monkeypatch):
    theirs, ours = os.pipe()
    os.set_inheritable(theirs, True)
    monkeypatch.setenv(lifeline.FILE, str(theirs))
    monkeypatch.setattr(lifeline, "_end_with_the_build", lambda file: None)
    lifeline.load_ipython_extension(None)
    assert lifeline.FILE not in os.environ
    assert not os.get_inheritable(theirs)
    os.close(theirs)
    os.close(ours)
