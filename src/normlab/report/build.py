"""Build pages: execute, render, put into place only what is whole."""

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

import normlab
from normlab import arithmetic
from normlab.report.errors import BuildError
from normlab.report.execute import execute
from normlab.report.parameters import assign, read_parameters
from normlab.report.project import Project
from normlab.report.render import render, render_site


def build(project: Project, names, assignments, output: Path | None, terminal):
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

    Returns
    -------
    failed, folder : how many notebooks failed (their last good pages stay as they are), and
        where the pages are.

    Effects: pins the arithmetic in this process's environment, for the kernels.
    """
    studies = project.choose(names)
    parameters = {study.name: read_parameters(study.path) for study in studies}
    values = assign(assignments, parameters)
    folder = (output or _folder(project, values)).absolute()
    _check_writable(folder)
    arithmetic.pin(os.environ)
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    failed = 0
    for number, study in enumerate(studies, start=1):
        terminal.start(f"{study.name} ({number} of {len(studies)})")
        log = project.logs / f"{study.name}.log"
        try:
            _build_page(project, study, values[study.name], folder, log, terminal)
            terminal.finish(f"{study.name}: {project.show(folder / study.name)}.html")
        except BuildError as error:
            failed += 1
            where = _keep_failure(project, study, error)
            terminal.finish(f"{error} (log: {project.show(log)}{where})", failed=True)
    _build_index(project, folder)
    return failed, folder


def _build_page(project, study, values, folder, log, terminal):
    notebook, results = execute(study.path, values, log, terminal.runs)
    page = render(
        notebook,
        title=study.title,
        answer=results["answer"],
        provenance=_provenance(project, results, values, f"normlab build {study.name}"),
        **_neighbours(project, study),
    )
    write(folder / f"{study.name}.html", page)
    write(folder / f"{study.name}.svg", results["figure"].pop("svg"))
    write(folder / f"{study.name}.json", json.dumps(results, indent=1, sort_keys=True) + "\n")


def _build_index(project, folder):
    """The index lists every study whose page and results are in ``folder``."""
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
        write(
            folder / "index.html",
            render_site(
                pages=pages,
                provenance=_provenance(project, pages[-1]["results"], {}, "make reports"),
            ),
        )


def _keep_failure(project, study, error):
    notebook = getattr(error, "notebook", None)
    if notebook is None:
        return ""
    path = project.failures / f"{study.name}.html"
    try:
        write(path, render(notebook, title=f"failed: {study.title}", failure=str(error)))
    except BuildError:
        return ""
    return f", page: {project.show(path)}"


def _provenance(project, results, values, command):
    """(label, text) pairs that say what made a page; nothing that changes from run to run."""
    in_force = arithmetic.pins()
    rows = [("Made by", f"normlab {normlab.__version__}")]
    if dataset := results["dataset"]:
        rows.append(("Data set", f"{dataset['title']}. {dataset['origin']}"))
        rows.append(("SHA-256 of the data", dataset["sha256"]))
    options = " ".join(f"-p {name}={json.dumps(value)}" for name, value in values.items())
    rows.append(("Parameters", options or "all at their defaults"))
    rows.append(("Arithmetic", ", ".join(f"{k}={v}" for k, v in sorted(in_force.items()))))
    lock = project.root / "requirements.lock"
    if lock.exists():
        rows.append(("SHA-256 of requirements.lock", hashlib.sha256(lock.read_bytes()).hexdigest()))
    rows.append(("Make it again", f"{command} {options}".strip()))
    return rows


def _neighbours(project, study):
    studies = project.studies()
    place = [other.name for other in studies].index(study.name)
    around = {"previous": place - 1, "next": place + 1}
    return {
        side: (f"{studies[i].name}.html", studies[i].title)
        for side, i in around.items()
        if 0 <= i < len(studies)
    }


def _folder(project, values):
    """reports/ for the published parameters, else a folder named after what differs."""
    changed = {name: value for chosen in values.values() for name, value in chosen.items()}
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


def write(path: Path, text: str) -> None:
    """Write a file in one step: readers see the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
