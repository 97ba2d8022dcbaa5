"""The hash of code: what must change it, what must not, and under which Python."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from reproducibility.builds import ROOT, other_pythons, pythons

from normlab import codehash
from normlab.codehash import PAGES, RUNS, hash_code, sources

MODULE = '''
"""What it is for."""

from normlab.middle import half


def rate(x, factor=2.0):
    """Twice x, if nothing else is said."""
    return factor * half(x) + 1  # one more


class Store:
    """Keeps things."""

    limit = 10
'''
MIDDLE = "from normlab import ground\n\n\ndef half(x):\n    return x / ground.TWO\n"
GROUND = "TWO = 2\n"
ASIDE = "COLOUR = 'blue'\n"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that stands in for normlab: name of a module -> text, and its hash."""
    folder = tmp_path / "normlab"
    folder.mkdir()
    monkeypatch.setattr(codehash, "__file__", str(folder / "codehash.py"))

    def hash_of(**texts):
        modules = {"top": MODULE, "middle": MIDDLE, "ground": GROUND, "aside": ASIDE}
        for name, text in (modules | texts).items():
            (folder / f"{name}.py").write_text(text, "utf-8")
        return hash_code(("normlab.top",), sources())

    return hash_of


def edit(text, old, new):
    assert text.count(old) == 1
    return text.replace(old, new)


SAME = {
    "a comment": ("# one more", "# something else"),
    "no comment": ("  # one more", ""),
    "a module's docstring": ("What it is for.", "What else it is for."),
    "a function's docstring": ("Twice x, if nothing else is said.", "Another text\n    on two."),
    "a class's docstring": ('    """Keeps things."""\n\n', ""),
    "empty lines": ("\n\n\nclass", "\n\n\n\n\nclass"),
    "parentheses": ("factor * half(x) + 1", "((factor * half(x)) +\n            1)"),
    "the other quotes": ('"""What it is for."""', "'What it is for.'"),
    "the same number": ("2.0", "2.00"),
    "the same integer": ("limit = 10", "limit = 1_0"),
}
OTHER = {
    "an operator": ("+ 1", "- 1"),
    "a constant": ("+ 1", "+ 2"),
    "an integer made a float": ("+ 1", "+ 1.0"),
    "a default": ("factor=2.0", "factor=2.5"),
    "a default left out": ("factor=2.0", "factor"),
    "an argument's name": ("(x, factor=2.0)", "(x, Factor=2.0)"),
    "the order of factors": ("factor * half(x)", "half(x) * factor"),
    "grouping": ("factor * half(x) + 1", "factor * (half(x) + 1)"),
    "an attribute of a class": ("limit = 10", "limit = 11"),
    "a new line": ("limit = 10", "limit = 10\n    name = None"),
    "a string that is no docstring": ("limit = 10", "limit = 10\n    'text'"),
    "a decorator": ("class Store", "@rate\nclass Store"),
    "a keyword": ("half(x)", "half(x=x)"),
    "an unpacked argument": ("half(x)", "half(*x)"),
}


@pytest.mark.parametrize("change", SAME)
def test_what_computes_the_same_has_the_same_hash(package, change):
    assert package(top=edit(MODULE, *SAME[change])) == package()


@pytest.mark.parametrize("change", OTHER)
def test_what_may_compute_something_else_has_another_hash(package, change):
    assert package(top=edit(MODULE, *OTHER[change])) != package()


def test_all_changes_have_different_hashes(package):
    hashes = [package(top=edit(MODULE, *change)) for change in OTHER.values()]
    assert len(set(hashes)) == len(OTHER)


def test_it_changes_with_a_module_that_is_imported_by_one_that_is_imported(package):
    assert package(ground="TWO = 3\n") != package()
    assert package(ground="# two\nTWO = 2\n") == package()


def test_it_does_not_change_with_a_module_that_is_not_imported(package):
    assert package(aside="COLOUR = 'grey'\n") == package()


def test_it_changes_when_a_module_is_renamed(package):
    before = package()
    middle = edit(MIDDLE, "from normlab import ground", "from normlab import base as ground")
    assert package(middle=middle, base=GROUND) != before


@pytest.mark.parametrize(
    "line",
    [
        "import normlab.ground",
        "import normlab.ground as g",
        "from normlab import ground",
        "from normlab.ground import TWO",
        "def f():\n    from normlab.ground import TWO",
        "if False:\n    import normlab.ground",
    ],
)
def test_every_way_to_import_is_followed(package, line):
    assert package(top=line, ground="TWO = 2\n") != package(top=line, ground="TWO = 3\n")


def test_imports_in_a_circle_end(package):
    assert package(ground="from normlab import top\nTWO = 2\n") != package()


def test_it_does_not_import_what_it_reads(package):
    package(ground="raise SystemExit('imported')\n")


def test_the_order_of_rooms_does_not_count():
    one = hash_code(("normlab.training.course", "normlab.terminal"))
    assert one == hash_code(("normlab.terminal", "normlab.training.course"))
    assert one != hash_code(("normlab.training.course",))


@pytest.mark.parametrize(
    "line",
    [
        "from . import _mine",
        "from ._mine import TWO",
        "from normlab import _mine",
        "import importlib\nimportlib.import_module('normlab._mine')",
        "import importlib\nimportlib.import_module('._mine', __package__)",
        "__import__('normlab._mine')",
        "try:\n    import numba\n    from normlab import _mine\nexcept ImportError:\n    pass",
    ],
)
def test_helpers_count_however_they_are_imported(package, line):
    assert package(top=line, _mine="TWO = 2\n") != package(top=line, _mine="TWO = 3\n")


@pytest.mark.parametrize("line", ["from ..... import far", "NAME = '....far'", "NAME = '.'"])
def test_more_dots_than_packages_lead_nowhere(package, line):
    if line.startswith("NAME"):
        assert package(top=line)


def edited(name=None, line="_NEW = 1"):
    """Hashes of runs and pages as they would be after a line was added to a module."""
    files = sources()
    if name:
        files[name] = files.get(name, b"") + f"\n{line}\n".encode()
    return hash_code(RUNS, files), hash_code(PAGES, files)


def modules_below(*rooms):
    return [name for name in sources() if name.startswith(tuple(f"normlab.{r}" for r in rooms))]


def test_a_run_depends_on_all_that_computes_and_on_each_package():
    before, names = edited(), modules_below("nn", "training")
    names.remove("normlab.nn.door")
    assert len(names) > 25
    new = ("normlab.training._mine", "normlab.nn._mine")
    for name in (*names, *new, "normlab", "normlab.arithmetic"):
        runs, pages = edited(name)
        assert runs != before[0], f"{name} is not read"
        assert pages != before[1], f"{name} is not read"
        if name not in new:
            assert edited(name, "# a comment") == before, f"{name}: a comment counts"


def test_a_run_does_not_depend_on_what_is_refused_and_in_which_words():
    before, files = edited(), sources()
    assert edited("normlab.nn.door") == before
    name = "normlab.nn.layers.normalization.batchnorm"
    for old, new, counts in (
        (b"one example has no variance, ", b"give more, ", False),
        (b"raise ValueError", b"raise TypeError", True),
        (b"len(x) < 2", b"len(x) < 3", True),
    ):
        assert old in files[name]
        changed = {**files, name: files[name].replace(old, new)}
        assert (hash_code(RUNS, changed) != before[0]) == counts


def test_nothing_uses_what_comes_from_the_door():
    """It is called for its refusals alone, so that it need not count."""
    calls = 0
    for name, source in sources().items():
        if not name.startswith(("normlab.nn", "normlab.training")) or name == "normlab.nn.door":
            continue
        tree = ast.parse(source)
        alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not ast.unparse(node.func).startswith("door."):
                continue
            calls += 1
            assert id(node) in alone, f"{name}:{node.lineno}"
    assert calls > 20
    door = ast.parse(sources()["normlab.nn.door"])
    given = [
        node.name
        for node in door.body
        if isinstance(node, ast.FunctionDef)
        and any(
            isinstance(n, ast.Return) and ast.unparse(n) != "return None" for n in ast.walk(node)
        )
    ]
    assert given == ["_sizes"]  # within the door


def test_a_run_does_not_depend_on_what_is_made_of_it_nor_on_what_never_computes():
    before = edited()
    others = modules_below(
        "study", "show", "stats", "report", "check", "data", "cli", "commands", "terminal"
    )
    for name in others:
        assert edited(name)[0] == before[0], name


@pytest.mark.parametrize(
    "name",
    [
        "check.layers",
        "terminal",
        "cli",
        "commands",
        "messages",
        "locks",
        "report.kernels",
        "report.verify",
        "report.build",
        "report.limits",
        "lab",
        "show.playground",
        "runs.store",
        "handover",
    ],
)
def test_a_page_does_not_depend_on_what_shows_nothing_in_it(name):
    assert edited(f"normlab.{name}") == edited()


@pytest.mark.parametrize(
    "name",
    [
        "study",
        "show.figures",
        "stats.claims",
        "stats.intervals",
        "data.dataset",
        "report.markdown",
        "report.outputs",
        "report.render",
        "report.pages",
        "report.execute",
    ],
)
def test_a_page_depends_on_what_makes_its_numbers_sentences_and_pictures(name):
    assert edited(f"normlab.{name}")[1] != edited()[1]


IMPORTED = """
import sys
from pathlib import Path
import normlab.runs.facts as facts
from normlab import codehash
before = codehash.hash_code(codehash.RUNS, codehash.sources())
path = Path(codehash.__file__).parent / "nn" / "layers" / "relu.py"
path.write_text(path.read_text("utf-8") + "\\n_NEW = 1\\n", "utf-8")
assert codehash.hash_code(codehash.RUNS, codehash.sources()) != before
assert facts._code(codehash.RUNS) == before
"""


EDITED_BEFORE = """
import normlab
from pathlib import Path
path = Path(normlab.__file__).parent / "nn" / "layers" / "relu.py"
path.write_text(path.read_text("utf-8") + "\\n_NEW = 1\\n", "utf-8")
from normlab import codehash
from normlab.nn.layers import relu
from normlab.runs import facts
assert not hasattr(relu, "_NEW")
assert facts._code(codehash.RUNS) != codehash.hash_code(codehash.RUNS, codehash.sources())
import importlib
assert hasattr(importlib.reload(relu), "_NEW")
"""

SAME_SIZE_AND_TIME = """
import os, subprocess, sys
from pathlib import Path
import normlab
path = Path(normlab.__file__).parent / "nn" / "layers" / "relu.py"
path.write_text(path.read_text("utf-8") + "\\n_NEW = 1\\n", "utf-8")
command = [sys.executable, "-c", "from normlab.nn.layers import relu; print(relu._NEW)"]
subprocess.run([sys.executable, "-m", "compileall", "-q", path], check=True)
status = path.stat()
path.write_text(path.read_text("utf-8").replace("_NEW = 1", "_NEW = 2"), "utf-8")
os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
assert subprocess.run(command, capture_output=True, check=True).stdout == b"2\\n"
"""

LINKED = """
from pathlib import Path
import normlab
folder = Path(normlab.__file__).parent
(folder / "nn").rename(folder.parent / "nn")
(folder / "nn").symlink_to("../nn")
(folder / "nn" / "circle").symlink_to(folder)
(folder / "nn" / "layers" / ".#relu.py").symlink_to("somebody@somewhere.77:1")
from normlab import codehash
before = codehash.sources()
assert before == codehash.AT_IMPORT
path = folder / "nn" / "layers" / "relu.py"
path.write_text(path.read_text("utf-8") + "\\n_NEW = 1\\n", "utf-8")
assert codehash.hash_code(codehash.RUNS) != codehash.hash_code(codehash.RUNS, codehash.sources())
"""


@pytest.mark.parametrize("script", [IMPORTED, EDITED_BEFORE, SAME_SIZE_AND_TIME, LINKED])
def test_the_code_of_a_process_is_what_it_has_imported(script, tmp_path):
    shutil.copytree(
        Path(codehash.__file__).parent,
        tmp_path / "normlab",
        ignore=shutil.ignore_patterns("__pycache__", "*.npz"),
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# What Python's grammar has, and what its parsers have treated differently: the text of this
# module must give one hash everywhere. The first line has letters that are not ASCII.
GRAMMAR = r'''
é, ß = "Straße", "\u00e9\n\x00" u"u" "\N{NO-BREAK SPACE}"
numbers = 0x10, 1_000, 1e-300, 1e400, -0.0, 1j, 10**3, 123456789012345678901234567890
octets = b"\xff\x00" b"more", rb"\d"
width = 7
texts = (
    f"{width}", f"{width!r:>{width}d}", f"{{}}{width:{'>'}{width}d}", f"a" "b" f"{width=}",
    f"""{width:
}""", rf"\d{width}\n", f"{'nested'}", f"{width:%H\:%M}" if 0 else f"{'a' 'b'}", f"",
    "{width}", f"{width}" "{width}", f"{(lambda x: x)(1)}",
)


async def many(a, /, b: int = 1, *c, d=..., e, **f) -> "None":
    """A docstring."""
    global width
    async with a as (x, y), b: pass
    async for z in a: yield z
    else: await a
    return


def match(x):
    match x:
        case {"a": 1, **rest} | [1, *_] if (n := len(x)) > 2: return n
        case complex(real=0) | -1 | None | "s" | 1+2j: return
        case _: raise ValueError from None
    try: pass
    except* (TypeError, ValueError) as e: del e
    try: pass
    except OSError: pass
    else: pass
    finally: pass


@(lambda f: f)
class Old(dict, metaclass=type):
    "Another docstring."
    x: int
    y: "str" = None
    z = lambda self, *, a=1: (a, *self)


empty = [], {}, (), None, True, False, ..., not 1, ~1, 1 < 2 <= 3 != 4 is not None
slices = texts[1:2, ::3, ...], texts[*empty], [x for x in y if x if not x for y in z]
several = {**{}, 1: 2}, {*(), 1}, {x: y async for x, y in z} if 0 else None
a = b = c = 1; a += 1; a @= b; a //= b; a: int; (a): int = 1; a[0].b = 1
assert a, "text"
while 0: continue
else: pass
from . import q as r
from .. import *
'''


def hash_under(python, folder):
    """Hashes of the studies' code and of a module in ``folder``, by another interpreter."""
    code = (
        "import sys; from normlab import codehash\n"
        "print(codehash.hash_code(codehash.PAGES)); codehash.__file__ = sys.argv[1]\n"
        "print(codehash.hash_code(('normlab.grammar',), codehash.sources()))"
    )
    done = subprocess.run(
        [python, "-X", "utf8", "-W", "ignore", "-c", code, str(folder / "codehash.py")],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def assert_same_everywhere(folder, text):
    """The hash of a module with this text is the same under each CPython, or skip."""
    if not other_pythons():
        pytest.skip("this machine has one CPython from 3.11 on")
    package = folder / "normlab"
    package.mkdir()
    (package / "grammar.py").write_text(text, "utf-8")
    ours = hash_under(sys.executable, package)
    for version, python in other_pythons().items():
        assert hash_under(python, package) == ours, f"under CPython {version}"


def need(*beginnings):
    for beginning in beginnings:
        if not any(version.startswith(beginning) for version in pythons()):
            pytest.skip(f"this machine has no CPython {beginning}")


def test_it_is_the_same_under_every_python(tmp_path):
    assert_same_everywhere(tmp_path, GRAMMAR)


def test_it_is_the_same_for_a_nested_format(tmp_path):
    need("3.11.", "3.12.")
    assert_same_everywhere(tmp_path, 'text = f"{1:{2}}"\n')


def test_it_is_the_same_for_a_letter_that_only_a_newer_python_can_print(tmp_path):
    need("3.11.", "3.12.")
    assert_same_everywhere(tmp_path, 'face = "\U0001fae8"\n')
