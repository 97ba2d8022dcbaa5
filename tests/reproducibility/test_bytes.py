"""Two builds give the same bytes, whatever is different around them.

Each build is a process of its own with an empty run store, on parameters of seconds.
The variations build one or two of the notebooks, beside files with the names of the
other pages, so that their pages have the links that they have in a full build.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from reproducibility.builds import (
    ROOT,
    beside_others,
    build,
    copy_project,
    installer,
    of_studies,
    once,
    other_pythons,
    pages,
    venv_of,
)

from normlab.report.differences import differences

pytestmark = pytest.mark.slow
ALL = tuple(sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")))
SOME = ("02-deep-networks", "04-batch-size")

# Another clock, for every module that asks for the time: ten years and some hours ahead.
# libfaketime would also reach C code, but none of the pipeline's tells the time.
CLOCK = """
import datetime, time

SHIFT = 10 * 365 * 24 * 3600 + 12345.678
_time, _time_ns, _real = time.time, time.time_ns, datetime.datetime


class Shifted(_real):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)

    today = now


def with_now(function):
    return lambda seconds=None: function(time.time() if seconds is None else seconds)


time.time = lambda: _time() + SHIFT
time.time_ns = lambda: _time_ns() + int(SHIFT * 1e9)
for name in ("localtime", "gmtime", "ctime"):
    setattr(time, name, with_now(getattr(time, name)))
datetime.datetime = Shifted
"""
# What a person may have in a home folder, and what must not reach a page.
MATPLOTLIBRC = "lines.linewidth: 9\nfont.size: 30\naxes.facecolor: red\nsvg.fonttype: path\n"
STARTUP = "print('good morning')\nimport numpy\nnumpy.set_printoptions(precision=1)\n"


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    """The pages of an undisturbed build of all notebooks, two at a time."""
    return pages(once(tmp_path_factory, "reference", build))


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    different = [name for name in expected if found[name] != expected[name]]
    where = [
        f"{name}: {line}"
        for name in different
        if name.endswith(".json")
        for line in differences(json.loads(expected[name]), json.loads(found[name]))
    ]
    assert not different, "\n".join(["not the same bytes:", *different, *where])


def test_the_reference_is_whole(reference):
    suffixes = ("html", "json", "svg")
    names = {f"{name}.{suffix}" for name in ALL for suffix in suffixes}
    data = {name for name in reference if name.endswith(".csv")}
    assert set(reference) == names | data | {"index.html", "ledger.csv", "manifest.json"}
    assert all(any(file.startswith(f"{name}.") for file in data) for name in ALL)
    assert json.loads(reference["02-deep-networks.json"])["diverged"] == 0


def test_two_builds_of_all_notebooks_are_the_same(reference, tmp_path):
    assert_same(build(tmp_path / "again"), reference)


def home(folder):
    """A home folder with habits of matplotlib and IPython."""
    files = {
        ".config/matplotlib/matplotlibrc": MATPLOTLIBRC,
        ".matplotlib/matplotlibrc": MATPLOTLIBRC,
        ".ipython/profile_default/startup/00-hello.py": STARTUP,
        ".ipython/profile_default/ipython_kernel_config.py": "c.InteractiveShell.colors = 'Linux'",
    }
    for name, text in files.items():
        path = folder / "somebody" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    unset = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "IPYTHONDIR"))
    return {"variables": unset | {"HOME": str(folder / "somebody")}}


def clock(folder):
    (folder / "sitecustomize.py").write_text(CLOCK, "utf-8")
    code = "import time, datetime; print(time.time(), datetime.datetime.now().year)"
    variables = {"PYTHONPATH": os.pathsep.join([str(folder), *_python_path()])}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout.split()[1]) >= 2034, "the clock is not another one"
    return {"variables": variables}


def _python_path():
    return [entry for entry in (os.environ.get("PYTHONPATH"),) if entry]


def locale(folder):
    """A locale of this machine that is neither C nor what the tests run in."""
    done = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    ours = {os.environ.get("LC_ALL"), os.environ.get("LANG"), "C", "POSIX"}
    others = [name for name in done.stdout.split() if name not in ours]
    others.sort(key=lambda name: name.lower().startswith("c."))  # a language is better
    if not others:
        pytest.skip("this machine has no other locale")
    return {"variables": {"LC_ALL": others[0], "LANG": others[0], "LANGUAGE": others[0]}}


def temporary(folder):
    path = folder / "tëmp folder"
    path.mkdir()
    return {"variables": dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(path))}


def working(folder):
    project = folder / "Größe, été & 作业 (1)"
    project.mkdir()
    return {"project": copy_project(project)}


def variables(**changed):
    return lambda folder: {"variables": changed}


VARIATIONS = {
    "a working directory with spaces and accents": working,
    "another home with habits": home,
    "another time zone": variables(TZ="Pacific/Kiritimati"),
    "the C locale": variables(
        LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING=None
    ),
    "another locale": locale,
    "another umask": lambda folder: {"umask": 0o077},
    "another temporary folder": temporary,
    "another hash seed": variables(PYTHONHASHSEED="4242"),
    "one BLAS thread": variables(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1"),
    "two BLAS threads": variables(
        OPENBLAS_NUM_THREADS="2", OMP_NUM_THREADS="2", OPENBLAS_CORETYPE=None
    ),
    "another BLAS core": variables(
        OPENBLAS_NUM_THREADS=None,
        OPENBLAS_CORETYPE="Sandybridge",
        NPY_DISABLE_CPU_FEATURES="X86_V3",
    ),
    "another clock": clock,
}
# Where the numbers might differ, a second notebook has more of them.
OF_NUMBERS = {"two BLAS threads", "another BLAS core", "another hash seed"}


@pytest.mark.parametrize("variation", VARIATIONS)
def test_a_build_does_not_depend_on(reference, tmp_path, variation):
    options = VARIATIONS[variation](tmp_path)
    names = SOME if variation in OF_NUMBERS else SOME[:1]
    output = beside_others(options.get("project", tmp_path) / "some pages")
    found = build(output, *names, **options)
    assert_same(of_studies(found, *names), of_studies(reference, *names))


def test_a_build_does_not_depend_on_how_many_notebooks_run_at_a_time(reference, tmp_path):
    assert_same(build(tmp_path / "one by one", jobs=1), reference)


def test_a_build_does_not_depend_on_the_order_of_notebooks(reference, tmp_path):
    output, runs = beside_others(tmp_path / "pages"), tmp_path / "runs"
    for name in reversed(ALL):
        build(output, name, runs=runs)
    found = pages(output)
    assert_same(of_studies(found, *ALL), of_studies(reference, *ALL))
    assert found.keys() == reference.keys()


def test_a_build_does_not_depend_on_notebooks_that_are_built_at_the_same_time(reference, tmp_path):
    """A build each, into folders of their own, with one run store for both."""

    def make(name):
        output = beside_others(tmp_path / name)
        return of_studies(build(output, name, runs=tmp_path / "runs"), name)

    with ThreadPoolExecutor(2) as pool:
        for name, found in zip(SOME, pool.map(make, SOME), strict=True):
            assert_same(found, of_studies(reference, name))


PYTHONS = sorted(other_pythons())


@pytest.mark.skipif(not PYTHONS, reason="this machine has one CPython from 3.11 on")
@pytest.mark.skipif(installer() is None, reason="uv not found: run `make setup`")
@pytest.mark.parametrize("version", PYTHONS or ["other"])
def test_a_build_does_not_depend_on_the_version_of_python(reference, tmp_path, version):
    python = venv_of(version, other_pythons()[version])
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *_python_path()])}
    output = beside_others(tmp_path / "pages")
    found = build(output, *SOME, python=python, variables=paths | {"VIRTUAL_ENV": None})
    assert_same(of_studies(found, *SOME), of_studies(reference, *SOME))
