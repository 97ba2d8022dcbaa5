"""Whatever a file does, each function is judged by its numbers, and within its time."""

import subprocess
import sys
import time

import numpy as np
import processes
import pytest

from normlab.check import CheckError, check_file
from normlab.check.solution import Solution
from tests.check.hostile import HOSTILE, LONG, SGD, when_called

TIMEOUT, PATIENT = 1.0, 20.0  # seconds, where a function hangs, and where it must not be cut off
BUSY = 5  # seconds for the starts of processes where others compute, too
QUICK = {
    "NumPy is patched",
    "normlab is patched",
    "a subclass that lies",
    "it stops itself",
    "it kills its parent",
    "an orphan in another session",
    "a thread goes on",
    "garbage on the wire",
    "a forged end",
    "a huge array",
    "an error with an escape code",
    "memory",
}
ROWS = [
    pytest.param(*row, id=row[0], marks=[] if row[0] in QUICK else pytest.mark.slow)
    for row in HOSTILE
]


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Where to write a file; afterwards no process may be left that it started."""
    mark = f"NORMLAB_HOSTILE={tmp_path}"
    monkeypatch.setenv(*mark.split("=", 1))
    yield tmp_path / "own.py"
    assert not processes.end_all(mark, patience=5)


def test_the_quick_rows_are_there():
    assert {name for name, *_ in HOSTILE} > QUICK


@pytest.mark.parametrize(("name", "words", "text"), ROWS)
def test_whatever_a_file_does(name, words, text, path):
    path.write_text(text, "utf-8")
    timeout = TIMEOUT if words == LONG else PATIENT
    began = time.monotonic()
    found = {f.name: f for f in check_file(path, timeout=timeout, memory=1).findings}
    assert time.monotonic() - began < timeout + 2 + BUSY
    assert found["relu_forward"].state == "WRONG"
    assert found["relu_forward"].notes[0].startswith(words), found["relu_forward"].notes
    assert all(note.isprintable() for note in found["relu_forward"].notes)
    assert found["sgd"].state == "right", found["sgd"].notes
    assert len(found) == 2


LOADING = [
    ("os.closerange(3, 99)", "own.py closes the wire of its check while it was loaded"),
    ("os.kill(os.getpid(), 19)", "own.py does not come to an end within 1 s while it was loaded"),
    ("np.ones(10**10)", "own.py needs more memory than 1 GB (line 3: np.ones(10**10)); allow more"),
    ("print('x' * 10**7, file=open('/dev/full', 'w'))", "own.py raises OSError: [Errno 28] No"),
    ("(" * 999, "own.py, line 3: too many nested parentheses; mend the syntax"),
    ("x = " + "-" * 10**5 + "1", "; mend the syntax"),
    (
        "class adam(metaclass=type('M', (type,), {'__getattribute__': lambda c, n: 1 / 0})): pass",
        "own.py raises ZeroDivisionError: division by zero (line 3: class adam",
    ),
    ("raise ValueError('\\x1b[31mred')", r"own.py raises ValueError: \x1b[31mred (line 3: raise "),
]


@pytest.mark.parametrize(("line", "words"), LOADING)
def test_whatever_a_file_does_when_it_is_loaded(line, words, path):
    path.write_text(f"import os\nimport numpy as np\n{line}\n{SGD}", "utf-8")
    with pytest.raises(CheckError) as refused:
        check_file(path, timeout=TIMEOUT if "within" in words else PATIENT, memory=1)
    assert words in str(refused.value)
    assert str(refused.value).isprintable()


def test_a_file_that_cannot_be_loaded_again_costs_no_more_time(path):
    again = "if os.path.exists(__file__ + '.1'): time.sleep(99)\nopen(__file__ + '.1', 'w')\n"
    text = when_called("", "", "os._exit(1)")[2].replace("\n\n", f"\n{again}", 1)
    path.write_text(text + SGD.replace("sgd", "adam"), "utf-8")
    found = check_file(path, timeout=TIMEOUT, memory=1).findings
    assert [f.notes[0][:27] for f in found] == [
        "ends Python with exit code ",
        *["no second process: own.py d"] * 2,
    ]


def test_a_function_is_not_blamed_for_another_that_hangs(path):
    path.write_text(
        "def relu_forward(x):\n    while True: pass\n\ndef relu_backward(dout, cache): pass\n"
    )
    found = check_file(path, ["relu_backward"], timeout=TIMEOUT).findings
    assert found[0].state == "unclear"
    assert found[0].notes == ["relu_forward does not come to an end within 1 s (it was at line 2)"]


SEEN = """
import numpy as np

def relu_forward(x):
    for array in (x,):
        assert array.flags.owndata and array.flags.writeable and array.flags.aligned
        assert not seen & {id(array)}
    kept.append(x)
    seen.add(id(x))
    return x.copy(order="K"), x

kept, seen = [], set()
"""


@pytest.mark.parametrize("kind", ["f8", ">f8", "f4", "i8", "u1", "?", "c16"])
@pytest.mark.parametrize("order", "CF")
def test_arrays_cross_bit_for_bit(kind, order, path):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 255, (3, 5, 2)).astype(kind)
    array = np.array(values, order=order)
    if array.dtype.kind == "f":
        array[0, 0] = np.nan, -0.0
    path.write_text(SEEN)
    with Solution(path, path.read_bytes()) as solution:
        solution.begin("relu_forward")
        for given in (array, array[:0], array[0, 0, 0, ...], array[::2, ::-1]):
            answer = solution.call("relu_forward", given)
            out, x = answer.result
            for back in (out, x, answer.arguments[0]):
                assert back.dtype == given.dtype
                assert back.shape == given.shape
                assert back.tobytes() == given.tobytes()
                if given is array:
                    assert back.flags.f_contiguous == (order == "F")
            assert answer.changed == []


CHANGES = [
    ("x[0] = 2", [0]),
    ("x += 0", []),
    ("x.shape = (-1,)", [0]),
    ("x.dtype = np.int64", [0]),
    ("x.resize((9, 9), refcheck=False)", [0]),
    ("param['more'] = param['eps'] = 3.0", []),
    ("cache[0]['a'].a *= 2", [2]),
    ("cache[0]['b'] = 1", []),
    ("cache.clear()", []),
]
HOLDER = """
import numpy as np

class Holder:
    def __init__(self): self.a = np.ones(3)

def forward(): return 1.0, [{"a": Holder(), "b": np.zeros(2)}]

def affine_forward(x, param, cache):
    CHANGE
    return x
"""


@pytest.mark.parametrize(("change", "changed"), CHANGES)
def test_the_judge_sees_what_a_function_changes(change, changed, path):
    path.write_text(HOLDER.replace("CHANGE", change))
    with Solution(path, path.read_bytes()) as solution:
        solution.begin("affine_forward")
        cache = solution.call("forward").kept[1]
        x = np.ones((2, 3))
        answer = solution.call("affine_forward", x, {"eps": 0.5, "mode": "train"}, cache)
        assert answer.changed == changed
        assert np.array_equal(x, np.ones((2, 3)))
        assert ("more" in answer.arguments[1].entries) == ("more" in change)


OVERWRITTEN = """
import numpy as np

def relu_forward(x):
    return np.maximum(0, x), CACHE

def relu_backward(dout, cache):
    x = cache
    x[x <= 0] = 0
    x[x > 0] = 1
    return x * dout
"""


@pytest.mark.parametrize("cache", ["x", "x.copy()"])
def test_a_cache_that_is_an_array_and_changed_is_told(cache, path):
    path.write_text(OVERWRITTEN.replace("CACHE", cache))
    forward, backward = check_file(path).findings
    assert forward.state == "right"
    assert backward.state == "right"
    assert backward.notes == [
        "changes its argument cache in place, which the caller may still need; write into a copy"
    ]


def test_a_buffer_used_again_and_again_is_right(path):
    path.write_text(
        "import numpy as np\nbuffer = {}\n"
        "def relu_forward(x):\n"
        "    out = buffer.setdefault(x.shape, np.empty(x.shape))\n"
        "    return np.maximum(0, x, out=out), x\n"
        "def relu_backward(dout, x): return dout * (x > 0)\n"
    )
    assert [f.state for f in check_file(path).findings] == ["right", "right"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"memory": 0}, "memory is 0; expected GB above 0"),
        ({"memory": float("nan")}, "memory is nan; expected GB above 0"),
        ({"memory": 0.01}, "can be started with 0.01 GB of memory; allow more with --memory"),
        ({"timeout": -1}, "timeout is -1; expected seconds above 0"),
    ],
)
def test_limits_that_cannot_be_meant(options, words, path):
    path.write_text(SGD)
    with pytest.raises(CheckError, match=words):
        check_file(path, **options)


def test_a_check_that_is_killed_leaves_nothing(path):
    path.write_text(
        "import subprocess\nsubprocess.Popen(['sleep', '99'], start_new_session=True)\n"
        "open(__file__ + '.1', 'w')\nwhile True: pass\n"
    )
    check = subprocess.Popen([sys.executable, "-m", "normlab.cli", "check", str(path)])
    while not path.with_name("own.py.1").exists():
        assert check.poll() is None
        time.sleep(0.02)
    check.kill()  # what it started ends by itself: the fixture looks
    check.wait()
