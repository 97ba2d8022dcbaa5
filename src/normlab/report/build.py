"""Build pages: execute, render, put into place only what is whole.

Notebooks run two at a time: a thread each, which waits for a kernel of its own. Threads
need papermill and nbconvert imported once and not once a process, run alike on every
system, and let jupyter_client see that no two kernels take one port. Rendering takes a
tenth of a second and is done by one thread at a time.
"""

import hashlib
import json
import os
import re
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from normlab import arithmetic
from normlab.cores import JOBS, num_cores, sharing_cores
from normlab.handover import FORCE, STORE_FOLDER
from normlab.report.errors import BuildError
from normlab.report.execute import execute
from normlab.report.files import remove_leftovers, write
from normlab.report.kernels import Kernels
from normlab.report.manifest import write_manifest
from normlab.report.markdown import check_markdown
from normlab.report.markup import check_markup
from normlab.report.outputs import data_files
from normlab.report.parameters import assign, read_parameters
from normlab.report.project import Project
from normlab.report.provenance import (
    inputs_of,
    notebook_hash,
    options_of,
    page_code_hash,
    page_rows,
    sha256,
    write_log,
)
from normlab.report.render import render, render_site

_rendering = threading.Lock()


class _Build(NamedTuple):
    """What the pages of one build share."""

    project: Project
    chosen: set
    folder: Path
    terminal: object
    kernels: Kernels
    code_hash: str


def build(
    project: Project, names, assignments, output: Path | None, terminal, force=False, jobs=JOBS
):
    """Build the pages of the notebooks ``names`` (all if empty) and the index.

    Parameters
    ----------
    project : Project
    names : list of str
    assignments : list of str
        ``name=value`` texts, checked before a kernel starts.
    output : Path or None
        Where the pages go. By default reports/, or with values that differ from the
        published ones a folder of their own that git ignores.
    terminal : Terminal
        Told how far things are.
    force : bool
        Train every run anew, also those that are stored.
    jobs : int
        How many notebooks run at a time, at most; never more than there are cores.

    Returns
    -------
    failed, folder : how many notebooks failed (their last good pages stay as they are), and
        where the pages are.

    Effects: sets the arithmetic, the run store and the cores in this process's environment,
    for the kernels.
    """
    if jobs < 1:
        raise BuildError(f"--jobs {jobs}: expected 1 or more")
    studies = project.choose(names)
    parameters = {study.name: read_parameters(study.path) for study in studies}
    values = assign(assignments, parameters)
    for study in studies:
        check_markdown(study.path)
    folder = (output or _folder(project, values)).absolute()
    _check_writable(folder)
    remove_leftovers(folder)
    arithmetic.pin(os.environ)
    os.environ[FORCE] = "1" if force else "0"
    os.environ.setdefault(STORE_FOLDER, str(project.runs))
    chosen = {study.name for study in studies}
    # Not in the threads: some versions of Python cannot parse in two at once.
    all_of_it = _Build(project, chosen, folder, terminal, Kernels(), page_code_hash())

    def run(number, study):
        label = f"{study.name} ({number} of {len(studies)})"
        return _build_page(all_of_it, study, values[study.name], label)

    with sharing_cores(), ThreadPoolExecutor(min(jobs, num_cores())) as pool:
        futures = [pool.submit(run, *numbered) for numbered in enumerate(studies, start=1)]
        try:
            failed = sum(not future.result() for future in futures)
        except BaseException:  # Ctrl-C above all
            for future in futures:
                future.cancel()
            all_of_it.kernels.stop()
            raise
    options = options_of(_changed(values))
    command = " ".join(["normlab build", *options]) if options else "make reports"
    _build_index(project, folder, command)
    return failed, folder


def _build_page(build, study, values, label):
    """Build one page and tell of it; True if it is there."""
    project = build.project
    log = project.logs / f"{study.name}.log"
    began = time.monotonic()
    line = build.terminal.start(label)
    try:
        notebook, results = execute(study.path, values, log, line.runs, build.kernels)
        results["inputs"] = inputs_of(project, study, results, build.code_hash)
        _write_page(build, study, values, notebook, results)
        failure = None
    except (BuildError, OSError) as error:
        if build.kernels.stopped:
            return False
        failure = f"{error} (log: {project.show(log)}{_keep_failure(project, study, error)})"
    write_log(log.with_suffix(".json"), project, began)
    page = f"{study.name}: {project.show(build.folder / study.name)}.html"
    line.finish(failure or page, failed=bool(failure))
    return not failure


def _write_page(build, study, values, notebook, results):
    figure = check_markup(results["figure"].pop("svg"), "SVG")
    data = data_files(notebook, study.name)
    results["files"] = {name: sha256(text.encode()) for name, text in data.items()}
    text = json.dumps(results, indent=1, sort_keys=True) + "\n"
    rows = page_rows(results["inputs"], results, values, f"normlab build {study.name}")
    with _rendering:
        page = render(
            notebook,
            title=study.title,
            name=study.name,
            answer=results["answer"],
            provenance=[*rows, ("SHA-256 of the results", sha256(text.encode()))],
            **_neighbours(build.project, study, build.chosen, build.folder),
        )
    files = {f"{study.name}.html": page, f"{study.name}.svg": figure, f"{study.name}.json": text}
    write(files | data, build.folder)
    for path in _data_beside(build.folder, study):
        if path.name not in data:  # of a figure that was renamed
            path.unlink()


def _build_index(project, folder, command):
    """The index and the manifest, of every study whose page and results are in ``folder``."""
    studies = [_entry(study, folder) for study in project.studies()]
    pages = [study for study in studies if "results" in study]
    if pages:
        page = render_site(studies=studies, pages=pages, command=command)
        write({"index.html": page}, folder)
        write_manifest(folder)


def _entry(study, folder):
    """What the index tells of a study; with "results" if its page is there."""
    results = folder / f"{study.name}.json"
    if not results.exists():
        return study._asdict()
    content = json.loads(results.read_text("utf-8"))
    return study._asdict() | {
        "results": content,
        "svg": (folder / f"{study.name}.svg").read_text("utf-8"),
        "files": [path.name for path in _data_beside(folder, study)],
        "stale": content["inputs"]["notebook"] != notebook_hash(study.path),
    }


def _data_beside(folder, study):
    return sorted(folder.glob(f"{study.name}.*.csv"))


def _keep_failure(project, study, error):
    notebook = getattr(error, "notebook", None)
    if notebook is None:
        return ""
    path = project.failures / f"{study.name}.html"
    try:
        with _rendering:
            page = render(notebook, title=f"failed: {study.title}", failure=str(error))
        write({path.name: page}, path.parent)
    except BuildError:
        return ""
    return f", page: {project.show(path)}"


def _neighbours(project, study, chosen, folder):
    """The pages before and after, of those that are there or are being built."""
    studies = [
        other
        for other in project.studies()
        if other.name in chosen or (folder / f"{other.name}.html").exists()
    ]
    place = [other.name for other in studies].index(study.name)
    around = {"previous": place - 1, "next": place + 1}
    return {
        side: (f"{quote(studies[i].name)}.html", studies[i].title)
        for side, i in around.items()
        if 0 <= i < len(studies)
    }


def _changed(values):
    """The values of all notebooks together that differ from the published ones."""
    return {name: value for chosen in values.values() for name, value in chosen.items()}


def _folder(project, values):
    """reports/ for the published parameters, else a folder named after what differs."""
    changed = _changed(values)
    if not changed:
        return project.reports
    label = "_".join(f"{name}-{value}" for name, value in sorted(changed.items()))
    label = re.sub(r"[^A-Za-z0-9.-]+", "_", label)[:60].strip("_.")
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:6]
    return project.builds / f"{label}_{digest}"


def _check_writable(folder: Path):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BuildError(
            f"cannot write to {folder}: {error.strerror}; choose another folder with --output"
        ) from error
