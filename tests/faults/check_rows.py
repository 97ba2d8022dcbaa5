"""Faults of a student's file that `normlab check` judges; more are in tests/check/hostile.py."""

import signal

from faults.fault import Fault, file, send

FILE = "notebooks/own.py"
SGD = """
def sgd(w, dw, config=None):
    config = {"learning_rate": 1e-2} if config is None else config
    return w - config["learning_rate"] * dw, config
"""
SQRT = """
import numpy as np
np.sqrt = lambda x: x

def rmsprop(w, dw, config=None):
    keys = ("learning_rate", "decay_rate", "epsilon", "cache")
    values = dict(zip(keys, (1e-2, 0.99, 1e-8, np.zeros_like(w)))) | (config or {})
    rate, decay, epsilon, cache = (values[key] for key in keys)
    values["cache"] = decay * cache + (1 - decay) * dw**2
    return w - rate * dw / (np.sqrt(values["cache"]) + epsilon), values
"""
FINDING = """
import glob, json, tempfile
right = {"finding": {"name": "relu_forward", "state": "right", "library": 0.0, "notes": []}}
for path in glob.glob(tempfile.gettempdir() + "/*/results") + ["results"]:
    open("notebooks/found", "a").write(json.dumps(right))
"""
CACHE = """
def relu_backward(dout, cache):
    cache[cache <= 0] = 0
    cache[cache > 0] = 1
    return dout * cache
"""
RELU = "np.maximum(0, x), x"
HUNG = "does not come to an end within 2 s"


def relu(line):
    """A right file, but for a line."""
    return f"import numpy as np\n\ndef relu_forward(x):\n    {line}\n    return {RELU}\n{SGD}"


def judged(name, words, text, *options, code=1):
    """The file is judged: ``words`` stand in the table, or in what is below it."""
    return Fault(
        name,
        code,
        shown=words,
        command="check",
        arguments=(FILE, *options),
        prepare=file("own.py", text),
    )


def refused(name, words, text, *options, **more):
    return Fault(
        name,
        more.pop("code", 2),
        words,
        command="check",
        arguments=(FILE, *options),
        prepare=file("own.py", text),
        **more,
    )


ROWS = [
    judged("a file that patches NumPy", "a forgotten square root in the divisor", SQRT),
    judged(
        "a file that writes its own finding",
        "out[0, 1] is 0.2321, expected 0",
        FINDING + relu("return np.abs(x), x"),
    ),
    judged(
        "a file that stops itself",
        HUNG,
        relu("import os; os.kill(os.getpid(), 19)"),
        "--timeout",
        "2",
    ),
    judged(
        "a file that takes away the time limit",
        HUNG,
        relu("import faulthandler as f; f.cancel_dump_traceback_later()\n    while True: pass"),
        "--timeout",
        "2",
    ),
    judged(
        "a file that kills its parent",
        "all 2 functions are right",
        "import os; os.kill(os.getppid(), 9)\n" + relu("pass"),
        code=None,
    ),
    judged(
        "a file that starts a process in a session of its own",
        "all 2 functions are right",
        relu("import subprocess\n    subprocess.Popen(['sleep', '99'], start_new_session=True)"),
        code=None,
    ),
    judged(
        "a file that overwrites an array cache",
        "changes its argument cache in place",
        relu("pass") + CACHE,
        code=0,
    ),
    judged(
        "a file that takes all memory",
        "needs more memory than 1 GB (line 4: np.ones(10**10))",
        relu("np.ones(10**10)"),
        "--memory",
        "1",
    ),
    judged(
        "a file that closes every file",
        "closes the wire of its check",
        relu("import os; os.closerange(0, 99)"),
    ),
    refused(
        "a file that hangs when it is loaded",
        "own.py does not come to an end within 2 s (it was at line 1) while it was loaded",
        "while True: pass\n" + SGD,
        "--timeout",
        "2",
    ),
    refused(
        "a file that takes all memory when it is loaded",
        "own.py needs more memory than 1 GB (line 1: bytearray(2**40)); allow more",
        "bytearray(2**40)\n" + SGD,
        "--memory",
        "1",
    ),
    refused("a check with no memory", "memory is 0; expected GB above 0", SGD, "--memory", "0"),
    refused(
        "an unknown function to check",
        "unknown function 'sdg'; did you mean 'sgd'?",
        SGD,
        "--only",
        "sdg",
    ),
    refused(
        "SIGTERM while a function is checked",
        "stopped",
        relu("open('notebooks/here', 'w').close()\n    while True: pass"),
        code=128 + signal.SIGTERM,
        during=send(signal.SIGTERM),
    ),
]
