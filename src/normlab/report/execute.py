"""Run one notebook through papermill and make sure that it ran to its end."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

from normlab.handover import MAX_RUNS, PROGRESS_FILE, RESULTS, RESULTS_MIME
from normlab.report.errors import BuildError, NotebookError
from normlab.report.kernels import Kernels
from normlab.report.limits import Limits, option
from normlab.report.lint import refuse_leaks
from normlab.report.logs import logging_to
from normlab.report.stored import BANNER, INJECTED, read_notebook

_STARTS = 3  # of a kernel that does not come up


def execute(
    source: Path,
    values: Mapping,
    log: Path,
    on_progress: Callable,
    kernels: Kernels,
    limits: Limits | None = None,
) -> tuple:
    """Execute a notebook with papermill in a fresh kernel; several threads may do so at once.

    Parameters
    ----------
    source : Path
        The notebook; it is not modified. Its kernel works in the current folder.
    values : mapping
        Parameters that differ from the defaults.
    log : Path
    on_progress : callable
        Called with a dict (done, runs, work_done, work) as runs finish, from another thread.
    kernels : Kernels
    limits : Limits, optional

    Returns
    -------
    notebook, results : the executed notebook without anything that changes from run
        to run, and the results that it published, as a dict.

    A NotebookError is one line; its ``notebook`` shows how far it came.
    """
    limits = limits or Limits()
    with TemporaryDirectory(prefix="normlab-") as folder, logging_to(log):
        progress = Path(folder) / "progress"
        variables = {PROGRESS_FILE: str(progress), MAX_RUNS: str(limits.max_runs)}
        logging.getLogger("papermill").info("%s with the values %s", source.name, dict(values))
        try:
            stored = read_notebook(source)
            kernel = kernels.new(log, **variables)
        except BuildError as error:
            logging.getLogger("papermill").exception("the notebook cannot be run")
            reason = str(error).removeprefix(f"{source.name}: ")
            raise NotebookError(f"{source.stem}: {reason}") from error
        timer = threading.Timer(
            limits.timeout,
            kernel.end,
            [f"ran for more than {limits.timeout:g} s; allow more by {option('timeout')}"],
        )
        timer.start()
        try:
            with _watching(progress, on_progress):
                notebook = _run(stored, values, kernel, limits)
        except Exception as error:
            raise _as_notebook_error(source.stem, error, kernel, limits) from error
        finally:
            timer.cancel()
            kernel.close()
        notebook = clean(_as_stored(notebook))
        try:
            _check_complete(source.stem, notebook)
            refuse_leaks(source.stem, notebook)
            return notebook, _take_results(source.stem, notebook)
        except NotebookError as error:
            logging.getLogger("papermill").error(str(error))
            raise


def _run(stored, values, kernel, limits):
    import papermill
    from jupyter_core.utils import ensure_event_loop
    from traitlets.config import Config

    from normlab.report import engine

    engine.register()
    options = {
        "parameters": dict(values),
        "engine_name": engine.NAME,
        "kernel_name": "python3",
        "progress_bar": False,
        "request_save_on_cell_execute": False,
        "kernel": kernel,
        "megabytes": limits.max_output,
        "cell_timeout": limits.cell_timeout,
        "config": Config({"KernelManager": {"transport_encryption": "required"}}),
    }
    try:
        for starts_left in reversed(range(_STARTS)):
            try:
                # Not by its path: papermill takes a path for a pattern, with braces to fill.
                return papermill.execute_notebook(deepcopy(stored), None, **options)
            except RuntimeError:
                # A kernel gets ports that were free a moment ago; another build may be faster.
                if not starts_left or kernel.reason or _begun(kernel.notebook):
                    raise
                logging.getLogger("papermill").warning("the kernel did not start; once more")
                kernel.close()
    finally:
        ensure_event_loop().close()  # each thread has one


def _as_notebook_error(name, error, kernel, limits):
    """What stopped a notebook, in one line that names the cell, with the notebook up to there."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from nbconvert.filters import strip_ansi
    from papermill.exceptions import PapermillExecutionError

    log = logging.getLogger("papermill")
    if isinstance(error, PapermillExecutionError):
        log.error(strip_ansi("\n".join(error.traceback)))
        reason = f"failed: {_first_line(f'{error.ename}: {error.evalue}')}"
    elif kernel.reason:
        reason = kernel.reason
    elif isinstance(error, CellTimeoutError):
        reason = (
            f"ran for more than {limits.cell_timeout:g} s; allow more by {option('cell_timeout')}"
        )
    elif isinstance(error, DeadKernelError):
        reason = "ended when its kernel died; was memory short, or did the cell end it?"
    else:
        log.exception("the notebook could not be run")
        reason = _first_line(str(error)) or type(error).__name__
    log.error(reason)
    notebook = kernel.notebook
    if notebook is None:  # it never began
        return NotebookError(f"{name}: {reason}")
    notebook = _as_stored(notebook)
    if begun := _begun(notebook):
        _mark(begun[-1], reason)
        reason = f"cell {len(begun)} {reason}"
    return NotebookError(f"{name}: {reason}", clean(notebook))


def _as_stored(notebook):
    """Let the cells count as in the file: papermill's values join the parameters cell above."""
    cells = []
    for cell in notebook.cells:
        if INJECTED in _tags(cell):
            cells[-1].source += f"\n\n{cell.source.strip()}"
            cells[-1].outputs += cell.outputs
        elif BANNER not in _tags(cell):
            cells.append(cell)
    notebook.cells = cells
    return notebook


def _begun(notebook):
    """The cells that have run, or that ran when it stopped."""
    cells = notebook.cells if notebook else ()
    return [cell for cell in cells if cell.metadata.get("papermill", {}).get("start_time")]


def _mark(cell, reason):
    """Let a cell that was stopped from outside show why, as one that failed shows its error."""
    from nbformat import v4

    if cell.cell_type == "code" and not any(o.output_type == "error" for o in cell.outputs):
        output = v4.new_output("error", ename="Stopped", evalue=reason, traceback=[reason])
        cell.outputs.append(output)


def _tags(cell):
    return cell.metadata.get("tags", ())


def _first_line(text):
    return text.strip().partition("\n")[0]


def clean(notebook):
    """Drop what changes from run to run: times, durations, paths, random ids."""
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
    return notebook


def _check_complete(name, notebook):
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        if cell.source.strip() and cell.execution_count is None:
            why = "did the kernel exit?"
            if "skip-execution" in cell.metadata.get("tags", ()):
                why = "take the tag 'skip-execution' from it, or the cell out"
            raise NotebookError(f"{name}: cell {number} never ran; {why}", notebook)
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                raise NotebookError(
                    f"{name}: cell {number} wrote a warning: {_first_line(output.text)}", notebook
                )


def _take_results(name, notebook):
    """Remove the published results from the cells and return them."""
    found = []
    for cell in notebook.cells:
        for output in list(cell.get("outputs", ())):
            if RESULTS_MIME in output.get("data", {}):
                found.append(output["data"][RESULTS_MIME])
                cell.outputs.remove(output)
    if len(found) != 1:
        raise NotebookError(
            f"{name}: results were published {len(found)} times; call study.publish once", notebook
        )
    (results,) = found
    missing = [key for key in RESULTS if not isinstance(results, dict) or key not in results]
    if missing:
        fault = f"lack {', '.join(missing)}"
        raise NotebookError(f"{name}: the results {fault}; call study.publish", notebook)
    return results


@contextmanager
def _watching(path, on_progress):
    """Hand each new line that the kernel's sweeps write to ``path`` to ``on_progress``."""
    stop = threading.Event()
    path.touch()

    def watch():
        with path.open(encoding="utf-8") as lines:
            last_look = False
            while not last_look:
                last_look = stop.wait(0.2)
                for line in lines:
                    on_progress(json.loads(line))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
