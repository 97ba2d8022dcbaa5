"""The faults that the pipeline is held against, a row each.

A row changes the first notebook, the place or the command of a build, or does something while
the build runs. ``code`` is the exit code that the build must have, and ``words`` must stand in
the one line that it says; a row without ``code`` must succeed.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from faults import (
    check_rows,
    house_rows,
    notebooks_rows,
    pages_rows,
    runs_rows,
    shown_rows,
)
from faults.fault import OWN_RIGHTS, Fault, cells, file, send, source, typed
from faults.project import FIRST, SECOND, write_notebook
from faults.runs_rows import TRAINING
from report.conftest import PUBLISH, RESULTS

FOREVER = "import time\nwhile True: time.sleep(0.1)"
STUBBORN = "while True:\n    try:\n        time.sleep(9)\n    except KeyboardInterrupt: pass"
CLOCK = """
import time
_time, _first = time.time, time.time()
time.time = lambda: _first - 50 * (_time() - _first)
"""
HERE = "open('notebooks/here', 'w').close()"


# What has to be so before the build


def held(place):
    """Another process builds into reports/."""
    code = (
        "import sys, time; from pathlib import Path; from normlab.report.workplace import locked\n"
        "with locked(Path('reports')):\n print('held', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=place.project,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )
    other.stdout.readline()
    place.keep.append(other)


def stale_lock(place):
    (place.reports / ".lock").write_text("process 1 on elsewhere")


def leftovers(place):
    for folder in (place.reports / ".new-abc", place.project / "build" / "work" / "old"):
        folder.mkdir(parents=True)
        (folder / ".lock").write_text("half a page")


def symlinked(place):
    place.reports.rename(place.project / "build" / "logs" / "pages")
    place.reports.symlink_to("build/logs/pages")


def dangling(place):
    shutil.rmtree(place.reports)
    place.reports.symlink_to("nowhere/at/all")


def read_only(name):
    def prepare(place):
        folder = place.project / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o500)

    return prepare


def read_only_home(place):
    place.home.chmod(0o500)


def set_variables(**variables):
    return lambda place: place.environment.update(variables)


def clock(place):
    folder = place.project / "build" / "logs"
    (folder / "sitecustomize.py").write_text(CLOCK)
    place.environment["PYTHONPATH"] = os.pathsep.join(
        [str(folder), str(Path(__file__).parents[2] / "src")]
    )


def habits(place):
    """A home folder whose habits would spoil every notebook."""
    files = {
        ".ipython/profile_default/startup/00.py": "raise SystemExit('from the startup file')",
        ".config/matplotlib/matplotlibrc": "no such thing: 1",
        ".local/share/jupyter/kernels/python3/kernel.json": '{"argv": ["false"], '
        '"display_name": "x", "language": "python"}',
        "start.py": "raise SystemExit('from PYTHONSTARTUP')",
    }
    for name, text in files.items():
        path = place.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    place.environment["PYTHONSTARTUP"] = str(place.home / "start.py")


def many(place):
    for number in range(3, 9):
        write_notebook(place.project / "notebooks" / f"0{number}-more.ipynb", HERE_I_AM, PUBLISH)


HERE_I_AM = "print(sum(range(10 ** 6)))"


def page_is_a_folder(place):
    (place.reports / f"{FIRST}.html").unlink()
    (place.reports / f"{FIRST}.html").mkdir()


def damaged_results(place):
    (place.reports / f"{SECOND}.json").write_text("{")


def mount(folder, size):
    """Run in a name space of its own, where a folder is a small disk of its own."""
    script = f'mount -t tmpfs -o size={size} none "{folder}" && exec "$@"'
    return ("unshare", "-m", "sh", "-c", script, "sh")


SHOW_HTML = "display({'application/javascript': 'alert(1)', 'text/plain': ''}, raw=True)"
NO_ALT = "display({'image/svg+xml': '<svg/>'}, raw=True)"
WRONG = PUBLISH.replace(repr(RESULTS), "{'answer': 'yes'}")
TEXT = PUBLISH.replace(repr(RESULTS), "'a text'")
NAN = PUBLISH.replace("1e-09", "float('nan')")
KILL_A_WORKER = f"""{TRAINING}
import multiprocessing, os, threading, time
def kill():
    while not multiprocessing.active_children(): time.sleep(0.01)
    os.kill(multiprocessing.active_children()[0].pid, 9)
threading.Thread(target=kill).start()
config = study.TrainingConfig(hidden_dims=(8,), batch_size=10, epochs=200)
study.sweep(config, arrays, 4)
"""
MANY_RUNS = f"{TRAINING}\nstudy.sweep(study.TrainingConfig(), arrays, 9)"

FAULTS = [
    # A notebook goes wrong
    cells(
        "an exception",
        "cell 4 failed: KeyError: 'lost'",
        "print('before')",
        "{}['lost']",
        arguments=(SECOND,),
    ),
    cells(
        "an exception with a long story",
        "failed: ValueError: one",
        PUBLISH,
        "raise ValueError('one\\ntwo\\n\\x1b[31mthree')",
    ),
    cells("sys.exit(0) in the middle", "cell 3", "import sys; sys.exit(0)", PUBLISH),
    cells("os._exit(0) in the middle", "kernel died", "import os; os._exit(0)", PUBLISH),
    cells("a kernel that is killed", "kernel died", "import os; os.kill(os.getpid(), 9)"),
    cells("a crash in C", "kernel died", "import ctypes; ctypes.string_at(0)"),
    cells("memory runs out", "MemoryError", "bytearray(2 ** 44)", PUBLISH),
    cells(
        "an endless loop",
        "ran for more than 4 s; allow more by --timeout",
        FOREVER,
        arguments=("--timeout", "4"),
    ),
    cells(
        "an endless cell",
        "cell 3 ran for more than 0.5 s; allow more by --cell-timeout",
        f"import time\n{STUBBORN}",
        arguments=("--cell-timeout", "0.5"),
    ),
    cells(
        "an exception in a thread",
        "Exception in thread",
        "import threading\nt = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
        PUBLISH,
    ),
    cells("a warning", "wrote a warning: ", "import warnings; warnings.warn('careful')", PUBLISH),
    cells("a question to the person", "StdinNotImplementedError", "input('well?')", PUBLISH),
    cells(
        "endless output",
        "showed more than 1 MB; show less, or allow more by --max-output",
        "while True: print('x' * 1000)",
        arguments=("--max-output", "1"),
    ),
    cells("100 MB in one output", "showed more than 10 MB", "print('x' * 10 ** 8)", PUBLISH),
    cells(
        "100 MB in a picture",
        "showed more than 10 MB",
        "display({'image/svg+xml': 'x' * 10 ** 8}, raw=True)",
        PUBLISH,
    ),
    cells(
        "an output that runs in a browser",
        "shows no application/javascript",
        SHOW_HTML,
        PUBLISH,
    ),
    cells("a figure without words", "no alt text", NO_ALT, PUBLISH),
    cells("no results", "published 0 times; call study.publish once", "1 + 1"),
    cells("results twice", "published 2 times", PUBLISH, PUBLISH),
    cells("a clock time on the page", "a clock time, '12:34:56'", "print('12:34:56')", PUBLISH),
    cells("a path on the page", "a home folder", "print('/home/me/secret')", PUBLISH),
    cells("an address on the page", "a memory address", "print(object())", PUBLISH),
    cells(
        "too many runs",
        "9 runs, and 8 are allowed; allow more by --max-runs",
        MANY_RUNS,
        arguments=("--max-runs", "8"),
    ),
    cells("a worker that is killed", "a worker process was killed", KILL_A_WORKER),
    cells("results without a figure", "the results lack short, headline, claims", WRONG),
    cells("results that are a text", "the results lack short, answer, headline", TEXT),
    cells("results that are not numbers", "wrote a warning", NAN),
    Fault(
        "a process that a cell leaves behind",
        cells=(
            "print('the first')\nimport subprocess; p = subprocess.Popen(['sleep', '600'])",
            PUBLISH,
        ),
        keeps=False,
    ),
    Fault(
        "a cell that edits its notebook",
        cells=(
            "print('the first')\nimport os; os.truncate('notebooks/01-first.ipynb', 9)",
            PUBLISH,
        ),
        keeps=False,
    ),
    Fault(
        "a cell that takes away the pages",
        cells=("print('the first')\nimport shutil; shutil.rmtree('reports')", PUBLISH),
        keeps=False,
    ),
    Fault(
        "pages that go away in the middle",
        2,
        "01-first.html is gone, taken away while the build ran; build again",
        keeps=False,
        arguments=("--jobs", "1"),
        prepare=lambda place: write_notebook(
            place.project / "notebooks" / f"{SECOND}.ipynb",
            "import shutil; shutil.rmtree('reports')",
            PUBLISH,
        ),
    ),
    # A command that cannot be meant
    typed("an unknown command", "unknown command 'biuld'; did you mean 'build'", command="biuld"),
    typed(
        "an unknown notebook", "unknown notebook '01-frist'; did you mean '01-first'", "01-frist"
    ),
    typed(
        "an unknown option",
        "unknown option '--prams'; did you mean '--params'? (see normlab build --help)",
        "--prams",
        "x",
    ),
    typed(
        "an unknown parameter", "unknown parameter 'sedes'; did you mean 'seeds'", "-p", "sedes=3"
    ),
    typed("a value of the wrong type", "'abc' is not of type int", "-p", "seeds=abc"),
    typed(
        "a value out of bounds",
        "parameter seeds: '1' is not allowed; expected 2 or more",
        "-p",
        "seeds=1",
    ),
    typed("code in a parameter's name", "unknown parameter", "-p", "seeds\nprint(1)=3"),
    typed("no equals sign", "-p seeds: expected name=value", "-p", "seeds"),
    typed("an unknown data set", "unknown parameter 'dataset'", "--dataset", "cifar"),
    typed("a file of parameters that is not there", "No such file", "--params", "none.yaml"),
    typed(
        "a file of parameters that is no YAML",
        "bad.yaml: not YAML in line 1",
        "--params",
        "notebooks/bad.yaml",
        prepare=file("bad.yaml", "seeds: ["),
    ),
    typed(
        "a file of parameters with code in it",
        "not YAML",
        "--params",
        "notebooks/bad.yaml",
        prepare=file("bad.yaml", "seeds: !!python/object/apply:os.system ['touch /tmp/bad']"),
    ),
    typed(
        "a file of parameters without any",
        "holds no parameters",
        "--params",
        "notebooks/bad.yaml",
        prepare=file("bad.yaml", "- seeds"),
    ),
    typed(
        "a wrong type in a file of parameters",
        "'[1]' is not of type int",
        "--params",
        "notebooks/bad.yaml",
        prepare=file("bad.yaml", "seeds: [1]"),
    ),
    typed(
        "an unknown profile",
        "unknown profile 'quik'; did you mean 'quick'",
        "-p",
        "profile=quik",
        prepare=file("quick.yaml", "seeds: 2"),
    ),
    typed("no job at a time", "--jobs 0: expected 1 or more", "--jobs", "0"),
    typed("a limit of nothing", "--timeout 0.0: expected a number above 0", "--timeout", "0"),
    typed("a limit that is no number", "'soon' is not a valid float", "--timeout", "soon"),
    typed("pages into a file", "cannot write to ", "--output", "notebooks/01-first.ipynb/a"),
    typed("nowhere near a checkout", "no notebooks/ folder here or above", where="/"),
    # A notebook that is none
    source("an empty notebook", "01-first.ipynb: not a notebook", b""),
    source("half a notebook", "01-first.ipynb: not a notebook", b'{"cells": ['),
    source("a picture for a notebook", "01-first.ipynb: not a notebook", b"\x89PNG\r\n\x1a\n\xff"),
    Fault(
        "no parameters",
        2,
        "cell 2 is tagged 'parameters' and holds none",
        prepare=lambda place: write_notebook(place.first, PUBLISH, parameters=""),
    ),
    Fault(
        "a parameter without a type",
        2,
        "annotate it as one of",
        prepare=lambda place: write_notebook(place.first, PUBLISH, parameters="seeds = 2"),
    ),
    Fault(
        "a formula that no page can show",
        2,
        r"\nosuch is not supported",
        prepare=lambda place: write_notebook(place.first, PUBLISH, title=r"First $\nosuch$"),
    ),
    # The machine
    Fault("pages of another build", 2, "is being built by process ", prepare=held),
    Fault("the lock of a dead build", prepare=stale_lock),
    Fault("what a killed build has left", prepare=leftovers),
    Fault("a symlink for reports/", prepare=symlinked),
    Fault("a symlink to nowhere", 2, "cannot write to ", prepare=dangling, keeps=False),
    Fault(
        "reports/ may not be written",
        2,
        "cannot write to ",
        prepare=read_only("reports"),
        prefix=OWN_RIGHTS,
        needs=("setpriv",),
    ),
    Fault(
        "build/logs may not be written",
        2,
        "cannot write to ",
        prepare=read_only("build/logs"),
        prefix=OWN_RIGHTS,
        needs=("setpriv",),
    ),
    Fault(
        "a home folder that may not be written",
        prepare=read_only_home,
        prefix=OWN_RIGHTS,
        needs=("setpriv",),
    ),
    Fault("a home folder with habits", prepare=habits),
    Fault("no temporary folder", prepare=set_variables(TMPDIR="/nowhere")),
    Fault("a temporary folder that is full", prefix=mount("$TMPDIR", "4k"), needs=("unshare",)),
    Fault(
        "a disk that is full",
        1,
        "No space left on device",
        prefix=mount("reports", "8k"),
        needs=("unshare",),
        page=True,
    ),
    Fault(
        "a limit on the size of files",
        1,
        "File too large",
        prefix=("prlimit", "--fsize=9000"),
        needs=("prlimit",),
    ),
    Fault(
        "hardly any open files",
        1,
        "Too many open files",
        prefix=("prlimit", "--nofile=24"),
        needs=("prlimit",),
        page=None,
    ),
    Fault("a clock that goes back", prepare=clock),
    Fault(
        "plain ASCII everywhere",
        arguments=(),
        prepare=set_variables(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
    ),
    Fault("eight notebooks at once", arguments=("--jobs", "8"), prepare=many, keeps=False),
    Fault("nobody listens", prefix=("sh", "-c", 'exec "$@" 2>&- >&-', "sh")),
    Fault(
        "a folder in the place of a page",
        1,
        "is a folder; move it out of the way",
        prepare=page_is_a_folder,
        keeps=False,
        page=True,
    ),
    Fault(
        "damaged results of another page",
        2,
        "the results of 02-second are damaged",
        prepare=damaged_results,
        keeps=False,
    ),
    # Somebody stops it
    *(
        Fault(
            f"{number.name} while a cell runs",
            128 + number,
            "stopped; the last good pages and all finished runs are kept",
            (HERE, FOREVER),
            during=send(number),
            arguments=(FIRST, SECOND),
            keeps=True,
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    ),
    Fault(
        "SIGTERM, and again",
        128 + signal.SIGTERM,
        "stopped",
        (HERE, FOREVER),
        during=lambda process, place: (
            send(signal.SIGTERM)(process, place),
            time.sleep(0.02),
            process.send_signal(signal.SIGTERM),
        ),
    ),
]
for rows in (check_rows, house_rows, notebooks_rows, pages_rows, runs_rows, shown_rows):
    FAULTS += rows.ROWS
