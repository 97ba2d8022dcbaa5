"""docs/mutants.md is that of the measurement, and the measurement that of the present code."""

import json

import pytest

from tools.mutants import page
from tools.mutants.targets import SUITES, Suite, targets

MEASURED = json.loads(page.MEASUREMENTS.read_text("utf-8"))
REASONS = page.reasons()
every_suite = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.package)


@every_suite
def test_the_measured_functions_are_those_of_the_source(suite):
    results = MEASURED["suites"][suite.package]
    measured = {name: result["source"] for name, result in results.items()}
    now = {target.name: target.source for target in targets(suite)}
    changed = sorted(name for name, _ in measured.items() ^ now.items())
    assert not changed, "other code than docs/mutants.md was measured with: run `make mutants`"


@every_suite
def test_the_tests_kill_nearly_all(suite):
    results = MEASURED["suites"][suite.package]
    assert all(result["mutants"] for result in results.values())
    killed, mutants = page.killed(results)
    assert killed >= page.LEAST * mutants


def test_every_survivor_has_a_reason_and_every_reason_a_survivor():
    assert page.unexplained(MEASURED, REASONS) == []


def test_the_page_is_that_of_the_measurements():
    assert page.page(MEASURED, REASONS) == page.PAGE.read_text("utf-8")


@every_suite
def test_functions_named_beside_those_of_the_name_are_found(suite):
    found = {target.name for target in targets(suite)}
    for name in suite.also:
        assert any(one.endswith(f".{name}") for one in found), name


CODE = '''
def scale_backward(dout, cache):
    """Words."""
    return {} * cache  # more words


class Net:
    def loss(self):
        return 0

    def forward(self):
        return 1
'''


def found(root, factor):
    folder = root / "src/lab/nn"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale.py").write_text(CODE.format(factor), "utf-8")
    return targets(Suite("lab.nn", "tests", frozenset({"Net.loss"})), root)


def test_targets(tmp_path):
    scale, loss = found(tmp_path, "dout")
    assert (scale.name, loss.name) == ("lab.nn.scale.scale_backward", "lab.nn.scale.Net.loss")
    assert scale.pattern == "lab.nn.scale.x_scale_backward__mutmut_*"
    assert loss.pattern == "lab.nn.scale.xǁNetǁloss__mutmut_*"
    assert found(tmp_path, "(dout)") == [scale, loss]
    changed, unchanged = found(tmp_path, "-dout")
    assert changed.source != scale.source
    assert unchanged == loss


def test_what_is_unexplained_is_named():
    change = {"before": "a", "after": "b"}
    measured = {"suites": {"lab": {"f": {"survivors": [change]}}}}
    (alive,) = page.unexplained(measured, {})
    assert alive == "survivor without a reason in docs/mutants/reasons.toml: f: a -> b"
    (gone,) = page.unexplained({"suites": {}}, {("f", "a", "b"): "why"})
    assert gone.startswith("reason without a survivor")
    assert page.unexplained(measured, {("f", "a", "b"): "why"}) == []
