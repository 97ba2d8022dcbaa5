import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat import v4
from processes import HEARING

import normlab
from normlab import cli, cores
from normlab.cores import num_cores
from normlab.handover import CORES_FOLDER
from normlab.report import build as module
from normlab.report import pages
from normlab.report.build import build
from normlab.report.errors import BuildError
from normlab.report.execute import NotebookError
from normlab.report.files import write
from normlab.report.manifest import read_manifest
from normlab.report.parameter_cell import read_parameters
from normlab.report.parameters import assign
from normlab.report.provenance import sha256
from tests.report.conftest import PARAMETERS, Told, code_now, old_page


def files_in(folder):
    """Relative names of all files, hidden ones too."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def links_of(page):
    return re.findall(r'(?:href|src)="([^"]*)"', page.read_text("utf-8"))


def test_a_good_and_a_bad_notebook(project):
    old_page(project.reports, **{"02-bad.html": "the last good page"})
    told = Told()
    failed, folder = build(project, [], [], None, told)
    assert (failed, folder) == (1, project.reports)
    assert sorted(told.started) == ["01-good (1 of 2)", "02-bad (2 of 2)"]
    assert told.done == ["01-good: reports/01-good.html"]
    assert told.failed == [
        "02-bad: cell 4 failed: ValueError: lost (log: build/logs/02-bad.log, "
        "page: build/failures/02-bad.html)"
    ]
    assert (folder / "02-bad.html").read_text("utf-8") == "the last good page"
    assert "02-bad" not in "".join(links_of(folder / "index.html"))
    assert "01-good.html" in links_of(folder / "index.html")
    assert json.loads((folder / "01-good.json").read_text("utf-8"))["answer"]

    failure = (project.failures / "02-bad.html").read_text("utf-8")
    assert "ValueError: lost" in failure
    assert 'role="alert"' in failure
    assert "Executing" in (project.logs / "01-good.log").read_text("utf-8")
    assert files_in(project.notebooks) == {"01-good.ipynb", "02-bad.ipynb"}
    assert not [name for name in files_in(project.root) if Path(name).name.startswith(".")]


def test_the_log_of_a_failure_tells_what_failed(project):
    build(project, ["02-bad"], [], None, Told())
    assert "ValueError: lost" in (project.logs / "02-bad.log").read_text("utf-8")


def test_the_same_bytes_again(project, fake, tmp_path):
    for folder in ("a", "b"):
        build(project, [], [], tmp_path / folder, Told())
    assert files_in(tmp_path / "a") == files_in(tmp_path / "b")
    for name in files_in(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_two_notebooks_run_at_a_time(project, make, monkeypatch):
    several_cores(monkeypatch, 8)
    assert most_at_once(project, make, monkeypatch) == 2
    assert most_at_once(project, make, monkeypatch, jobs=1) == 1


def test_no_more_notebooks_run_at_a_time_than_there_are_cores(project, make, monkeypatch):
    several_cores(monkeypatch, 1)
    assert most_at_once(project, make, monkeypatch) == 1


def several_cores(monkeypatch, number):
    for place in (module, cores):
        monkeypatch.setattr(place, "num_cores", lambda: number)


def most_at_once(project, make, monkeypatch, **options):
    """How many of four notebooks were inside `execute` at once; in turn they see the cores."""
    for name in ("03-good", "04-good"):
        make.write(project.notebooks / f"{name}.ipynb", make.publish, parameters=PARAMETERS)
    inside, most = set(), 0

    def execute(source, *_):
        nonlocal most
        assert os.listdir(os.environ[CORES_FOLDER])
        inside.add(source)
        most = max(most, len(inside))
        time.sleep(0.3)
        inside.discard(source)
        return make.executed([], title=source.stem), make.results()

    monkeypatch.setattr(module, "execute", execute)
    monkeypatch.setattr(module, "code_now", code_now)
    told = Told()
    assert build(project, [], [], None, told, **options)[0] == 0
    assert len(told.done) == 4
    assert CORES_FOLDER not in os.environ
    return most


def test_no_notebook_at_a_time_is_refused(project, fake):
    with pytest.raises(BuildError, match=r"^--jobs 0: expected 1 or more$"):
        build(project, [], [], None, Told(), jobs=0)


@pytest.mark.parametrize("slow", ["01-good", "02-bad"])
def test_pages_do_not_depend_on_who_ends_first(slow, project, fake, tmp_path, monkeypatch):
    build(project, [], [], tmp_path / "a", Told(), jobs=1)
    quick = module.execute

    def execute(source, *rest):
        time.sleep(0.3 if source.stem == slow else 0)
        return quick(source, *rest)

    monkeypatch.setattr(module, "execute", execute)
    build(project, [], [], tmp_path / "b", Told())
    assert files_in(tmp_path / "a") == files_in(tmp_path / "b")
    for name in files_in(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_ctrl_c_ends_both_kernels(project, make):
    wait = """
import os, pathlib, time
pathlib.Path(f"started-{os.getpid()}").touch()
time.sleep(600)
"""
    for name in ("01-good", "02-bad"):
        make.write(project.notebooks / f"{name}.ipynb", wait, parameters=PARAMETERS)
    command = [*HEARING, sys.executable, "-m", "normlab.cli", "build", "--output", "pages"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as building:
        until = time.monotonic() + 60
        while len(started := list(project.root.glob("started-*"))) < min(2, num_cores()):
            assert time.monotonic() < until
            time.sleep(0.1)
        building.send_signal(signal.SIGINT)
        _, said = building.communicate(timeout=30)
    assert building.returncode == 130
    assert said.endswith("normlab: stopped; the last good pages and all finished runs are kept\n")
    assert "FAILED" not in said
    for path in started:
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name.removeprefix("started-")), 0)


def test_one_notebook_keeps_the_others_on_the_index(project, fake):
    build(project, [], [], None, Told())
    told = Told()
    build(project, ["02-bad"], [], None, told)
    assert told.started == ["02-bad (1 of 1)"]
    assert {"01-good.html", "02-bad.html"} <= set(links_of(project.reports / "index.html"))


def test_pages_point_to_their_neighbours(project, fake):
    build(project, [], [], None, Told())
    assert "02-bad.html" in links_of(project.reports / "01-good.html")
    assert "01-good.html" in links_of(project.reports / "02-bad.html")


def test_links_between_pages_resolve_when_only_one_was_built(project, fake):
    _, folder = build(project, ["01-good"], ["seeds=3"], None, Told())
    pages = {link for link in links_of(folder / "01-good.html") if not link.startswith("#")}
    assert pages <= files_in(folder)


def test_a_page_whose_notebook_is_gone_is_not_on_the_index(project, fake):
    build(project, [], [], None, Told())
    (project.notebooks / "02-bad.ipynb").unlink()
    build(project, [], [], None, Told())
    assert "02-bad.html" not in links_of(project.reports / "index.html")


def test_data_of_figures_lie_beside_the_page_and_old_ones_go(project, make, fake, monkeypatch):
    about = {"alt": "A group.", "name": "fig", "csv": "a,b\n1,2\n"}
    figure = v4.new_output(
        "display_data", {"image/svg+xml": "<svg/>"}, metadata={"image/svg+xml": about}
    )
    monkeypatch.setattr(module, "execute", lambda *_: (make.executed([figure]), make.results()))
    old_page(project.reports, **{"01-good.old.csv": "a\n", "01-good.b.old.csv": "b\n"})
    write({"01-good.mine.csv": "c\n"}, project.reports)
    _, folder = build(project, ["01-good"], [], None, Told())
    assert (folder / "01-good.fig.csv").read_bytes() == b"a,b\n1,2\n"
    for page in ("01-good.html", "index.html"):
        assert "01-good.fig.csv" in links_of(folder / page)
    assert "01-good.fig.csv" in (folder / "manifest.json").read_text("utf-8")
    assert not (folder / "01-good.old.csv").exists()
    assert (folder / "01-good.b.old.csv").exists()  # of the notebook 01-good.b
    assert (folder / "01-good.mine.csv").exists()


def test_the_index_says_which_page_is_old_and_which_is_missing(project, fake, make):
    _, folder = build(project, ["01-good"], [], None, Told())
    states = r'<td class="(stale|built|missing)">'
    assert re.findall(states, (folder / "index.html").read_text("utf-8")) == ["built", "missing"]
    make.write(project.notebooks / "01-good.ipynb", "2 + 2", make.publish, title="Good")
    build(project, ["02-bad"], [], None, Told())
    assert re.findall(states, (folder / "index.html").read_text("utf-8")) == ["stale", "built"]


def test_when_all_fail_there_is_no_index(project, fake):
    fake.update({name: BuildError(f"{name}: no") for name in ("01-good", "02-bad")})
    told = Told()
    failed, folder = build(project, [], [], None, told)
    assert failed == 2
    assert sorted(told.failed) == [
        f"{name}: no (log: build/logs/{name}.log)" for name in ("01-good", "02-bad")
    ]
    assert not files_in(folder)


def test_a_page_that_cannot_be_rendered_is_a_failure(project, fake, monkeypatch):
    def refuse(*args, **kwargs):
        raise BuildError("cell 3: a figure has no alt text")

    monkeypatch.setattr(pages, "render", refuse)
    told = Told()
    assert build(project, [], [], None, told)[0] == 2
    assert not files_in(project.reports)
    assert min(told.failed).startswith("01-good: cell 3: a figure has no alt text (log: ")


def test_a_failure_whose_page_cannot_be_rendered_either(project, fake, make, monkeypatch):
    def refuse(*_, **__):
        raise BuildError("no page can show this")

    fake["02-bad"] = NotebookError("02-bad: cell 4 failed", make.executed([]))
    monkeypatch.setattr(pages, "render", refuse)
    told = Told()
    assert build(project, ["02-bad"], [], None, told)[0] == 1
    assert told.failed == ["02-bad: cell 4 failed (log: build/logs/02-bad.log)"]


def test_builds_into_other_folders_have_logs_and_failure_pages_of_their_own(project):
    told = Told()
    build(project, ["02-bad"], [], project.root / "mine", told)
    assert told.failed[0].endswith(
        "(log: build/logs/mine/02-bad.log, page: build/failures/mine/02-bad.html)"
    )
    assert (project.failures / "mine" / "02-bad.html").exists()
    assert files_in(project.logs) == {"mine/02-bad.log", "mine/02-bad.json"}


@pytest.mark.parametrize(
    ("names", "assignments", "message"),
    [
        (["01-god"], [], "unknown notebook '01-god'; did you mean '01-good'"),
        ([], ["sedes=3"], "unknown parameter 'sedes'; did you mean 'seeds'"),
        ([], ["seeds=x"], "parameter seeds: 'x' is not of type int"),
    ],
)
def test_a_mistake_is_found_before_anything_is_written(names, assignments, message, project, fake):
    before = files_in(project.root)
    with pytest.raises(BuildError, match=message):
        build(project, names, assignments, None, Told())
    assert files_in(project.root) == before


def test_other_parameters_go_to_a_folder_of_their_own(project, fake):
    def folder_of(*assignments):
        return build(project, ["01-good"], assignments, None, Told())[1]

    assert folder_of("seeds=2") == project.reports  # the default
    published = files_in(project.reports)
    three = folder_of("seeds=3")
    assert three.parent == project.builds
    assert three.name == "seeds=3"
    assert folder_of("seeds=3") == three
    both = folder_of("seeds=3", "widths=[7, 8]")
    assert both.name == "seeds=3,widths=7-8"
    assert "values {'seeds': 3, 'widths': [7, 8]}" in (
        (both / "01-good.html").read_text("utf-8").replace("&#x27;", "'").replace("&#39;", "'")
    )
    assert files_in(project.reports) == published


def test_all_parameters_are_among_the_results(project, fake):
    _, folder = build(project, ["01-good"], ["seeds=3"], None, Told())
    results = json.loads((folder / "01-good.json").read_text("utf-8"))
    assert results["parameters"] == {"seeds": 3, "widths": [5]}


def test_the_command_lists_all_builds(project, fake, capsys):
    for command in (["-p", "seeds=3"], [], ["--output", "pages"]):
        assert cli.main(["build", *command]) == 0
    out = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"build/reports/seeds=3/index.html", out[0])
    assert out[1:] == [
        "build/reports/index.html (all builds side by side)",
        "reports/index.html",
        "pages/index.html",
    ]
    page = (project.builds / "index.html").read_text("utf-8")
    assert "seeds=3" in page
    assert "../../reports/01-good.html" in page  # it was built after the other


def test_the_order_of_parameters_does_not_matter(project, fake):
    pages = []
    for assignments in (["seeds=3", "widths=[7]"], ["widths=[7]", "seeds=3"]):
        _, folder = build(project, ["01-good"], assignments, None, Told())
        pages.append(provenance_of(folder / "01-good.html"))
    assert pages[0] == pages[1]


def test_folder_names_are_short_plain_and_distinct(project):
    folders = [
        module._folder(project, {"toy": {"dataset": value}})
        for value in ("../../etc", "a" * 200, "a" * 201, "é ü/ß", "...", "..")
    ]
    assert len(set(folders)) == len(folders)
    for folder in folders:
        assert folder.parent == project.builds
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._=,-]{0,70}", folder.name)


def test_a_page_with_other_values_says_so_at_the_top(project, fake):
    note = "Not the published page: built with"
    _, folder = build(project, ["01-good"], ["seeds=3"], None, Told())
    page = (folder / "01-good.html").read_text("utf-8")
    assert f"{note} <code>-p seeds=3</code>" in page
    assert "With 2 seeds intervals are wide" in page  # of the results; these are not the notebook's
    _, folder = build(project, ["01-good"], [], None, Told())
    assert note not in (folder / "01-good.html").read_text("utf-8")


def test_a_failed_build_leaves_no_empty_folder(project, fake):
    fake["01-good"] = NotebookError("01-good: cell 3 failed")
    failed, folder = build(project, ["01-good"], ["seeds=3"], None, Told())
    assert failed == 1
    assert not folder.exists()


def test_a_stopped_build_leaves_an_index_that_fits_its_pages(project, fake, monkeypatch):
    build(project, [], [], None, Told())
    quick = module.execute

    def execute(source, *rest):
        if source.stem == "02-bad":
            raise KeyboardInterrupt
        notebook, results = quick(source, *rest)
        return notebook, results | {"answer": "Another one."}

    monkeypatch.setattr(module, "execute", execute)
    with pytest.raises(KeyboardInterrupt):
        build(project, [], [], None, Told(), jobs=1)
    assert "Another one." in (project.reports / "01-good.html").read_text("utf-8")
    assert "Another one." in (project.reports / "index.html").read_text("utf-8")
    listed = read_manifest(project.reports)["files"]["01-good.html"]
    assert listed == sha256((project.reports / "01-good.html").read_bytes())


def test_the_output_folder_that_is_asked_for(project, fake, tmp_path):
    wanted = tmp_path / "deep" / "pages"
    _, folder = build(project, [], ["seeds=3"], Path("deep/pages"), Told())
    assert folder == wanted
    assert "index.html" in files_in(wanted)


def test_a_folder_that_cannot_be_written_is_found_at_once(project, fake):
    (project.root / "file").write_text("in the way", "utf-8")
    told = Told()
    with pytest.raises(BuildError, match=r"^cannot write to [^\n]+; choose another .*--output$"):
        build(project, [], [], project.root / "file" / "pages", told)
    assert not told.started


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do all")
def test_a_read_only_folder_is_found_at_once(project, fake):
    folder = project.root / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(BuildError, match=r"cannot write to .*; choose another folder"):
        build(project, [], [], folder, Told())


def provenance_of(page):
    rows = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page.read_text("utf-8"))
    plain = (("&quot;", '"'), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&"))
    out = {}
    for label, text in rows:
        for entity, character in plain:
            text = text.replace(entity, character)
        out[label] = text
    return out


def test_provenance(project, fake):
    (project.root / "requirements.lock").write_text("numpy==2.4\n", "utf-8")
    _, folder = build(project, [], ["seeds=3"], None, Told())
    rows = provenance_of(folder / "01-good.html")
    assert rows["Data set"] == "Toy &lt;b&gt;set&lt;/b&gt;. made up"
    assert rows["SHA-256 of the data"] == "abc123"
    assert rows["Parameters"] == "-p seeds=3"
    assert rows["Make it again"] == "normlab build 01-good -p seeds=3"
    assert rows["Made by"] == f"normlab {normlab.__version__}"
    assert rows["SHA-256 of notebook, code and lock file"] == "in manifest.json, beside this page"
    assert str(project.root) not in (folder / "01-good.html").read_text("utf-8")


def test_the_command_of_a_page_makes_it_again(project, fake):
    _, folder = build(project, ["01-good"], ["widths=[7, 8]"], None, Told())
    command = provenance_of(folder / "01-good.html")["Make it again"]
    _, _, name, *options = shlex.split(command)
    parameters = read_parameters(project.notebooks / f"{name}.ipynb")
    assignments = [option for option in options if option != "-p"]
    assert assign(assignments, {name: parameters}) == {name: {"widths": [7, 8]}}


def test_the_index_tells_how_to_make_pages_with_other_parameters(project, fake):
    _, folder = build(project, [], ["seeds=3"], None, Told())
    commands = [
        text
        for label, text in provenance_of(folder / "index.html").items()
        if label.startswith("Make")
    ]
    assert "seeds=3" in "".join(commands)


def test_a_full_disk_is_a_failure_of_the_notebook_in_one_line(project, fake, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pages, "write", fail)
    told = Told()
    with contextlib.suppress(BuildError):
        build(project, [], [], None, told)
    assert "No space left" in told.failed[0]


def test_the_environment_of_the_kernels_is_pinned(project, fake):
    for name in ("OPENBLAS_NUM_THREADS", "PYTHONHASHSEED"):
        os.environ.pop(name, None)
    build(project, ["01-good"], [], None, Told())
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    assert os.environ["PYTHONHASHSEED"] == "0"


def test_one_notebook_built_again_leaves_the_published_pages_as_they_were(project, fake):
    build(project, [], [], None, Told())
    before = {name: (project.reports / name).read_bytes() for name in files_in(project.reports)}
    build(project, ["01-good"], [], None, Told())
    after = {name: (project.reports / name).read_bytes() for name in files_in(project.reports)}
    assert after == before
