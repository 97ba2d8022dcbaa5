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
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import normlab
from normlab import arithmetic
from normlab.cores import JOBS, num_cores, sharing_cores
from normlab.handover import FORCE, STORE_FOLDER
from normlab.report.errors import BuildError, about
from normlab.report.execute import execute
from normlab.report.kernels import Kernels
from normlab.report.limits import Limits
from normlab.report.pages import check_results, keep_failure, write_index, write_page
from normlab.report.parameters import all_values, assign, expand_profiles
from normlab.report.project import Project, Study, read_study
from normlab.report.provenance import code_now, notebook_hash, options_of, write_log
from normlab.report.reading import read_all
from normlab.report.workplace import check_writable, folder_for_pages, with_room, working_folder

_looking = threading.Lock()  # some versions of Python cannot parse in two threads at once


class _Build(NamedTuple):
    """What the pages of one build share."""

    project: Project
    studies: list  # all of the project, as they were when the build began
    parameters: dict  # of each notebook that is to be built
    refused: dict  # name of one that is to be built -> why it cannot
    folder: Path
    terminal: object
    kernels: Kernels
    limits: Limits
    code: dict  # what code there was when the build began: label -> hash
    notebooks: dict  # name -> hash, of the chosen ones likewise
    command: str  # makes these pages again

    def below(self, folder: Path) -> Path:
        """Where this build keeps its logs or failure pages: by name, if it has its own pages."""
        return folder if self.folder == self.project.reports else folder / self.folder.name


def build(
    project: Project,
    names,
    assignments,
    output: Path | None,
    terminal,
    force=False,
    jobs=JOBS,
    limits: Limits | None = None,
    checks: Mapping[str, Callable] | None = None,
    called="",
):
    """Build the pages of the notebooks ``names`` (all if empty) and the index.

    Parameters
    ----------
    project : Project
    names : list of str
    assignments : list of str or (name, value)
        As `parameters.assign` takes them; ``profile=quick`` is what notebooks/quick.yaml holds.
    output : Path or None
        Where the pages go; by default reports/, or with other values a folder of their own.
    terminal : Terminal
    force : bool
        Train every run anew, also those that are stored.
    jobs : int
        How many notebooks run at a time, at most; never more than there are cores.
    limits : Limits, optional
    checks : mapping, optional
        Name of a parameter -> a function that refuses a value of it.
    called : str
        What a person calls this build, if not by the values that differ.

    Returns
    -------
    failed, folder : how many notebooks failed (their last good pages stay), where the pages are.

    Raises
    ------
    BuildError
        Before anything is run: a name, a value or a folder that is no good. A notebook that is
        no good is refused so too if it is named or the only one; of several it fails alone.

    Effects: sets the arithmetic, the run store and the cores in this process's environment,
    for the kernels.
    """
    limits = limits or Limits()
    limits.check()
    if jobs < 1:
        raise BuildError(f"--jobs {jobs}: expected 1 or more")
    paths = project.find(names)
    notebooks = {path.stem: notebook_hash(path) for path in paths}
    parameters, refused = read_all(paths, bool(names))
    try:
        assignments = expand_profiles(assignments, project.notebooks, parameters)
        values = assign(assignments, parameters)
    except BuildError as error:  # it may be one of a notebook that was not read
        raise BuildError("; also, ".join(map(str, [error, *refused.values()]))) from error
    _check_values(parameters, values, checks or {})
    folder = (output or _folder(project, values, called)).absolute()
    project = with_room(project)
    check_writable(project.logs)
    with folder_for_pages(folder, project), working_folder(project.work) as work:
        arithmetic.pin(os.environ)
        os.environ[FORCE] = "1" if force else "0"
        store = os.environ.get(STORE_FOLDER) or project.runs
        os.environ[STORE_FOLDER] = os.path.abspath(store)  # kernels work in other folders
        shared = _Build(
            project,
            _snapshots(project, work, notebooks),
            parameters,
            refused,
            folder,
            terminal,
            Kernels(),
            limits,
            code_now(project),
            notebooks,
            _command(values),
        )
        built = _build_pages(shared, values, jobs)
        if built:
            write_index(shared)
        for name in built:
            if not (folder / f"{name}.html").exists():
                raise BuildError(
                    f"{folder}: {name}.html is gone, taken away while the build ran; build again"
                )
    return len(parameters) + len(refused) - len(built), folder


def _check_values(parameters, values, checks):
    """Put every value of a parameter that has a check to it, also the defaults."""
    for study, known in parameters.items():
        for name in known.keys() & checks.keys():
            checks[name](values[study].get(name, known[name].default))


def _snapshots(project, folder, notebooks):
    """All studies as they are now, so that an edit while they run reaches no page.

    One that cannot be read goes by its name: its page, if there is one, is of an earlier one.
    """
    studies = []
    for path in project.paths():
        try:
            study = read_study(path)
        except BuildError:
            study = Study(path.stem, path, path.stem, "Its notebook cannot be read now.")
        if path.is_file():
            study = study._replace(path=Path(shutil.copy(path, folder)))
        studies.append(study)
        now = notebook_hash(study.path, project.notebooks)
        if notebooks.get(path.stem, now) != now:
            raise BuildError(f"{path.stem}: edited while the build began; build again")
    return studies


def _build_pages(build, values, jobs):
    """Build the chosen pages, ``jobs`` at a time; the names of those that are there."""
    meant = build.parameters | build.refused
    studies = [study for study in build.studies if study.name in meant]

    def run(number, study):
        label = f"{study.name} ({number} of {len(studies)})"
        return _build_page(build, study, values.get(study.name, {}), label)

    with sharing_cores(), ThreadPoolExecutor(min(jobs, num_cores())) as pool:
        futures = []
        try:
            futures += [pool.submit(run, *numbered) for numbered in enumerate(studies, start=1)]
            done = [future.result() for future in futures]
        except BaseException:  # Ctrl-C above all
            build.kernels.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [study.name for study, page in zip(studies, done, strict=True) if page]


def _build_page(build, study, values, label):
    """Build one page and tell of it; True if it is there."""
    project = build.project
    log = build.below(project.logs) / f"{study.name}.log"
    failures = build.below(project.failures)
    began = time.monotonic()
    line = build.terminal.start(label)
    failure, notebook = None, None
    try:
        write_log(log.with_suffix(".json"), project)
        if study.name in build.refused:
            log.write_text(f"{build.refused[study.name]}\n", "utf-8", "backslashreplace")
            raise build.refused[study.name]
        notebook, results = execute(study.path, values, log, line.runs, build.kernels, build.limits)
        check_results(study.name, results)
        _check_code(build, study, results.pop("code"))
        results["parameters"] = all_values(build.parameters[study.name], values)
        results["normlab"] = normlab.__version__
        write_page(build, study, values, notebook, results)
        (failures / f"{study.name}.html").unlink(missing_ok=True)
        write_log(log.with_suffix(".json"), project, time.monotonic() - began)
    except Exception as error:
        if build.kernels.stopped:
            return False
        reason = about(study.name, error)
        page = keep_failure(failures, study, reason, getattr(error, "notebook", notebook))
        shown = f", page: {project.show(page)}" if page else ""
        failure = f"{reason} (log: {project.show(log)}{shown})"
    page = f"{study.name}: {project.show(build.folder / study.name)}.html"
    if notebook_hash(project.notebooks / f"{study.name}.ipynb") != build.notebooks[study.name]:
        page += ", of the notebook as it was; it was edited meanwhile, so build it again"
    line.finish(failure or page, failed=bool(failure))
    return not failure


def _check_code(build, study, code_of_the_runs):
    """Refuse a page if the code was edited since the build began.

    Results written by hand may name no hash; they say nothing of the code.
    """
    with _looking:
        now = code_now(build.project)
    states = [(label, {before, now[label]}) for label, before in build.code.items()]
    if re.fullmatch("[0-9a-f]{64}", str(code_of_the_runs)):
        states.append(("code of the runs", {build.code["code of the runs"], code_of_the_runs}))
    if edited := [label for label, found in states if len(found) > 1]:
        raise BuildError(
            f"{study.name}: made from two states of the code ({edited[0]} was edited meanwhile); "
            "build again, finished runs are stored"
        )


def _command(values):
    """What makes these pages again."""
    options = " ".join(options_of(_changed(values)))
    return f"normlab build {options}" if options else "make reports ledger"


def _changed(values):
    """The values of all notebooks together that differ from the published ones."""
    return {name: value for chosen in values.values() for name, value in chosen.items()}


def _folder(project, values, called=""):
    """reports/ for the published parameters, else a folder named after what differs.

    Where the name does not say it all, a part of a hash makes it another one.
    """
    changed = _changed(values)
    if not changed:
        return project.reports
    spelled = ",".join(f"{name}={_spelled(value)}" for name, value in sorted(changed.items()))
    label = called or spelled
    name = re.sub(r"[^,=]*/(?=[^,/]+)", "", label)  # of a path the last part
    name = re.sub(r"[^\w.,=+-]+", "_", name, flags=re.A)[:60].strip("._")
    if name != label:
        digest = hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()[:6]
        name = f"{name}_{digest}"
    return project.builds / name


def _spelled(value):
    return "-".join(map(str, value)) if isinstance(value, list) else str(value)
