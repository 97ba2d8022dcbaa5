"""An installation that is no editable one: its kernel, and what it says of changed source."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from normlab import kernel
from normlab.installed import difference_from

ROOT = Path(__file__).parents[1]
QUICK = ("-p", "seeds", "2", "-p", "epochs", "1", "-p", "num_train", "50")


@pytest.fixture
def checkout(tmp_path):
    """A checkout with some source, and the package that was installed from it."""
    source, running = tmp_path / "here" / "src" / "normlab", tmp_path / "site-packages" / "normlab"
    for name, text in (("__init__.py", "1"), ("nn/relu.py", "2"), ("report/style.css", "3")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, "utf-8")
    shutil.copytree(source, running)
    return source, running


def said(checkout):
    source, running = checkout
    return difference_from(source.parents[1], running)


def test_a_true_copy_is_as_good_as_the_original(checkout):
    source, running = checkout
    for name in ("nn/__pycache__/relu.cpython-311.pyc", ".relu.py.swp"):
        (running / name).parent.mkdir(exist_ok=True)
        (running / name).write_text("not source", "utf-8")
    assert said(checkout) is None
    assert said((source, source)) is None


@pytest.mark.parametrize("name", ["__init__.py", "nn/relu.py", "report/style.css"])
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("4")])
def test_any_file_that_differs_is_named(name, side, change, checkout):
    change(checkout[side] / name)
    line = said(checkout)
    assert f"they differ in {name}; run `pip install .`" in line
    assert str(checkout[1]) in line
    assert len(line.splitlines()) == 1


def test_others_are_counted(checkout):
    shutil.rmtree(checkout[1] / "nn")
    (checkout[0] / "new.py").touch()
    assert "they differ in new.py and 1 more;" in said(checkout)


def test_a_folder_of_notebooks_alone_has_no_source_to_differ_from(tmp_path):
    assert difference_from(tmp_path) is None
    assert difference_from(ROOT) is None


# A real one


def in_a_new_environment(test):
    """Slow, and on one worker with the others, so that the environment is made once."""
    return pytest.mark.slow(pytest.mark.xdist_group("installed")(test))


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of a new environment with a wheel in it, the other packages borrowed."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True
    )
    own = sysconfig.get_path("purelib", vars={"base": str(folder / "venv")})
    Path(own, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    templates = Path("share", "jupyter", "nbconvert")
    (folder / "venv" / templates).symlink_to(Path(sys.prefix) / templates)
    return python


def run(python, folder, *arguments):
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NORMLAB_", "PYTHON", "JUPYTER", "VIRTUAL_ENV"))
    }
    return subprocess.run(
        [python, "-m", *arguments],
        cwd=folder,
        env=environment | {"HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )


@in_a_new_environment
@pytest.mark.parametrize("inside", [True, False])
def test_bare_papermill_and_nbconvert_find_the_kernel(inside, python, tmp_path):
    shutil.copytree(ROOT / "notebooks", tmp_path / "here" / "notebooks")
    folder = tmp_path / "here" if inside else tmp_path
    notebook, out = tmp_path / "here/notebooks/02-deep-networks.ipynb", tmp_path / "out.ipynb"
    ended = run(python, folder, "papermill", notebook, out, *QUICK)
    assert ended.returncode == 0, ended.stderr
    assert f'"name": "{kernel.NAME}"' in out.read_text("utf-8")
    ended = run(python, folder, "nbconvert", "--execute", "--to", "html", out)
    assert ended.returncode == 0, ended.stderr
    assert "not the reference arithmetic" not in out.with_suffix(".html").read_text("utf-8")


@in_a_new_environment
def test_a_build_and_verify_say_that_the_source_has_changed(python, tmp_path):
    for name in ("src", "notebooks", "reports"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    assert "the normlab that runs" not in run(python, tmp_path, "normlab.cli", "verify").stdout
    with (tmp_path / "src/normlab/nn/relu.py").open("a", encoding="utf-8") as file:
        file.write("# an edit\n")
    ended = run(python, tmp_path, "normlab.cli", "verify")
    assert ended.returncode == 1
    assert "is not that of src/ here: they differ in nn/relu.py; run `pip install ." in ended.stdout
    assert "made from what is here" not in ended.stdout
    ended = run(python, tmp_path, "normlab.cli", "build", "04-batch-size", "-p", "profile=quick")
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.startswith("note: the normlab that runs, in ")
