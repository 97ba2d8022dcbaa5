"""Pages: built, checked, compared."""

import functools
import os
import sys
from pathlib import Path

from normlab import installed
from normlab.commands.cluster import name_who_trains
from normlab.commands.here import name_data_folder
from normlab.handover import STORE_FOLDER
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

    name_data_folder(options.data_dir)
    name_who_trains(options)
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

    name_data_folder(options.data_dir)
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
