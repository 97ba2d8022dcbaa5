"""Each test here that calls `execute` starts a kernel, for a second or two."""

import json
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from nbformat import v4

from normlab.handover import PROGRESS_FILE, RESULTS_MIME
from normlab.report import execute as module
from normlab.report.execute import NotebookError, clean, execute
from normlab.report.kernels import Kernel, Kernels
from normlab.report.logs import LOGGERS

SHOW = """
import os, sys
from pathlib import Path
print("seeds", seeds)
print("here", Path.cwd().name)
"""
PROGRESS = f"""
import json, os, time
with open(os.environ["{PROGRESS_FILE}"], "a") as file:
    for done in (1, 2):
        file.write(json.dumps(dict(done=done, runs=2, work_done=done, work=2)) + "\\n")
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to run in."""
    monkeypatch.delenv(PROGRESS_FILE, raising=False)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(make, tmp_path, here):
    """Execute a notebook of these sources; nothing may stay behind, however it ends."""

    def run(*sources, values=None, progress=None, **more):
        source = make.write(tmp_path / "toy.ipynb", *sources, **more)
        before, loggers = source.read_bytes(), logger_states()
        try:
            return execute(source, values or {}, tmp_path / "toy.log", progress or print, Kernels())
        finally:
            assert source.read_bytes() == before
            assert not list(here.iterdir())
            assert PROGRESS_FILE not in os.environ
            assert logger_states() == loggers

    return run


def logger_states():
    loggers = [logging.getLogger(name) for name in LOGGERS]
    return [(log.level, log.propagate, list(log.handlers)) for log in loggers]


def text_of(notebook):
    return "".join(o.get("text", "") for cell in notebook.cells for o in cell.get("outputs", ()))


def test_a_run_to_the_end(run, make, tmp_path):
    lines = []
    notebook, results = run(
        SHOW, PROGRESS, make.publish, values={"seeds": 3}, progress=lines.append
    )
    assert results == make.results()
    assert "seeds 3" in text_of(notebook)
    assert "here here" in text_of(notebook)
    assert lines == [{"done": n, "runs": 2, "work_done": n, "work": 2} for n in (1, 2)]
    assert [cell.id for cell in notebook.cells] == [
        f"cell-{number}" for number in range(1, len(notebook.cells) + 1)
    ]
    assert all(RESULTS_MIME not in json.dumps(cell.get("outputs")) for cell in notebook.cells)
    assert str(tmp_path) not in json.dumps(notebook)
    assert "Executing" in (tmp_path / "toy.log").read_text("utf-8")


def test_an_exception_names_the_cell_and_keeps_the_notebook(run, make):
    with pytest.raises(NotebookError) as caught:
        run("print('before')", "raise KeyError('lost\\nand found')", make.publish)
    assert str(caught.value).startswith("toy: cell 4 failed: KeyError: ")
    assert len(str(caught.value).splitlines()) == 1
    notebook = caught.value.notebook
    assert len(notebook.cells) == 5
    assert "before" in text_of(notebook)
    assert notebook.cells[3].outputs[0].ename == "KeyError"
    assert "papermill" not in json.dumps(notebook)


def test_cells_count_as_in_the_file(run, make):
    notebook, _ = run(SHOW, make.publish, values={"seeds": 3})
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", *["code"] * 3]
    assert notebook.cells[1].source == "seeds: int = 2  # how many runs\n\n# Parameters\nseeds = 3"
    assert notebook.cells[1].metadata.tags == ["parameters"]
    with pytest.raises(NotebookError, match=r"^toy: cell 3 failed: ZeroDivisionError") as caught:
        run("1 / 0", make.publish, values={"seeds": 3})
    assert [cell.id for cell in caught.value.notebook.cells] == [f"cell-{n}" for n in (1, 2, 3, 4)]
    assert caught.value.notebook.cells[2].outputs[0].ename == "ZeroDivisionError"


def test_what_a_kernel_says_beside_its_cells_goes_to_the_log(
    run, make, tmp_path, capfd, monkeypatch
):
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    with pytest.raises(NotebookError, match=r"^toy: cell 3 ended when its kernel died"):
        run("import ctypes; ctypes.string_at(0)", make.publish)
    log = (tmp_path / "toy.log").read_text("utf-8")
    assert log.index("toy.ipynb") < log.index("import time:") < log.index("ended when")
    assert capfd.readouterr() == ("", "")


def test_an_exit_in_the_middle_is_no_success(run, make):
    with pytest.raises(NotebookError, match=r"^toy: cell \d ") as caught:
        run("import sys; sys.exit(0)", "print('after')", make.publish)
    assert caught.value.notebook is not None


def test_a_silent_exit_is_no_success_either(run, make):
    leave = "import warnings; warnings.simplefilter('ignore'); raise SystemExit(0)"
    with pytest.raises(NotebookError, match=r"^toy: cell 4 never ran; did the kernel exit\?$"):
        run(leave, "print('after')", make.publish)


def test_a_cell_that_is_tagged_to_be_skipped_says_so():
    cell = v4.new_code_cell("1", metadata={"tags": ["skip-execution"]})
    with pytest.raises(NotebookError, match="cell 1 never ran; take the tag 'skip-execution' from"):
        module._check_complete("toy", v4.new_notebook(cells=[cell]))


def test_a_warning_is_refused(run, make):
    with pytest.raises(NotebookError, match=r"^toy: cell 3 wrote a warning: .*careful$"):
        run("import sys; print('careful\\nreally', file=sys.stderr)", make.publish)


def test_a_kernel_that_dies(run, make):
    with pytest.raises(NotebookError, match=r"^toy: [^\n]*[Kk]ernel died"):
        run("import os; os.kill(os.getpid(), 9)", make.publish)


@pytest.mark.parametrize("deaths", [1, 3])
def test_a_kernel_that_does_not_come_up_is_started_again(run, make, monkeypatch, deaths):
    starts, real = [], Kernel.manager

    def manager(kernel):
        class Manager(real(kernel)):
            async def start_kernel(self, **options):
                await super().start_kernel(**options)
                starts.append(kernel)
                if len(starts) <= deaths:
                    kernel.kill()

        return Manager

    monkeypatch.setattr(Kernel, "manager", manager)
    if deaths < 3:
        assert run(make.publish)[1] == make.results()
    else:
        with pytest.raises(NotebookError, match=r"^toy: Kernel died before replying"):
            run(make.publish)
    assert len(starts) == min(deaths + 1, 3)


def test_a_notebook_that_cannot_be_read(tmp_path, here):
    path = tmp_path / "toy.ipynb"
    path.write_text("{", "utf-8")
    with pytest.raises(NotebookError, match=r"^toy: [^\n]+$"):
        execute(path, {}, tmp_path / "logs" / "toy.log", print, Kernels())
    assert "Traceback" in (tmp_path / "logs" / "toy.log").read_text("utf-8")
    assert PROGRESS_FILE not in os.environ


def published(times):
    output = v4.new_output("display_data", {RESULTS_MIME: {"answer": "yes"}})
    return [output] * times


@pytest.mark.parametrize("times", [0, 2])
def test_results_are_published_once(times, make):
    notebook = make.executed(published(times))
    message = rf"^toy: results were published {times} times; call study\.publish once$"
    with pytest.raises(NotebookError, match=message) as caught:
        module._take_results("toy", notebook)
    assert caught.value.notebook is notebook


def test_results_in_two_cells_are_too_many(make):
    with pytest.raises(NotebookError, match="published 2 times"):
        module._take_results("toy", make.executed(published(1), published(1)))


def test_empty_cells_need_not_run(make):
    notebook = make.executed([])
    notebook.cells.append(v4.new_code_cell("  \n", execution_count=None))
    module._check_complete("toy", notebook)


def test_clean_drops_what_changes_from_run_to_run(make):
    notebook = make.executed([])
    notebook.metadata["papermill"] = {"start_time": "now"}
    for cell in notebook.cells:
        cell.id = "random"
        cell.metadata.update(papermill={"duration": 1}, execution={"iopub": "now"}, tags=["kept"])
    cleaned = clean(notebook)
    assert "papermill" not in json.dumps(cleaned)
    assert "iopub" not in json.dumps(cleaned)
    assert [cell.id for cell in cleaned.cells] == ["cell-1", "cell-2", "cell-3"]
    assert cleaned.cells[0].metadata.tags == ["kept"]


def test_progress_that_is_written_at_the_very_end_arrives(tmp_path, monkeypatch):
    waiting = threading.Event()

    class Stop(threading.Event):
        def wait(self, timeout=None):
            if timeout is not None:  # the watcher, not the start of its thread
                waiting.set()
            return super().wait(10)

    monkeypatch.setattr(module.threading, "Event", Stop)
    lines = []
    with module._watching(tmp_path / "progress", lines.append):
        waiting.wait(10)
        (tmp_path / "progress").write_text('{"done": 1}\n{"done": 2}\n', "utf-8")
    assert lines == [{"done": 1}, {"done": 2}]


def test_two_at_once_do_not_mix(make, tmp_path, here):
    """Logs, progress, parameters and environment of two notebooks that run side by side."""
    before = logger_states()
    wait = f"""
import pathlib, time
me, other = (("a", "b"), ("b", "a"))[seeds]
pathlib.Path("{tmp_path}", me).touch()
until = time.monotonic() + 60
while not pathlib.Path("{tmp_path}", other).exists() and time.monotonic() < until:
    time.sleep(0.01)
"""
    log_to = [tmp_path / f"toy-{seeds}.log" for seeds in (0, 1)]

    def run(seeds):
        source = make.write(tmp_path / f"toy-{seeds}.ipynb", wait, SHOW, PROGRESS, make.publish)
        lines = []
        notebook, _ = execute(source, {"seeds": seeds}, log_to[seeds], lines.append, Kernels())
        return text_of(notebook), lines

    with ThreadPoolExecutor(2) as pool:
        for seeds, (text, lines) in enumerate(pool.map(run, (0, 1))):
            assert f"seeds {seeds}" in text
            assert [line["done"] for line in lines] == [1, 2]
            log = log_to[seeds].read_text("utf-8")
            assert f"toy-{seeds}.ipynb" in log
            assert f"toy-{1 - seeds}.ipynb" not in log
            assert log.count("Executing notebook") == 1
    assert logger_states() == before
    assert not list(here.iterdir())


def test_stopped_kernels_end_their_notebooks(make, tmp_path, here):
    kernels = Kernels()
    source = make.write(tmp_path / "toy.ipynb", "import time; time.sleep(600)", make.publish)
    timer = threading.Timer(3, kernels.stop)
    timer.start()
    for _ in range(2):  # the second one starts when all is stopped
        with pytest.raises(NotebookError, match=r"^toy: [^\n]*[Kk]ernel"):
            execute(source, {}, tmp_path / "toy.log", print, kernels)
    timer.join()
