"""Files that would be judged otherwise than they are, or not at all: (name, words, file).

``words`` begin the one note on relu_forward, whose numbers are wrong where it returns any; sgd,
which comes after it, is right.
"""

SGD = """
def sgd(w, dw, config=None):
    config = {"learning_rate": 1e-2} if config is None else config
    return w - config["learning_rate"] * dw, config
"""
ABS = "out[0, 1] is 0.2321, expected 0 (x (5, 4))"
LONG, CUT = "does not come to an end within 1 s", "closes the wire of its check"
FORGED = "writes into the wire of its check"


def when_called(name, words, *lines):
    """The function does it, and then returns the absolute value."""
    body = "".join(f"    {line}\n" for line in lines)
    return name, words, f"{IMPORTS}\ndef relu_forward(x):\n{body}    return np.abs(x), x\n{SGD}"


def when_loaded(name, words, *lines):
    return name, words, "\n".join([*lines, when_called(name, words, "pass")[2]])


def returns(name, words, result, *lines):
    return when_called(name, words, *lines, f"return {result}")


IMPORTS = "import os, signal, subprocess, sys, threading, time\nimport numpy as np\n"
EACH = "for file in range(3, 20):"
QUIET = "    except OSError: pass"

HOSTILE = [
    # It makes itself right
    when_loaded(
        "NumPy is patched",
        ABS,
        "import numpy as np",
        "right = np.maximum",
        "np.array_equal = np.allclose = lambda *a, **k: True",
        "np.max = lambda *a, **k: 0.0",
        "np.isfinite = lambda x: False",
        "np.array = np.asarray = np.errstate = np.ndarray = np.dtype = None",
        "np.sqrt = lambda x: x",
    ),
    when_loaded(
        "normlab is patched",
        ABS,
        "from normlab import nn",
        "from normlab.check import findings, layers, runner, solution",
        "nn.relu_forward = lambda x: (abs(x), x)",
        "nn.rel_error = lambda *a: 0.0",
        "findings.distance = layers.distance = lambda *a: 0.0",
        "layers.compare = runner.check = lambda *a: None",
    ),
    when_loaded(
        "the results are looked for",
        ABS,
        "import glob, sys, tempfile",
        "for path in glob.glob(tempfile.gettempdir() + '/normlab-*/results'):",
        '    open(path, \'a\').write(\'{"finding": {"name": "relu_forward"}}\')',
    ),
    when_loaded(
        "its arguments are those of a command",
        ABS,
        "import argparse",
        "argparse.ArgumentParser().parse_args()",
    ),
    returns(
        "an array that lies",
        "out is of type Liar",
        "Liar(x), x",
        "class Liar:",
        "    def __init__(self, x): self.shape, self.dtype = x.shape, x.dtype",
        "    def __array__(self, *a, **k): return np.maximum(x, 0)",
        "    def __eq__(self, other): return True",
    ),
    returns(
        "a subclass that lies",
        "out is of type Liar",
        "np.abs(x).view(Liar), x",
        "class Liar(np.ndarray):",
        "    def __array__(self, *a, **k): return np.maximum(x, 0)",
        "    def tobytes(self, *a): return np.maximum(x, 0).tobytes()",
        "    def __sub__(self, other): return 0 * other",
    ),
    returns(
        "an array of objects",
        "out has dtype object, expected float64",
        "np.maximum(x, 0).astype(object), x",
    ),
    when_called(
        "the interpreter's own files",
        ABS,
        "for file in os.listdir(f'/proc/{os.getppid()}/fd'):",
        "    try: os.stat(f'/proc/{os.getppid()}/fd/{file}')",
        QUIET,
    ),
    # It does not end
    when_called("it stops itself", LONG, "os.kill(os.getpid(), signal.SIGSTOP)"),
    when_called("it stops its group", LONG, "os.killpg(0, signal.SIGSTOP)"),
    when_called("it stops its parent", ABS, "os.kill(os.getppid(), signal.SIGSTOP)"),
    when_loaded("it kills its parent", ABS, "import os", "os.kill(os.getppid(), 9)"),
    when_called("it kills its group", "ends Python by signal 9", "os.killpg(0, signal.SIGKILL)"),
    when_called(
        "no trace",
        LONG,
        "import faulthandler",
        "faulthandler.cancel_dump_traceback_later()",
        "while True: pass",
    ),
    when_called(
        "signals are ignored",
        LONG,
        "for number in range(1, 65):",
        "    try: signal.signal(number, signal.SIG_IGN)",
        "    except (OSError, ValueError): pass",
        "while True: time.sleep(9)",
    ),
    when_called("it forks", ABS, "os.fork()"),
    when_called(
        "an orphan holds the wire",
        "ends Python with exit code 4",
        "if os.fork() == 0: time.sleep(99)",
        "os._exit(4)",
    ),
    when_called(
        "an orphan in another session",
        "ends Python with exit code 4",
        "if os.fork() == 0: os.setsid(); time.sleep(99)",
        "os._exit(4)",
    ),
    when_called(
        "a daemon",
        ABS,
        "if os.fork() == 0:",
        "    os.setsid()",
        "    if os.fork() == 0: time.sleep(99)",
        "    os._exit(0)",
    ),
    when_called(
        "64 processes, each in a session of its own",
        LONG,
        "for _ in range(6):",
        "    if os.fork() == 0: os.setsid()",
        "time.sleep(99)",
    ),
    when_called("a thread goes on", ABS, "threading.Thread(target=time.sleep, args=[99]).start()"),
    when_called(
        "an exit that takes long",
        "raises SystemExit: 0 (line",
        "import atexit",
        "atexit.register(time.sleep, 99)",
        "sys.exit(0)",
    ),
    # It disturbs the talk
    when_called("it prints", ABS, "print('x' * 10**7)", "os.write(2, b'x' * 10**7)"),
    when_called("it prints for ever", LONG, "while True: os.write(1, b'x' * 10**6)"),
    when_called("it asks", "raises EOFError", "input()"),
    when_called("files are closed", CUT, "os.closerange(0, 99)"),
    when_called(
        "garbage on the wire", FORGED, EACH, "    try: os.write(file, b'garbage' * 99)", QUIET
    ),
    when_called(
        "no end of garbage",
        FORGED,
        "while True:",
        f"    {EACH}",
        "        try: os.write(file, bytes(10**6))",
        f"    {QUIET}",
    ),
    when_called(
        "half a message",
        LONG,
        EACH,
        "    try: os.write(file, bytes([0, 0, 255, 255]))",
        QUIET,
        "time.sleep(99)",
    ),
    when_called(
        "a message that drips",
        LONG,
        "import json",
        "head = json.dumps(",
        "    {'arrays': [['|u1', [10**7], 'C']]}).encode()",
        "message = len(head).to_bytes(4, 'big') + head",
        EACH,
        "    try: os.write(file, message)",
        QUIET,
        "while True:",
        "    time.sleep(1e-4)",
        f"    {EACH}",
        "        try: os.write(file, b'x')",
        f"    {QUIET}",
    ),
    when_called(
        "no end of words to its parent",
        CUT,
        "report = open(f'/proc/{os.getppid()}/fd/1', 'wb', 0)",
        "while True: report.write(b'x' * 999)",
    ),
    when_called(
        "a forged end",
        "ends Python with exit code 0",
        "open(f'/proc/{os.getppid()}/fd/1', 'wb', 0).write(b'0\\n')",
        "time.sleep(99)",
    ),
    when_called(
        "it holds its parent's lifeline",
        LONG,
        "global line",
        "line = open(f'/proc/{os.getppid()}/fd/0', 'r+b', 0)",
        "time.sleep(99)",
    ),
    when_called("it becomes another program", CUT, "os.execv('/bin/sleep', ['sleep', '99'])"),
    when_called("it reads the wire", LONG, EACH, "    try: os.read(file, 10**6)", QUIET),
    # It returns what is no answer
    returns("a generator", "out is of type generator", "(i for i in iter(int, 1)), x"),
    returns(
        "a tuple in itself", "out is of type list", "loop, loop", "loop = []", "loop.append(loop)"
    ),
    returns(
        "a tuple a hundred thousand deep",
        "out is of type tuple",
        "deep, x",
        "deep = ()",
        "for _ in range(10**5): deep = (deep,)",
    ),
    returns(
        "a huge array",
        "out has shape (1000000, 1000000), expected (5, 4)",
        "np.broadcast_to(x[0, 0], (10**6, 10**6)), x",
    ),
    returns("80 MB", "out has shape (10000000,), expected (5, 4)", "np.zeros(10**7), x"),
    returns("a number of a thousand digits", "out is of type int", "10**1000, x"),
    returns(
        "a type with an escape code in its name",
        r"out is of type \x1b[2J; expected",
        "type('\\x1b[2J', (), {})(), x",
    ),
    when_called(
        "an error with an escape code",
        r"raises ValueError: \x1b[31mred (line",
        "raise ValueError('\\x1b[31mred')",
    ),
    when_called(
        "an error that has no words",
        "raises Mute (line",
        "class Mute(Exception):",
        "    def __str__(self): raise self",
        "raise Mute",
    ),
    when_called("an error that is no Exception", "raises GeneratorExit", "raise GeneratorExit"),
    # It changes what is around it
    when_called("the folder and the environment", ABS, "os.chdir('/')", "os.environ.clear()"),
    returns(
        "a cache that iterates for ever",
        ABS,
        "np.abs(x), D()",
        "class D(dict):",
        "    def items(self): return iter(int, 1)",
        "    values = __iter__ = keys = items",
    ),
    when_called(
        "an error whose words take for ever",
        LONG,
        "class Slow(Exception):",
        "    def __str__(self):",
        "        while True: pass",
        "raise Slow",
    ),
    when_called(
        "its own file is gone", "ends Python with exit code 1", "os.remove(__file__)", "os._exit(1)"
    ),
    when_called("a crash in C", "ends Python by signal 11", "import ctypes", "ctypes.string_at(0)"),
    # It takes too much
    when_called("memory", "needs more memory than 1 GB (line", "np.ones(10**10)"),
    when_called(
        "memory, little by little",
        "needs more memory than 1 GB (line",
        "kept = []",
        "while True: kept.append(np.empty(10**7))",
    ),
    when_called(
        "memory that is not given back",
        "needs more memory than 1 GB (line",
        "global kept",
        "kept = []",
        "while True: kept.append(np.empty(10**7))",
    ),
    when_called("recursion", "raises RecursionError", "return relu_forward(x)"),
]
