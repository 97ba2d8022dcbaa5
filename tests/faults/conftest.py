"""The published project that is copied for each fault."""

import shutil

import pytest
from faults.project import copy, make_project
from reproducibility.builds import once


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """A project whose pages are published; it is copied for each fault."""

    def make(folder):
        place = copy(make_project(folder / "new"), folder / "place")
        assert place.build() == 0
        shutil.move(place.project, folder / "published")

    return once(tmp_path_factory, "faults", make) / "published"
