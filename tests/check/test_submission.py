"""Nets, Solver and folders: a right submission in several styles, and planted mistakes."""

import json
import shutil
from pathlib import Path

import pytest

from normlab.check import check_file
from normlab.cli import main
from tests.check.net_mistakes import PLANTED

BASE = Path(__file__).with_name("submission")
RIGHT = Path(__file__).with_name("right")
# By someone who had not read `normlab check`.
STRANGERS = json.loads(Path(__file__).with_name("planted.json").read_text("utf-8"))


@pytest.fixture
def copy(tmp_path):
    """The folder of a right submission, to be changed."""
    return Path(shutil.copytree(BASE / "cs231n", tmp_path / "cs231n"))


def plant(copy, file, old, new):
    text = (copy / file).read_text("utf-8")
    assert text.count(old) >= 1, old
    (copy / file).write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "words"),
    [
        pytest.param(*row, marks=[pytest.mark.slow] if number % 6 else [], id=f"{row[3]}-{number}")
        for number, row in enumerate(PLANTED)
    ],
)
def test_a_planted_mistake_is_found(copy, file, old, new, name, words):
    plant(copy, file, old, new)
    (finding,) = check_file(copy / file, [name]).findings
    assert finding.state == "WRONG", finding
    if words:
        assert words in (finding.cause or ""), finding.notes


@pytest.mark.slow
@pytest.mark.parametrize("row", STRANGERS, ids=[row["id"] for row in STRANGERS])
def test_a_mistake_that_a_stranger_planted_is_found(copy, row):
    plant(copy, row["file"], row["old"], row["new"])
    name = row["where"].partition(".")[0]
    (finding,) = check_file(copy / row["file"], [name]).findings
    assert finding.state == "WRONG", (row["kind"], finding)


def states(path, *only):
    return {
        finding.name: (finding.state, finding.notes) for finding in check_file(path, only).findings
    }


def test_the_submission_is_right(capfd):
    assert main(["check", str(BASE)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[-7].split() == ["right", "variant", "WRONG", "empty", "unclear"]
    counts = [line.split()[1:] for line in lines[-6:]]
    assert counts == [[number, "-", "-", "-", "-"] for number in ("8", "20", "4", "1", "1", "2")]


@pytest.mark.slow
@pytest.mark.parametrize("style", sorted(RIGHT.iterdir()), ids=lambda folder: folder.name)
def test_a_right_submission_is_right_in_every_style(style, copy, capfd):
    shutil.copytree(style, copy, dirs_exist_ok=True)
    assert main(["check", "--json", str(copy)]) == 0
    told = json.loads(capfd.readouterr().out)
    assert len(told) >= 30
    odd = {each["name"]: each["state"] for each in told if each["state"] != "right"}
    assert odd == ({"dropout_forward": "variant"} if style.name == "old2016" else {})


@pytest.mark.slow
def test_a_class_is_a_table_by_file(copy, tmp_path, capfd):
    plant(
        copy, "classifiers/fc_net.py", "loss += 0.5 * self.reg * np.sum(self", "loss += np.sum(self"
    )
    (copy / "optim.py").write_text("print 'old'\ndef sgd(w, dw, config=None):\n    pass\n", "utf-8")
    assert main(["check", str(copy), str(BASE)]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 13
    (net,) = [line for line in lines if str(copy / "classifiers" / "fc_net.py") in line]
    assert net.split()[1:] == ["1", "-", "1", "-", "-", "FullyConnectedNet"]
    (old,) = [line for line in lines if str(copy / "optim.py") in line]
    assert "it is Python 2 code" in old


def test_json_has_one_object_a_function(copy, capfd):
    plant(copy, "classifiers/cnn.py", "+ np.sum(W3 ** 2)", "")
    assert main(["check", "--json", str(copy / "classifiers")]) == 1
    told = {each["name"]: each for each in json.loads(capfd.readouterr().out)}
    assert set(told) == {"ThreeLayerConvNet", "TwoLayerNet", "FullyConnectedNet"}
    net = told["ThreeLayerConvNet"]
    assert net["state"] == "wrong"
    assert net["cause"] == "a penalty that leaves out W3"
    assert net["file"].endswith("cnn.py")
    assert (
        "class ThreeLayerConvNet"
        in (copy / "classifiers/cnn.py").read_text().splitlines()[net["line"] - 1]
    )
    assert told["TwoLayerNet"]["errors"] == {"library": 0.0, "numerical": None}


def test_a_wrong_layer_is_to_be_mended_before_the_net_that_calls_it(copy):
    plant(copy, "layers.py", "x * mask", "x")
    plant(copy, "layers.py", "dx = dout * mask", "dx = dout")
    found = states(copy / "classifiers" / "fc_net.py")
    assert found["TwoLayerNet"][0] == "right"
    assert found["FullyConnectedNet"] == ("unclear", ["mend dropout_forward first, which it calls"])


EMPTY = """
import numpy as np
from ..layers import *

class FullyConnectedNet(object):
    def __init__(self, hidden_dims, input_dim=3072, num_classes=10, reg=0.0, weight_scale=1e-2,
                 dtype=np.float32):
        self.params = {}

    def loss(self, X, y=None):
        scores = None
        if y is None:
            return scores
        loss, grads = 0.0, {}
        return loss, grads
"""


def test_hand_outs_are_empty(copy):
    (copy / "classifiers" / "fc_net.py").write_text(EMPTY, "utf-8")
    assert states(copy / "classifiers" / "fc_net.py")["FullyConnectedNet"][0] == "empty"
    plant(
        copy,
        "layers.py",
        '        out = x * mask\n    elif mode == "test":\n        out = x\n',
        "        pass\n",
    )
    state, notes = states(copy / "layers.py", "dropout_forward")["dropout_forward"]
    assert state == "empty"
    assert "'NoneType' object has no attribute 'astype'" in notes[0]


NEEDLESS = """
import torch
from past.builtins import xrange
from .nowhere import *
from cs231n.im2col_cython import col2im_cython, im2col_cython, col2im_6d_cython

@torch.no_grad()
def other(x):
    return torch.zeros(3)

class Module(torch.nn.Module):
    pass
"""


def test_neighbours_that_cannot_be_imported_are_stood_in_for(copy):
    text = (copy / "layers.py").read_text("utf-8")
    (copy / "layers.py").write_text(
        NEEDLESS + text.replace("for n in range", "for n in xrange"), "utf-8"
    )
    checked = check_file(copy / "layers.py")
    assert {finding.state for finding in checked.findings} == {"right"}
    assert any("torch does not load: ModuleNotFoundError" in hint for hint in checked.hints)
    assert not any("past" in hint for hint in checked.hints)


COMPILED = """
from .im2col_cython import im2col_cython, col2im_cython

def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    size = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    cols = im2col_cython(x, HH, WW, pad, stride)
    out = (w.reshape(F, -1).dot(cols) + b[:, None]).reshape(F, *size, N).transpose(3, 0, 1, 2)
    return out, (x, w, b, conv_param, cols)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param, cols = cache
    rows = dout.transpose(1, 2, 3, 0).reshape(len(w), -1)
    dw = rows.dot(cols.T).reshape(w.shape)
    size = (*x.shape, *w.shape[2:], conv_param["pad"], conv_param["stride"])
    return col2im_cython(w.reshape(len(w), -1).T.dot(rows), *size), dw, dout.sum(axis=(0, 2, 3))
"""


def test_compiled_modules_have_a_stand_in(tmp_path):
    (tmp_path / "fast.py").write_text(COMPILED, "utf-8")
    assert {state for state, _ in states(tmp_path / "fast.py").values()} == {"right"}


def test_what_needs_a_neighbour_that_is_python_2_says_so(copy):
    text = (copy / "layers.py").read_text("utf-8")
    (copy / "layers.py").write_text(text + "\nprint 'done'\n", "utf-8")
    state, notes = states(copy / "classifiers" / "cnn.py")["ThreeLayerConvNet"]
    assert state == "unclear"
    assert "layers does not load: it is Python 2 code" in notes[0]
    (copy / "own.py").write_text(
        "def sgd(w, dw, config=None):\n    for i in xrange(3): pass\n", "utf-8"
    )
    state, notes = states(copy / "own.py")["sgd"]
    assert state == "WRONG"
    assert "that is Python 2, use range" in notes[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "no file nowhere; pass a Python file, or a folder, with your own layers"),
        (["."], "no file in . defines a name of the assignment"),
        ([str(BASE), "--only", "FullyConectedNet"], "did you mean 'FullyConnectedNet'?"),
        (
            [str(BASE / "cs231n" / "optim.py"), "--json", "--only", "Solver"],
            "no file defines Solver",
        ),
    ],
)
def test_what_cannot_be_checked_is_refused_in_one_line(
    arguments, words, tmp_path, monkeypatch, capfd
):
    monkeypatch.chdir(tmp_path)
    assert main(["check", *arguments]) == 2
    err = capfd.readouterr().err
    assert words in err
    assert err.count("\n") == 1


ODD = [
    ("classifiers/fc_net.py", "return loss, grads\n\n\n", 'return "a", grads\n\n\n', "TwoLayerNet"),
    ("classifiers/cnn.py", "return loss, grads", "return loss, list(grads)", "ThreeLayerConvNet"),
    ("classifiers/cnn.py", "return loss, grads", "return loss, {k: 'x' for k in grads}",
     "ThreeLayerConvNet"),
    ("classifiers/cnn.py", "self.params[k] = v.astype(dtype)", "self.params[k] = str(k)",
     "ThreeLayerConvNet"),
    ("classifiers/cnn.py", "self.params = {}", "self.params = self.__dict__ = {}",
     "ThreeLayerConvNet"),
    ("classifiers/fc_net.py", "        return loss, grads", "        return loss, ({} if self."
     "use_dropout else grads) if hasattr(self, 'use_dropout') else grads", "FullyConnectedNet"),
    ("solver.py", "self.loss_history.append(loss)", "self.loss_history.append(str(loss))", "Solver"),
    ("solver.py", "self.val_acc_history.append(val_acc)", "self.val_acc_history = None", "Solver"),
    ("solver.py", "self.model.params = self.best_params", "self.model.params = [1]", "Solver"),
    ("solver.py", "return np.mean(y_pred == y)", "return 'all'", "Solver"),
    ("solver.py", "class Solver(object):", "def Solver(*a, **k): pass\nclass Other(object):", "Solver"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "name"), ODD, ids=range(len(ODD)))
def test_whatever_a_class_returns_is_told(copy, file, old, new, name):
    text = (copy / file).read_text("utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new), "utf-8")
    (finding,) = check_file(copy / file, [name]).findings
    assert finding.state in ("WRONG", "empty"), finding
    assert finding.notes
