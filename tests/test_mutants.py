"""docs/mutants.md is that of the last measurement, and `make mutants` fails when it should."""

import json
import re

import pytest

from tools.mutants import page
from tools.mutants.__main__ import main
from tools.mutants.targets import SUITES, Suite, targets

MEASURED = json.loads(page.MEASUREMENTS.read_text("utf-8"))
REASONS = page.reasons()
every_suite = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.package)


def test_what_is_published_was_enough_and_explained():
    assert page.too_few(MEASURED) == []
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
    return dout * cache  # more words


class Net:
    def loss(self):
        return 0

    def forward(self):
        return 1
'''


def found(root):
    folder = root / "src/lab/nn"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale.py").write_text(CODE, "utf-8")
    return targets(Suite("lab.nn", "tests", frozenset({"Net.loss"})), root)


def test_targets(tmp_path):
    scale, loss = found(tmp_path)
    assert (scale.name, loss.name) == ("lab.nn.scale.scale_backward", "lab.nn.scale.Net.loss")
    assert scale.pattern == "lab.nn.scale.x_scale_backward__mutmut_*"
    assert loss.pattern == "lab.nn.scale.xǁNetǁloss__mutmut_*"


def test_too_few_killed_are_named():
    alive = [{"before": "a", "after": str(number)} for number in range(6)]
    suites = {suite.package: {"f": {"mutants": 100, "survivors": []}} for suite in SUITES}
    suites["normlab.nn"] = {"f": {"mutants": 100, "survivors": alive[:5]}}
    assert page.too_few({"suites": suites}) == []
    suites["normlab.nn"] = {"f": {"mutants": 100, "survivors": alive}}
    (line,) = page.too_few({"suites": suites})
    assert line == "normlab.nn: 94 of 100 mutants killed (94.0%), expected 95%"


@pytest.mark.parametrize(
    ("survivors", "why"),
    [(["b"], "survivor without a reason"), (["b"] * 9, "killed (10.0%), expected 95%")],
)
def test_making_them_fails(survivors, why, monkeypatch, tmp_path):
    changes = [{"before": "a", "after": after} for after in survivors]
    measured = {"f": {"mutants": 10, "survivors": changes}}
    monkeypatch.setattr("tools.mutants.mutmut.version", lambda: "1")
    monkeypatch.setattr("tools.mutants.mutmut.run", lambda suite, folder: measured)
    for name in ("PAGE", "MEASUREMENTS"):
        monkeypatch.setattr(page, name, tmp_path / name)
    monkeypatch.setattr("sys.argv", ["mutants"])
    with pytest.raises(SystemExit, match=re.escape(why)):
        main()
    assert "**Unexplained.**" in page.PAGE.read_text("utf-8")


def test_what_is_unexplained_is_named():
    change = {"before": "a", "after": "b"}
    measured = {"suites": {"lab": {"f": {"survivors": [change]}}}}
    (alive,) = page.unexplained(measured, {})
    assert alive == "survivor without a reason in docs/mutants/reasons.toml: f: a -> b"
    (gone,) = page.unexplained({"suites": {}}, {("f", "a", "b"): "why"})
    assert gone.startswith("reason without a survivor")
    assert page.unexplained(measured, {("f", "a", "b"): "why"}) == []
