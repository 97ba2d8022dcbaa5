"""Build pages: execute, render, put into place only what is whole."""

import hashlib
import json
import os
import re
import tempfile
import time
from pathlib import Path

from normlab import arithmetic
from normlab.handover import FORCE, STORE_FOLDER
from normlab.report.errors import BuildError
from normlab.report.execute import execute
from normlab.report.files import remove_leftovers, write
from normlab.report.manifest import write_manifest
from normlab.report.parameters import assign, read_parameters
from normlab.report.project import Project
from normlab.report.provenance import inputs_of, options_of, page_rows, sha256, write_log
from normlab.report.render import check_markdown, render, render_site


def build(project: Project, names, assignments, output: Path | None, terminal, force=False):
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

    Returns
    -------
    failed, folder : how many notebooks failed (their last good pages stay as they are), and
        where the pages are.

    Effects: sets the arithmetic and the run store in this process's environment, for the
    kernels.
    """
    studies = project.choose(names)
    parameters = {study.name: read_parameters(study.path) for study in studies}
    values = assign(assignments, parameters)
    for study in studies:
        check_markdown(study.path)
    folder = (output or _folder(project, values)).absolute()
    _check_writable(folder)
    remove_leftovers(folder)
    chosen = {study.name for study in studies}
    arithmetic.pin(os.environ)
    os.environ[FORCE] = "1" if force else "0"
    os.environ.setdefault(STORE_FOLDER, str(project.runs))
    failed = 0
    for number, study in enumerate(studies, start=1):
        terminal.start(f"{study.name} ({number} of {len(studies)})")
        log = project.logs / f"{study.name}.log"
        began = time.monotonic()
        try:
            _build_page(project, study, chosen, values[study.name], folder, log, terminal)
            terminal.finish(f"{study.name}: {project.show(folder / study.name)}.html")
        except (BuildError, OSError) as error:
            failed += 1
            where = _keep_failure(project, study, error)
            terminal.finish(f"{error} (log: {project.show(log)}{where})", failed=True)
        write_log(log.with_suffix(".json"), project, began)
    options = options_of(_changed(values))
    command = " ".join(["normlab build", *options]) if options else "make reports"
    _build_index(project, folder, command)
    return failed, folder


def _build_page(project, study, chosen, values, folder, log, terminal):
    notebook, results = execute(study.path, values, log, terminal.runs)
    figure = results["figure"].pop("svg")
    results["inputs"] = inputs_of(project, study, results)
    text = json.dumps(results, indent=1, sort_keys=True) + "\n"
    rows = page_rows(results["inputs"], results, values, f"normlab build {study.name}")
    page = render(
        notebook,
        title=study.title,
        answer=results["answer"],
        provenance=[*rows, ("SHA-256 of the results", sha256(text.encode()))],
        **_neighbours(project, study, chosen, folder),
    )
    write(
        {f"{study.name}.html": page, f"{study.name}.svg": figure, f"{study.name}.json": text},
        folder,
    )


def _build_index(project, folder, command):
    """The index and the manifest, of every study whose page and results are in ``folder``."""
    pages = []
    for study in project.studies():
        results = folder / f"{study.name}.json"
        if results.exists():
            pages.append(
                study._asdict()
                | {
                    "results": json.loads(results.read_text("utf-8")),
                    "svg": (folder / f"{study.name}.svg").read_text("utf-8"),
                }
            )
    if pages:
        write({"index.html": render_site(pages=pages, command=command)}, folder)
        write_manifest(folder)


def _keep_failure(project, study, error):
    notebook = getattr(error, "notebook", None)
    if notebook is None:
        return ""
    path = project.failures / f"{study.name}.html"
    try:
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
        side: (f"{studies[i].name}.html", studies[i].title)
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
