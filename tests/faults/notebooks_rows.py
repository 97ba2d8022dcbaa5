"""Faults of what goes in: notebooks, their parameters, files of values, names of folders."""

import json
import os

from faults.fault import Fault, cells, file, source, typed
from faults.project import FIRST, PARAMETERS, SECOND, write_notebook
from report.conftest import PUBLISH

SHOW = "print('the first')"
HERE = ("--output", "reports")  # where other values would have a folder of their own


def parameters(name, words, text, **more):
    """The parameters cell of the first notebook is refused by its line."""
    return Fault(name, 2, words, prepare=_with(text), **more)


def listed(name, text, value):
    """The last parameter of the cell can be set."""
    arguments = (FIRST, "-p", value, *HERE)
    return Fault(name, prepare=_with(text), arguments=arguments, keeps=False)


def _with(text):
    text = f"{PARAMETERS}\n{text}"
    return lambda place: write_notebook(place.first, SHOW, PUBLISH, parameters=text)


def edited(change):
    """Change the JSON of the first notebook."""

    def prepare(place):
        content = json.loads(place.first.read_text("utf-8"))
        change(content)
        place.first.write_text(json.dumps(content), "utf-8")

    return prepare


def tagged(number, *tags):
    return edited(lambda content: content["cells"][number]["metadata"].update(tags=list(tags)))


def named(what, name):
    """The checkout lies in a folder of this name, and the terminal knows ASCII alone."""

    def prepare(place):
        place.project = place.project.rename(place.project.parent / os.fsdecode(name))
        place.environment["PYTHONIOENCODING"] = "ascii"

    return Fault(f"a checkout in a folder with {what}", prepare=prepare, arguments=())


def values(name, words, text, **more):
    """A file of values is refused."""
    arguments = ("--params", "notebooks/values.yaml")
    return typed(name, words, *arguments, prepare=file("values.yaml", text), **more)


def unreadable(name):
    return lambda place: (place.project / "notebooks" / f"{name}.ipynb").write_text(
        "{\n<<<<<<< HEAD\n", "utf-8"
    )


def pipe(place):
    os.mkfifo(place.project / "notebooks" / "values.yaml")


def open_files(number, code=None, words="", **more):
    return Fault(
        f"{number} open files",
        code,
        words,
        prefix=("prlimit", f"--nofile={number}"),
        needs=("prlimit",),
        **more,
    )


BOMB = "a: &a [1, 1]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
BUFFERS = """
from comm import create_comm
for _ in range(20): create_comm(target_name='x').send({}, buffers=[bytes(10 ** 6)])
"""

ROWS = [
    # What papermill has left in a notebook
    Fault(
        "values that papermill left",
        2,
        "01-first.ipynb: cell 3 is tagged 'injected-parameters'"
        ", left there by papermill; take the cell out",
        prepare=tagged(2, "injected-parameters"),
    ),
    Fault(
        "a banner that papermill left",
        2,
        "01-first.ipynb: cell 3 is tagged 'papermill-error",
        prepare=tagged(2, "x", "papermill-error-cell-tag"),
    ),
    cells(
        "a warning below other values",
        "01-first: cell 4 wrote a warning: careful",
        SHOW,
        "import sys; print('careful', file=sys.stderr)",
        PUBLISH,
        arguments=("-p", "seeds=3", *HERE),
    ),
    cells(
        "an exit below other values",
        "01-first: cell 5 never ran",
        SHOW,
        "import warnings; warnings.simplefilter('ignore'); raise SystemExit(0)",
        PUBLISH,
        arguments=("-p", "seeds=3", *HERE),
    ),
    # Parameters
    listed(
        "an equals sign in the help", "lr: float = 0.01  # lr = 0.01 is usual (0 or more)", "lr=0.1"
    ),
    listed("an equals sign in a text", 'rule: str = "a=b"  # a text', "rule=c=d"),
    listed("a number sign in a text", 'rule: str = "a#b"  # a text', "rule=c#d"),
    listed("a value in two lines", "dims: list = [1,  # one\n 2]  # and two", "dims=[3]"),
    listed("a parameter with an accent", "größe: int = 1  # wide", "größe=3"),
    listed("a parameter with an underscore", "_x: int = 1  # hidden", "_x=3"),
    parameters(
        "an optional parameter",
        "01-first.ipynb: cell 2, line 2: parameter limit has type "
        "'int | None'; annotate it as one of int, float",
        "limit: int | None = None",
    ),
    parameters(
        "two parameters in a line",
        "01-first.ipynb: cell 2, line 2: two parameters in one line; give each a line of its own",
        "a: int = 2; b: int = 3",
    ),
    parameters(
        "a default out of bounds",
        "01-first.ipynb: cell 2, line 2: parameter a: 1 is not allowed; expected 2 or more",
        "a: int = 1  # (2 or more)",
    ),
    parameters(
        "a bound that is none",
        "line 2: parameter a: '(at least 2)' bounds nothing",
        "a: int = 2  # (at least 2)",
    ),
    parameters("a parameter that grows", "line 2: 'seeds += 1' is no parameter", "seeds += 1"),
    parameters("a tuple of parameters", "line 2: 'a, b = 1, 2' is no parameter", "a, b = 1, 2"),
    parameters("a type in a comment", "line 2: parameter a has no type", "a = 1  # type: int"),
    parameters("a parameter without a value", "line 2: parameter a has no value", "a: int"),
    parameters("a parameter twice", "line 2: parameter seeds is there already", "seeds: int = 3"),
    parameters(
        "an expression for a value",
        "gives no plain int; write the value itself",
        "a: int = 10 ** 3",
    ),
    parameters("code among the parameters", "line 3: 'import os' is no parameter", "\nimport os"),
    parameters("a magic among the parameters", "line 2: not Python (invalid syntax)", "%time"),
    Fault(
        "a second parameters cell",
        2,
        "01-first.ipynb: cell 3 is tagged 'parameters', as cell 2 "
        "is; put all parameters into one cell",
        prepare=tagged(2, "parameters"),
    ),
    Fault(
        "a parameters cell of comments",
        2,
        "01-first.ipynb: cell 2 is tagged 'parameters' and "
        "holds none; write `name: type = value  # help`",
        prepare=lambda place: write_notebook(place.first, PUBLISH, parameters="# seeds: int = 2"),
    ),
    Fault("no tag", 2, "01-first.ipynb: no cell is tagged 'parameters'", prepare=tagged(1)),
    # Notebooks
    Fault("no kernel named", prepare=edited(lambda content: content["metadata"].clear())),
    Fault(
        "a kernel of another language",
        prepare=edited(
            lambda content: content.update(
                metadata={"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}
            )
        ),
    ),
    Fault(
        "cells without ids",
        prepare=edited(lambda content: [cell.pop("id") for cell in content["cells"]]),
    ),
    source("a byte order mark", "it begins with a byte order mark", b"\xef\xbb\xbf{}"),
    source(
        "a notebook of format 3",
        "01-first.ipynb: not a notebook (not of format 4",
        b'{"nbformat": 3, "worksheets": []}',
    ),
    Fault(
        "a git conflict in one of all",
        1,
        "01-first.ipynb: not a notebook (git conflict in line 2)",
        prepare=unreadable(FIRST),
        arguments=(),
        keeps=False,
    ),
    Fault("a git conflict in another one", prepare=unreadable(SECOND), keeps=False),
    Fault(
        "a git conflict, listed",
        2,
        "02-second.ipynb: not a notebook (git conflict in line 2)",
        command="list",
        prepare=unreadable(SECOND),
        arguments=(SECOND,),
    ),
    typed(
        "a typo beside a git conflict",
        "unknown notebook '01-frist'; did you mean '01-first'",
        "01-frist",
        prepare=unreadable(SECOND),
    ),
    typed(
        "an unknown parameter beside a git conflict",
        "did you mean 'seeds'? (choose from seeds); also, 02-second.ipynb: not a notebook",
        "-p",
        "sedes=3",
        prepare=unreadable(SECOND),
    ),
    cells(
        "an output that no page shows",
        "01-first: cell 3: a page shows no text/latex",
        "from IPython.display import Math\ndisplay(Math('a'))",
        PUBLISH,
    ),
    # What a terminal would obey
    cells(
        "escape codes in an error",
        r"01-first: cell 3 failed: ValueError: \x1b[31mred",
        "raise ValueError('\\x1b[31mred')",
    ),
    cells("an endless error", "x...", "raise ValueError('x' * 10 ** 6)"),
    typed(
        "escape codes in the name of a file",
        r"\x1b[31m.yaml: No such file",
        "--params",
        "\x1b[31m.yaml",
    ),
    typed(
        "a line break in the name of a file", r"a\nb.yaml: No such file", "--params", "a\nb.yaml"
    ),
    cells(
        "a crash below Python",
        "01-first: cell 3 ended when its kernel died",
        "import ctypes; ctypes.string_at(0)",
    ),
    # Places
    named("braces", "work-{v2}"),
    named("braces alone", "{}"),
    named("braces of jupyter", "{prefix}"),
    named("signs", "50% of 'it\" & $HOME; ~"),
    named("a line break", "two\nlines"),
    named("other scripts", "日本 Ёж"),
    named("a name that is not UTF-8", b"\xff"),
    Fault(
        "pages into a folder of another script",
        arguments=(FIRST, "--output", "build/runs/日本"),
        prepare=lambda place: place.environment.update(PYTHONIOENCODING="latin-1"),
    ),
    open_files(
        64,
        1,
        "Too many open files: 64 are allowed at a time, and 96 are needed; allow "
        "more by `ulimit -n 1024`",
    ),
    open_files(96),
    open_files(128, arguments=()),
    open_files(256, arguments=()),
    # Values
    typed("a device of values", "/dev/zero: not a file; name a YAML file", "--params", "/dev/zero"),
    typed("a folder of values", "notebooks: Is a directory; name a YAML", "--params", "notebooks"),
    typed(
        "a pipe of values",
        "values.yaml: not a file; name a YAML file",
        "--params",
        "notebooks/values.yaml",
        prepare=pipe,
    ),
    values("a million values", "values.yaml: longer than 20 kB", "a: [" + "1, " * 10**6 + "1]"),
    values("a bomb of aliases", "values.yaml: not YAML in line 1", BOMB),
    values(
        "a value given twice",
        "values.yaml: line 2: 'seeds' is given twice; keep one of them",
        "seeds: 3\nseeds: 5",
    ),
    values("an octal value", "parameter seeds: '010' is not of type int", "seeds: 010"),
    values("a value in base 60", "parameter seeds: '1:30' is not of type int", "seeds: 1:30"),
    values(
        "a float with an exponent for an int",
        "parameter seeds: '1e3' is not of type int; for example seeds=2",
        "seeds: 1e3",
    ),
    values("a date for an int", "'2020-01-01' is not of type int", "seeds: 2020-01-01"),
    values("yes for an int", "'yes' is not of type int", "seeds: yes"),
    typed(
        "an exponent for an int", "'1e3' is not of type int; for example seeds=2", "-p", "seeds=1e3"
    ),
    typed("a huge int", "is too large; for example seeds=2", "-p", "seeds=0x" + "f" * 50000),
    typed(
        "a float among ints",
        "parameter dims: '[50.5]' is not a list of int; for example dims=[50, 50]",
        FIRST,
        "-p",
        "dims=[50.5]",
        prepare=_with("dims: list = [50, 50]"),
    ),
    typed(
        "a text that is not UTF-8",
        "'\\udcff' holds a sign that no page can show",
        FIRST,
        "-p",
        "path=\udcff",
        prepare=_with("path: str = ''"),
    ),
    # Outputs that no text shows
    cells("buffers behind an output", "showed more than 10 MB; show less", BUFFERS, PUBLISH),
    cells(
        "numbers in an output",
        "showed more than 1 MB; show less",
        "display({'application/json': [0] * 10 ** 7}, raw=True)",
        PUBLISH,
        arguments=("--max-output", "1"),
    ),
]
