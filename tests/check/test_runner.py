"""Whole files, each in a process of its own: loops, exits, imports, and what the terminal shows."""

from pathlib import Path

import pytest

from normlab.check import CheckError, as_text, check_file
from normlab.check.assignment import hints
from normlab.cli import main

FILE = Path(__file__).with_name("solution.py")
RIGHT = FILE.read_text("utf-8")

STOPPERS = """
import os
import threading
import time

threading.Thread(target=time.sleep, args=[60]).start()  # must not delay the end

def relu_forward(x):
    while True: pass

def relu_backward(dout, cache):
    return dout

def sgd(w, dw, config=None):
    os._exit(3)

def batchnorm_backward(dout, cache):
    print("noise" * 100_000)

def sgd_momentm(w, dw, config=None):
    return w, config

"""

REFUSED = [
    ("", "defines no function under a name of the assignment (names: affine_forward"),
    ("def batchnorm_fwd(x): pass", "batchnorm_fwd: did you mean batchnorm_forward?"),
    ("import numpy\ndef f(:", "own.py, line 2: invalid syntax"),
    ("import nosuchmodule\n1 / 0", "raises ModuleNotFoundError: No module named 'nosuchmodule'"),
    ("from past.builtins import xrange", "defines no function under a name of the assignment"),
    ("def f():\n    print 'x'", "it is Python 2 code, write it for Python 3"),
    ("import sys\nsys.exit(2)", "own.py raises SystemExit: 2 (line 2: sys.exit(2))"),
    ("import os\nos._exit(0)", "ends Python with exit code 0 while it was loaded"),
    ("\nwhile True: pass", "does not come to an end within 1 s (it was at line 2) while it was"),
]


def test_all_right_on_the_command_line(capfd):
    assert main(["check", str(FILE)]) == 0
    out, err = capfd.readouterr()
    assert out.endswith("\nall 19 functions are right\n")
    assert err == ""


def test_a_wrong_function_on_the_command_line(tmp_path, capfd):
    path = tmp_path / "own layers.py"
    path.write_text(RIGHT.replace("np.var(x, axis=0)", "np.var(x, axis=0, ddof=1)"), "utf-8")
    only = ["--only", "batchnorm_forward", "--only", "adam", "--only", "batchnorm_backward"]
    assert main(["check", str(path), *only]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert lines[1].split()[:2] == ["batchnorm_forward", "WRONG"]
    assert lines[3].strip().startswith("looks like the unbiased variance")
    assert lines[4].strip().startswith("running_var[0] is ")
    assert lines[5].strip().startswith("looks like the unbiased variance")
    assert lines[6].split()[:2] == ["batchnorm_backward", "unclear"]
    assert lines[7].strip() == "mend batchnorm_forward first, whose cache it reads"
    assert lines[-1] == "1 of 3 functions is right"


def test_loops_and_exits_stop_one_function_alone(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(STOPPERS, "utf-8")
    checked = check_file(path, timeout=1)
    notes = {finding.name: (finding.state, finding.notes[0]) for finding in checked.findings}
    assert notes == {
        "relu_forward": ("WRONG", "does not come to an end within 1 s (it was at line 9)"),
        "relu_backward": ("unclear", "mend relu_forward first, which does not return"),
        "sgd": ("WRONG", "ends Python with exit code 3"),
        "batchnorm_backward": (
            "unclear",
            "define batchnorm_forward in the same file; batchnorm_backward reads its cache",
        ),
    }
    assert "sgd_momentm: did you mean sgd_momentum?" in as_text(checked)


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_a_file_that_cannot_be_checked_is_refused_in_one_line(text, words, tmp_path):
    path = tmp_path / "own.py"
    path.write_text(text, "utf-8")
    with pytest.raises(CheckError) as refused:
        check_file(path, timeout=1)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("line", ["from .layers import *", "from cs231n.layers import *"])
def test_imports_of_the_assignment_find_their_files(line, tmp_path):
    folder = tmp_path / "cs231n"
    folder.mkdir()
    (folder / "layers.py").write_text(RIGHT, "utf-8")
    text = RIGHT[RIGHT.index("def affine_relu_forward") : RIGHT.index("def batchnorm_forward")]
    (folder / "layer_utils.py").write_text(f"{line}\n\n{text}", "utf-8")
    findings = check_file(folder / "layer_utils.py").findings
    assert [(finding.name, finding.state) for finding in findings] == [
        ("affine_relu_forward", "right"),
        ("affine_relu_backward", "right"),
    ]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("batch_norm_forward", "batchnorm_forward"),
        ("relu_foward", "relu_forward"),
        ("FullyConnectedNett", "FullyConnectedNet"),
        *((name, None) for name in (
            "affine_batchnorm_relu_forward", "conv_forward_strides", "max_pool_forward_reshape",
            "conv_forward_fast", "leaky_relu_forward", "elu_forward", "adamw",
            "spatial_layernorm_forward", "lstm_forward", "temporal_softmax_loss",
        )),
    ],
)  # fmt: skip
def test_a_name_mistyped_is_told_and_another_is_not(name, near):
    assert hints([name]) == ([f"{name}: did you mean {near}?"] if near else [])
