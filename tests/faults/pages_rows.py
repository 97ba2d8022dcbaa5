"""Faults of folders, of pages beside others, and of code that changes: rows of the table."""

import os
import shutil

from faults.fault import OWN_RIGHTS, Fault, cells
from faults.project import FIRST, LONGEST, SECOND, SOURCE, contents
from report.conftest import PUBLISH

from normlab.report.manifest import manifest_text, read_manifest
from normlab.report.provenance import sha256

ANYWHERE = "build/logs/mine"  # a folder whose files are no strays
KEY = "ab" + "0" * 62


def everything(folder):
    """Name -> bytes of each file below, hidden ones too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def mine(*names, folder=ANYWHERE):
    """Files of a person's, which must be there afterwards as they were."""

    def prepare(place):
        for name in names:
            path = place.project / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("mine", "utf-8")
        place.mine = everything(place.project / folder)

    return prepare


def stays(process, place, folder=ANYWHERE):
    process.wait(LONGEST)
    now = everything(place.project / folder)
    assert {name: now.get(name) for name in place.mine} == place.mine


def foreign(name, output, *names, words="holds what normlab did not make", prepare=None):
    """A folder of a person's in which no pages may be built."""

    def both(place):
        mine(*names)(place)
        if prepare:
            prepare(place)

    return Fault(name, 2, words, arguments=("--output", output), prepare=both, during=stays)


def foreign_manifest(place):
    (place.project / ANYWHERE / "manifest.json").write_text('{"name": "App", "icons": []}')


def linked(place):
    (place.project / "build" / "logs" / "link").symlink_to("mine")


def pages_of_another(place):
    """Pages of a project whose second notebook has another name."""
    content = read_manifest(place.reports)
    content["pages"]["07-other"] = content["pages"].pop(SECOND)
    (place.project / ANYWHERE / "manifest.json").write_text(manifest_text(**content), "utf-8")


def reports_are_mine(place):
    shutil.rmtree(place.reports)
    mine("index.html", "coverage.json", folder="reports")(place)


def closed(place):
    """The whole project may be read only; there is a cache folder."""
    place.environment["XDG_CACHE_HOME"] = str(place.project.parent / "cache")
    for folder, _, files in os.walk(place.project):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chmod(path, os.stat(path).st_mode & ~0o222)


def closed_altogether(place):
    closed(place)
    place.environment["XDG_CACHE_HOME"] = str(place.home / "cache")
    place.environment["TMPDIR"] = str(place.project.parent / "more")
    (place.project.parent / "more").mkdir()
    place.home.chmod(0o500)


def open_again(process, place):
    process.wait(LONGEST)
    for folder, _, _ in os.walk(place.project):
        os.chmod(folder, 0o755)
    place.home.chmod(0o700)
    assert (place.project.parent / "pages" / f"{FIRST}.html").exists()


def store(place):
    place.environment["NORMLAB_RUNS"] = ANYWHERE
    mine("thesis.tex", "ab/thesis.run", f"{KEY}.run", f"cd/{KEY}.run")(place)
    (place.project / ANYWHERE / "ab" / f"{KEY}.run").write_text("a run", "utf-8")


def cleared(process, place):
    stays(process, place)
    assert not (place.project / ANYWHERE / "ab" / f"{KEY}.run").exists()


def results_of_the_other(text):
    return lambda place: (place.reports / f"{SECOND}.json").write_bytes(text)


def in_step(process, place):
    """The page that was built, the index and the manifest fit; of the other nothing is said."""
    process.wait(LONGEST)
    listed, found = read_manifest(place.reports)["files"], contents(place.reports)
    for name in (f"{FIRST}.html", f"{FIRST}.json", f"{FIRST}.svg", "index.html"):
        assert listed[name] == sha256(found[name])
    assert listed[f"{SECOND}.json"] != sha256(found[f"{SECOND}.json"])
    index = found["index.html"].decode()
    assert f"damaged: normlab build {SECOND}" in index
    assert f'href="{SECOND}.html"' not in index


def damaged(name, text):
    return Fault(
        f"results of another page: {name}",
        2,
        f"the results of {SECOND} are damaged",
        prepare=results_of_the_other(text),
        during=in_step,
        keeps=False,
    )


def own_source(place):
    """The build runs on a copy of the source, which a cell may edit."""
    folder = place.project / "build" / "logs" / "src"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    place.environment["PYTHONPATH"] = str(folder)
    place.environment["PYTHONDONTWRITEBYTECODE"] = "1"


def edited_code(name, path, words, text="NEW = 1"):
    return cells(
        f"{name} while a notebook runs",
        words,
        f"open('build/logs/src/normlab/{path}', 'a').write('\\n{text}\\n')",
        PUBLISH,
        prepare=own_source,
    )


def says_so(process, place):
    _, said = process.communicate(timeout=LONGEST)
    assert "of the notebook as it was; it was edited meanwhile, so build it again" in said
    process.communicate = lambda timeout: ("", said)  # it is read once more
    assert "older than its notebook" in (place.reports / "index.html").read_text("utf-8")


EDIT_THE_NOTEBOOK = """
import json; from pathlib import Path
path = Path('notebooks/01-first.ipynb')
text = json.loads(path.read_text('utf-8')); text['cells'][-1]['source'] += '#'
path.write_text(json.dumps(text), 'utf-8')
"""

ROWS = [
    # Where pages may go
    Fault("no folder for the pages", 2, "'' names no folder; name one", arguments=("--output", "")),
    foreign("pages into a folder with a thesis", ANYWHERE, "thesis.tex"),
    foreign("pages into a folder with hidden files", ANYWHERE, ".git/config"),
    foreign("pages over an index", ANYWHERE, "index.html", f"{FIRST}.old.csv"),
    foreign(
        "pages over a manifest",
        ANYWHERE,
        "app.js",
        prepare=foreign_manifest,
        words="is damaged or not normlab's",
    ),
    foreign("pages into a folder that looks left over", ANYWHERE, ".new-ideas/thesis.tex"),
    foreign("pages through a symlink", "build/logs/link", "thesis.tex", prepare=linked),
    foreign(
        "pages into the pages of another project",
        ANYWHERE,
        "thesis.tex",
        prepare=pages_of_another,
        words="holds pages of another project, such as 07-other",
    ),
    Fault(
        "pages into notebooks/",
        2,
        "holds what normlab did not make",
        arguments=("--output", "notebooks"),
    ),
    Fault(
        "pages into the project", 2, "holds what normlab did not make", arguments=("--output", ".")
    ),
    Fault("reports/ is a person's", 2, "holds what normlab did not make", prepare=reports_are_mine),
    Fault(
        "a note among the pages",
        prepare=mine("notes.txt", "old/thesis.tex", f"{FIRST}.my.csv", folder="reports"),
        during=lambda process, place: stays(process, place, "reports"),
        keeps=False,
    ),
    Fault(
        "a project that is read-only",
        prepare=closed,
        prefix=OWN_RIGHTS,
        needs=("setpriv",),
        arguments=(FIRST, "--output", "../pages"),
        during=open_again,
    ),
    Fault(
        "a read-only project and a read-only home",
        prepare=closed_altogether,
        prefix=OWN_RIGHTS,
        needs=("setpriv",),
        arguments=(FIRST, "--output", "../pages"),
        during=open_again,
    ),
    Fault(
        "a person's files in the store of runs",
        prepare=store,
        command="cache",
        arguments=("clear",),
        during=cleared,
    ),
    # Pages beside others
    damaged("a list", b"[]"),
    damaged("another shape", b'{"answer": 1}'),
    damaged("no JSON", b"NaN"),
    damaged("nested without end", b"[" * 100_000),
    # What changes while it runs
    edited_code(
        "the code of the page is edited",
        "show/figures.py",
        "made from two states of the code (code of the page was edited meanwhile)",
    ),
    edited_code(
        "the code of the runs is edited",
        "nn/affine.py",
        "made from two states of the code (code of the runs was edited meanwhile)",
    ),
    edited_code(
        "the code becomes no Python", "stats/claims.py", "the code of normlab cannot be read", "def"
    ),
    Fault(
        "a notebook that is edited while it runs",
        cells=("print('the first')", EDIT_THE_NOTEBOOK, PUBLISH),
        during=says_so,
        keeps=False,
    ),
]
