"""Names, versions and files that must agree with each other."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import normlab

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
ADDED = {n: (ROOT / f"tools/{n}.lock").read_text("utf-8") for n in ("mutants", "cluster")}
TOOLS = Path(sys.executable).parent


def dependencies():
    return [Requirement(text) for text in PROJECT["project"]["dependencies"]]


def locked(lock=LOCK):
    """Name -> the versions that the lock pins."""
    versions = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, re.M):
        versions.setdefault(name.lower(), []).append(version)
    return versions


def test_the_packages_it_stands_on_are_named():
    names = {requirement.name for requirement in dependencies()}
    assert {"numpy", "jupyter", "papermill", "nbconvert", "matplotlib"} <= names


def test_lock_fits_the_specifiers():
    development = [Requirement(text) for text in PROJECT["dependency-groups"]["dev"]]
    for requirement in dependencies() + development:
        (version,) = locked()[requirement.name.lower()]
        assert requirement.specifier.contains(version), requirement


@pytest.mark.parametrize("name", ADDED)
def test_what_is_locked_apart_adds_to_the_lock(name):
    project = PROJECT["dependency-groups"] | PROJECT["project"]["optional-dependencies"]
    (requirement,) = map(Requirement, project[name])
    added = locked(ADDED[name])
    assert requirement.specifier.contains(added[requirement.name][0])
    assert requirement.name not in locked()
    for package in added.keys() & locked().keys():
        assert added[package] == locked()[package], package


@pytest.mark.parametrize("lock", [LOCK, *ADDED.values()], ids=["all", *ADDED])
def test_lock_has_one_version_of_each_package_with_hashes(lock):
    assert all(len(versions) == 1 for versions in locked(lock).values())
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        assert entry.startswith("#") or "--hash=sha256:" in entry, entry.splitlines()[0]


@pytest.mark.parametrize("lock", [LOCK, *ADDED.values()], ids=["all", *ADDED])
def test_lock_names_no_index_and_no_deep_learning_framework(lock):
    assert not re.search(r"https?://|--index|--find-links|\.org|\.com", lock)
    assert not {"torch", "jax", "jaxlib", "tensorflow"} & set(locked(lock))


def test_environment_file_is_the_generated_one():
    made = subprocess.run(
        [
            TOOLS / "pyproject2conda",
            "yaml",
            "--req",
            ".[fast]",
            "--python-include",
            "python==3.11.*",
            "--pip-only",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ROOT / "environment.yml").read_text("utf-8") == made.stdout


def test_environment_file_names_what_pyproject_names():
    lines = (ROOT / "environment.yml").read_text("utf-8").splitlines()
    entries = {line.strip(" -") for line in lines if line.startswith("      - ")}
    assert entries == {str(requirement) for requirement in dependencies()} | {".[fast]"}


def test_versions_agree():
    assert f"version: {normlab.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


@pytest.mark.slow
def test_the_wheel_carries_data_templates_and_style(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    tracked = subprocess.run(
        ["git", "ls-files", "src/normlab"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {path.removeprefix("src/") for path in tracked} <= names
    assert "normlab/data/fashion_mnist_subset.npz" in names
    assert "normlab/show/normlab.mplstyle" in names
    assert "normlab/report/templates/page/index.html.j2" in names
