"""Every fault of the table: how the build ends, what it says, and what is there afterwards."""

import os
import shutil

import pytest
from faults.project import FIRST, LONGEST, OTHER_USER, contents, copy, write_notebook
from faults.table import FAULTS

pytestmark = pytest.mark.slow
PATIENCE = 5  # seconds in which every process must have ended


@pytest.fixture(params=["as this user", "as another"])
def place(request, published, tmp_path):
    place = copy(published, tmp_path)
    if request.param == "as another":
        if os.name != "posix" or os.geteuid() != 0 or not shutil.which("setpriv"):
            pytest.skip("only root with setpriv can be another user")
        place.user = OTHER_USER
        for folder in (tmp_path, *tmp_path.parents[:-2]):  # below /tmp; pytest lets nobody in
            folder.chmod(folder.stat().st_mode | 0o011)
    yield place
    place.end_all(0)
    for other in place.keep:
        other.kill()
        other.communicate()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault(fault, place):
    if place.user and "unshare" in fault.needs:
        pytest.skip("only root may mount")
    for program in fault.needs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} not found")
    if fault.cells:
        write_notebook(place.first, *fault.cells)
    if fault.prepare:
        fault.prepare(place)
    if place.user:
        place.hand_over()
    before = contents(place.reports) if place.reports.exists() else {}
    process = place.start([fault.command, *fault.arguments], fault.prefix, fault.where)
    if fault.during:
        fault.during(process, place)
    shown, said = process.communicate(timeout=LONGEST)

    assert process.returncode == (fault.code or 0), said
    assert not place.end_all(PATIENCE), "processes were left"
    assert "Traceback" not in said + shown
    complaints = [line for line in said.splitlines() if line.startswith(("FAILED ", "normlab: "))]
    assert len(complaints) == (fault.code is not None and not fault.shown), said
    assert fault.shown in shown
    assert all(fault.words in line for line in complaints), said
    after = contents(place.reports) if place.reports.exists() else {}
    if fault.keeps:
        # The index says which pages are older than their notebooks: it is written anew.
        apart = {"index.html", "ledger.csv", "manifest.json"} if fault.cells else set()
        assert {n: after.get(n) for n in before.keys() - apart} == {
            n: before[n] for n in before.keys() - apart
        }
    assert place.keep or not any(place.reports.glob(".*")), "files were left among the pages"
    assert {path.name for path in place.strays()} <= EXPECTED.get(fault.name, set())
    if complaints and complaints[0].startswith("FAILED "):
        log = place.project / "build" / "logs" / f"{FIRST}.log"
        assert f"(log: build/logs/{FIRST}.log" in complaints[0]
        assert log.stat().st_size > 0
    page = place.project / "build" / "failures" / f"{FIRST}.html"
    assert fault.page in (None, page.exists())
    if page.exists():
        text = page.read_text("utf-8")
        assert 'role="alert"' in text
        assert f"build/failures/{FIRST}.html" in complaints[0]


# What a row has put there itself
EXPECTED = {
    "a file in the place of the run store": {"runs"},
    "a home folder with habits": {"00.py", "matplotlibrc", "kernel.json", "start.py"},
}


def test_there_are_enough_of_them():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
