"""SIGKILL at 200 moments of a build of seconds: each page is old or new, or `verify` tells."""

import random
import time
from subprocess import TimeoutExpired

import processes
import pytest
from faults.project import FIRST, SECOND, contents, copy, write_notebook
from report.conftest import PUBLISH

from normlab.report.manifest import NAME, read_manifest
from normlab.report.project import Project
from normlab.report.provenance import sha256
from normlab.report.verify import verify

pytestmark = pytest.mark.slow
BATCHES, MOMENTS = 8, 25
OF_ALL = {"index.html", "ledger.csv", NAME}  # they are written with each page
PATIENCE = 20  # seconds in which everything must have ended


@pytest.fixture(autouse=True)
def as_in_a_desktop_session():
    with processes.orphans_come_here():
        yield


def torn(folder):
    """The files that are not those that the manifest lists."""
    listed = read_manifest(folder)["files"]
    found = contents(folder)
    return {name for name in listed if sha256(found[name]) != listed[name]}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_page_is_torn(published, tmp_path, batch):
    rng = random.Random(batch)
    old = contents(published / "reports")
    place = copy(published, tmp_path)
    write_notebook(place.first, "print('the new first')", PUBLISH)
    write_notebook(place.project / "notebooks" / f"{SECOND}.ipynb", PUBLISH, title="New")
    began = time.monotonic()
    assert place.build() == 0
    seconds = time.monotonic() - began
    new = contents(place.reports)
    assert new[f"{FIRST}.html"] != old[f"{FIRST}.html"]

    killed = replaced = 0
    while killed < MOMENTS:
        for name, content in old.items():
            (place.reports / name).write_bytes(content)
        process = place.start(["build"])
        # Half of the moments lie in the last part, when pages are written.
        moment = seconds * rng.choice((rng.random(), 1 - 0.3 * rng.random()))
        try:
            process.communicate(timeout=moment)
            seconds *= 0.95  # it was over before: aim earlier
        except TimeoutExpired:
            process.kill()
            process.communicate(timeout=PATIENCE)  # a kernel that is left keeps the pipes open
            killed += 1
        found = contents(place.reports)
        assert found.keys() == old.keys()
        for name, content in found.items():
            assert name in OF_ALL or content in (old[name], new[name]), name
        said = verify(Project(place.project), place.reports).faults
        assert torn(place.reports) <= {line.split(":")[0] for line in said}
        if found == old:
            seconds *= 1.02  # before the first page was written: aim later
        else:
            replaced += 1
    assert not place.end_all(PATIENCE)
    assert replaced, "no kill came after the first page was written"
    assert place.build() == 0
    assert contents(place.reports) == new
    assert {path.name for path in place.reports.iterdir()} == set(new)
    assert not place.strays()
