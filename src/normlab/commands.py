"""What each command of ``normlab`` does: a function of its options that returns an exit code.

The heavy imports are made when a command needs them, so that the others start at once.
"""

import functools
import json
import os
import sys
from pathlib import Path

from normlab import installed
from normlab.handover import SCHEDULER, STORE_FOLDER, WORKERS
from normlab.plain import printable
from normlab.report.errors import BuildError
from normlab.report.limits import Limits


def build(options) -> int:
    """Run notebooks and make their pages."""
    from normlab import data
    from normlab.report.build import build
    from normlab.report.overview import write_overview
    from normlab.report.project import find_project
    from normlab.report.variants import variants
    from normlab.terminal import Terminal

    _name_data_folder(options.data_dir)
    _name_who_trains(options)
    dataset = [f"dataset={options.dataset}"] if options.dataset else []
    builds = variants(options.params, [*options.parameters, *dataset])
    if len(builds) > 1 and options.output:
        raise BuildError(
            f"--output names one folder, and {len(builds)} builds are asked for; leave it out, or "
            "give each parameter once"
        )
    project = find_project()
    if difference := installed.difference_from(project.root):
        print(f"note: {difference}", file=sys.stderr)
    for variant in builds:
        failed, folder = build(
            project,
            options.notebooks,
            variant.assignments,
            options.output,
            Terminal(),
            options.force,
            options.jobs,
            Limits(*(getattr(options, name) for name in Limits._fields)),
            checks={"dataset": data.load, "solution": _check_solution},
            called=variant.name,
        )
        if folder == project.reports or folder.parent == project.builds:
            write_overview(project)
        if (folder / "index.html").exists():
            print(printable(project.show(folder / "index.html")))
        if failed:
            return 1
    if folder.parent == project.builds:
        print(f"{project.show(project.builds / 'index.html')} (all builds side by side)")
    return 0


def _name_who_trains(options):
    """Tell the kernels where runs are to be made."""
    from normlab.runs import dask_processes

    if options.workers and options.scheduler:
        raise BuildError("--workers are of this machine, --scheduler is of a cluster; give one")
    if options.workers:
        os.environ[WORKERS] = str(options.workers)
    os.environ.update(dask_processes.tls(options.tls_ca, options.tls_cert, options.tls_key))
    if options.scheduler:
        os.environ[SCHEDULER] = dask_processes.address_of(options.scheduler)
        dask_processes.check_installed("--scheduler")
        dask_processes.check_answers(os.environ[SCHEDULER])


def worker(options) -> int:
    """Become dask workers with the pins."""
    from normlab.runs import dask_processes

    address = dask_processes.address_of(options.address)
    variables = dask_processes.tls(options.tls_ca, options.tls_cert, options.tls_key)
    dask_processes.check_installed("normlab worker")
    dask_processes.become_workers(address, options.nworkers, variables)


def scheduler(options) -> int:
    """Become a dask scheduler."""
    from normlab.runs import dask_processes

    variables = dask_processes.tls(options.tls_ca, options.tls_cert, options.tls_key)
    dask_processes.check_installed("normlab scheduler")
    where = options.host, options.port, options.scheduler_file
    dask_processes.become_scheduler(*where, variables)


def _check_solution(path):
    if path and not Path(path).is_file():
        raise BuildError(f"parameter solution: no file {path}; give the path of a Python file")


def verify(options) -> int:
    """Check pages, and with --rebuild make them again and compare."""
    import tempfile

    from normlab.report.build import build
    from normlab.report.differences import compare_folders, contradictions, same_arithmetic
    from normlab.report.project import find_project
    from normlab.report.verify import verify
    from normlab.terminal import Terminal

    _name_data_folder(options.data_dir)
    project = find_project()
    folder = (options.folder or project.reports).absolute()
    checked = verify(project, folder, _data_hash)
    other_code = filter(None, [installed.difference_from(project.root)])
    faults, said = [*other_code, *checked.faults], str(checked)
    if options.rebuild:
        if folder != project.reports:
            raise BuildError("--rebuild makes the published pages; leave the folder out")
        with tempfile.TemporaryDirectory(prefix="normlab-") as temporary:
            os.environ[STORE_FOLDER] = str(Path(temporary) / "runs")
            pages = Path(temporary) / "reports"
            failed, _ = build(project, [], [], pages, Terminal())
            said = "every file is whole, and everything was trained again: "
            if failed:
                faults.append(f"{failed} notebooks failed")
            elif same_arithmetic(folder, pages):
                faults += compare_folders(folder, pages)
                said += "the pages came out the same to the byte"
            else:
                print("not the reference arithmetic here: claims and intervals are compared")
                for line in compare_folders(folder, pages):
                    print(f"  {printable(line)}")
                faults += contradictions(folder, pages)
                said += "claims and intervals came out the same"
    for fault in faults:
        print(printable(fault))
    if not faults:
        print(printable(f"{project.show(folder)}: {said}"))
    return 1 if faults else 0


@functools.cache
def _data_hash(name):
    """SHA-256 of a data set as it is here; None if it is not here."""
    from normlab import data

    return data.load(name).sha256 if data.is_here(name) else None


def _name_data_folder(folder):
    if folder:
        os.environ["NORMLAB_DATA_DIR"] = str(folder.absolute())


def compare(options) -> int:
    """Print how two builds differ."""
    from normlab.report.compare import compare
    from normlab.report.finished import choose_build
    from normlab.report.project import find_project

    project = find_project()
    first, second = (choose_build(project, text) for text in (options.A, options.B))
    for line in compare(first, second):
        print(printable(line))
    return 0


def cache(options) -> int:
    """Say how large the store of runs is, or clear it."""
    from normlab.report.cache import clear, entries
    from normlab.report.project import find_project
    from normlab.report.workplace import with_room

    project = find_project()
    store = Path(os.environ.get(STORE_FOLDER) or with_room(project).runs)
    if options.action == "clear":
        sizes, failed, others = clear(store)
        verb = "cleared"
    else:
        sizes = [entry.stat(follow_symlinks=False).st_size for entry in entries(store)]
        failed, others, verb = [], [], f"stored in {printable(project.show(store))}"
    print(f"{len(sizes)} runs, {sum(sizes) / 1e6:.1f} MB, {verb}")
    for line in failed:
        print(f"not removed: {printable(line)}")
    if others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        print(printable(f"left in {project.show(store)}: {', '.join(others[:3])}{more}"))
    return 1 if failed else 0


def check(options) -> int:
    """Check the layers in a person's file, or all files of folders."""
    from normlab import check

    limits = {"timeout": options.timeout, "memory": options.memory}
    files = [file for path in options.paths for file in check.submitted(path)]
    if len(files) == 1 and not options.json:
        checked = {files[0]: check.check_file(files[0], options.only, **limits)}
    else:
        checked = check.check_submission(files, options.only, **limits)
    found = [each for each in checked.values() if isinstance(each, check.Checked)]
    if options.json:
        print(json.dumps(check.as_json(checked), indent=1))
    elif len(checked) == 1 and found:
        print(check.as_text(found[0]))
    else:
        for file, each in checked.items() if len(options.paths) == 1 else ():
            if isinstance(each, check.Checked):
                print(printable(str(file)), check.as_text(each), "", sep="\n")
        print(check.as_table(checked))
    right = len(found) == len(checked) and all(map(check.all_right, found))
    return 0 if right else 1


def cs231n(options) -> int:
    """Run notebooks of the course, and print which cells raised."""
    from normlab.cs231n.run import run_notebook, table

    _name_data_folder(options.data_dir)
    try:
        ran = [run_notebook(path, options.year, options.out) for path in options.notebooks]
    except ValueError as error:
        raise BuildError(str(error)) from error
    print(printable(table(ran), lines=True))
    return 1 if any(each.unexpected for each in ran) else 0


def lab(options) -> int:
    """Open the notebooks in JupyterLab."""
    from normlab.lab import open_lab
    from normlab.report.project import find_project

    open_lab(find_project().root, options.arguments)
    return 0


def list_notebooks(options) -> int:
    """List the notebooks, or the parameters of one."""
    from normlab.report.parameter_cell import read_parameters
    from normlab.report.project import find_project, read_study

    project = find_project()
    if not options.notebook:
        broken = 0
        for path in project.paths():
            try:
                print(f"{path.stem}\n    {read_study(path).question}")
            except BuildError as error:
                print(f"{path.stem}\n    {error}")
                broken = 1
        print("\n`normlab list NAME` shows the parameters of one.")
        return broken
    study = read_study(*project.find([options.notebook]))
    parameters = read_parameters(study.path)
    print(f"{study.title}\n{study.question}\n\nParameters, set with -p NAME=VALUE:")
    for parameter in parameters.values():
        print(
            f"  {parameter.name}={parameter.default!r} ({parameter.type})\n      {parameter.help}"
        )
    return 0


def list_data(options) -> int:
    """List the data sets."""
    from normlab import data

    for name, status in data.available(options.data_dir):
        print(f"{name}\n    {status}")
    return 0


def fetch_data(options) -> int:
    """Download a data set."""
    from normlab import data

    print(data.fetch(options.name, options.data_dir))
    return 0
