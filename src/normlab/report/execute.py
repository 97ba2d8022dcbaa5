"""Run one notebook through papermill and make sure that it ran to its end."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from normlab.handover import PROGRESS_FILE, RESULTS_MIME
from normlab.report.errors import NotebookError
from normlab.report.kernels import Kernels
from normlab.report.lint import check_outputs
from normlab.report.logs import logging_to

CELL_TIMEOUT = 4 * 3600  # seconds


def execute(
    source: Path, values: Mapping, log: Path, on_progress: Callable, kernels: Kernels
) -> tuple:
    """Execute a notebook with papermill in a fresh kernel; several threads may do so at once.

    Parameters
    ----------
    source : Path
        The notebook; it is not modified. Its kernel works in the current folder.
    values : mapping
        Parameters that differ from the defaults.
    log : Path
        Where papermill's log goes.
    on_progress : callable
        Called with a dict (done, runs, work_done, work) as runs finish, from another thread.
    kernels : Kernels
        Starts the kernel.

    Returns
    -------
    notebook, results : the executed notebook without anything that changes from run
        to run, and the results that it published, as a dict.
    """
    import papermill
    from jupyter_core.utils import ensure_event_loop
    from nbconvert.filters import strip_ansi
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    with TemporaryDirectory(prefix="normlab-") as folder, logging_to(log):
        output, progress = Path(folder) / "executed.ipynb", Path(folder) / "progress"
        try:
            with _watching(progress, on_progress):
                notebook = papermill.execute_notebook(
                    source,
                    output,
                    parameters=dict(values),
                    kernel_name="python3",
                    progress_bar=False,
                    request_save_on_cell_execute=False,
                    execution_timeout=CELL_TIMEOUT,
                    kernel_manager_class=kernels.manager(**{PROGRESS_FILE: str(progress)}),
                    shutdown_kernel="immediate",
                    config=Config({"KernelManager": {"transport_encryption": "required"}}),
                )
        except PapermillExecutionError as error:
            logging.getLogger("papermill").error(strip_ansi("\n".join(error.traceback)))
            message = f"{error.ename}: {error.evalue}".split("\n")[0]
            injected = 1 if values else 0  # the cell that papermill puts below the parameters
            raise NotebookError(
                f"{source.stem}: cell {error.cell_index + 1 - injected} failed: {message}",
                _load_without_banner(output),
            ) from error
        except Exception as error:
            logging.getLogger("papermill").exception("the notebook could not be run")
            message = str(error).split("\n")[0] or type(error).__name__
            raise NotebookError(f"{source.stem}: {message}") from error
        finally:
            ensure_event_loop().close()  # each thread has one
    notebook = clean(notebook)
    _check_complete(source.stem, notebook)
    check_outputs(source.stem, notebook)
    return notebook, _take_results(source.stem, notebook)


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
            raise NotebookError(f"{name}: cell {number} never ran; did the kernel exit?", notebook)
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                raise NotebookError(
                    f"{name}: cell {number} wrote a warning: {output.text.strip().splitlines()[0]}",
                    notebook,
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
    return found[0]


def _load_without_banner(path):
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if "papermill-error-cell-tag" not in cell.metadata.get("tags", ())
    ]
    return clean(notebook)


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
