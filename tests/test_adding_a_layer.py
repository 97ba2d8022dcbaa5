"""The walks of docs/adding-a-layer.md and CONTRIBUTING.md, in a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "adding-a-layer.md").read_text("utf-8")
FILE, LINE = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
FOLDER = "src/normlab/nn/layers/normalization"
STUDENT = """
import numpy as np

def dyisru_forward(x, alpha, gamma, beta):
    root = np.sqrt(alpha + x**2)
    return gamma * x / root + beta, (x, root, alpha, gamma)

def dyisru_backward(dout, cache):
    x, root, alpha, gamma = cache
    inner = dout * gamma / root**3
    dalpha = (-0.5 * inner * x).sum(axis=0)
    return inner * alpha, dalpha, (dout * x / root).sum(axis=0), {dbeta}
"""
TABLE = """
from normlab.experiments.gradient_checks import all_checks
errors = {c.gradient: c.complex_error() for c in all_checks(0) if c.layer == "dyisru"}
print(*errors)
assert max(errors.values()) < 1e-12
assert any(c.layer == "net, dyisru" for c in all_checks(0))
"""
RUN = """
import numpy as np
from normlab import study
X, y = np.random.default_rng(0).standard_normal((40, 3, 3)), np.arange(40) % 4
data = {"X_train": X, "y_train": y, "X_val": X, "y_val": y}
config = study.TrainingConfig(hidden_dims=(8,), normalization="dyisru", batch_size=10, epochs=2)
print(study.train(config, data).diverged_at)
"""


@pytest.fixture
def project(tmp_path):
    for name in ("notebooks", "src", "tests", "tools", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(project, *arguments):
    environment = os.environ | {"PYTHONPATH": "src", "NORMLAB_RUNS": str(project / "runs")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def built(project, name):
    """What a quick build says on the terminal, and its table of results by method."""
    done = run(
        project, "-m", "normlab.cli", "build", name, "-p", "profile=quick", "--output", "pages"
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((project / "pages" / f"{name}.json").read_text("utf-8"))
    return done.stdout + done.stderr, results


@pytest.mark.slow
def test_a_layer_is_one_file_and_one_line(project):
    (project / FOLDER / "dyisru.py").write_text(FILE, "utf-8")
    names = project / FOLDER / "__init__.py"
    old = "from normlab.nn.layers.normalization import batchnorm, dyt, layernorm, rmsnorm\n"
    text = names.read_text("utf-8")
    assert old in text
    names.write_text(text.replace(old, LINE), "utf-8")

    table = run(project, "-c", TABLE)
    assert table.stdout.split() == ["x", "alpha", "gamma", "beta"], table.stderr
    tests = run(project, "-m", "pytest", "-q", "tests/nn/test_layers.py", "-k", "dyisru")
    assert " passed" in tests.stdout, tests.stdout
    for dbeta, verdict in (("dout.sum(axis=0)", "right"), ("dout.mean(axis=0)", "WRONG")):
        (project / "mine.py").write_text(STUDENT.format(dbeta=dbeta), "utf-8")
        judged = run(project, "-m", "normlab.cli", "check", "mine.py")
        found = {line.split()[0]: line.split()[1] for line in judged.stdout.splitlines() if line}
        assert found["dyisru_forward"] == "right", judged.stdout
        assert found["dyisru_backward"] == verdict, judged.stdout
    trained = run(project, "-c", RUN)
    assert trained.stdout.strip() == "None", trained.stderr


@pytest.mark.slow
def test_an_edit_of_eps_fails_a_test_and_moves_a_number(project):
    said, before = built(project, "02-deep-networks")
    assert "stands aside" not in said
    path = project / FOLDER / "standardize.py"
    text = path.read_text("utf-8")
    assert text.count("Number(1e-5") == 1
    path.write_text(text.replace("Number(1e-5", "Number(1e-1"), "utf-8")
    tests = run(project, "-m", "pytest", "-q", "tests/nn/test_normalization.py")
    assert " failed" in tests.stdout
    said, after = built(project, "02-deep-networks")
    assert "batchnorm, layernorm: edited, so the compiled code stands aside" in said
    assert before["claims"] != after["claims"]


def test_a_newcomer_finds_the_page():
    for name in ("README.md", "CONTRIBUTING.md"):
        assert "(docs/adding-a-layer.md)" in (ROOT / name).read_text("utf-8")
