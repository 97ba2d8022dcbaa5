"""The command line: ``normlab build | verify | list | data | cache | lab``."""

import argparse
import os
import sys
from pathlib import Path

import normlab
from normlab.cores import JOBS
from normlab.handover import STORE_FOLDER
from normlab.messages import unknown_name
from normlab.report.errors import BuildError


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line with the way out."""

    def error(self, message):
        sys.exit(_complain(f"{message}; see {self.prog} --help"))


def main(arguments=None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 not understood."""
    parser = _parser()
    arguments = sys.argv[1:] if arguments is None else arguments
    commands = parser.commands
    if arguments and not arguments[0].startswith("-") and arguments[0] not in commands:
        return _complain(unknown_name("command", arguments[0], commands))
    options = parser.parse_args(arguments)
    if not options.command:
        parser.print_help()
        return 0
    # jsonschema, of nbformat, would make a grammar of web addresses out of it. That takes up
    # to a second, it does without, and no notebook's schema asks for addresses.
    sys.modules.setdefault("rfc3987_syntax", None)
    try:
        return options.run(options)
    except (BuildError, ValueError, OSError) as error:
        if options.debug:
            raise
        return _complain(str(error))
    except KeyboardInterrupt:
        _complain("stopped; the last good pages are as they were")
        return 130


def _complain(message):
    print(f"normlab: {message}", file=sys.stderr)
    return 2


def _parser():
    parser = _Parser(prog="normlab", description=normlab.__doc__)
    parser.add_argument("--version", action="version", version=f"normlab {normlab.__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    build = subparsers.add_parser("build", help="run notebooks and make their pages")
    build.add_argument("notebooks", nargs="*", metavar="NAME", help="default: all notebooks")
    build.add_argument(
        "-p", action="append", default=[], metavar="NAME=VALUE", dest="parameters",
        help="set a parameter of the notebooks; `normlab list NAME` shows them",
    )  # fmt: skip
    build.add_argument(
        "--dataset", metavar="NAME", help="the same as -p dataset=NAME; see `normlab data list`"
    )
    build.add_argument("--output", type=Path, metavar="FOLDER", help="where the pages go")
    build.add_argument(
        "--jobs", type=int, default=JOBS, metavar="N",
        help="notebooks at a time, at most one a core; default: %(default)s",
    )  # fmt: skip
    build.add_argument("--force", action="store_true", help="train stored runs again")
    _add_data_dir(build)
    build.set_defaults(run=_build)

    verify = subparsers.add_parser("verify", help="check pages against manifest, inputs, rebuild")
    verify.add_argument("folder", nargs="?", type=Path, help="default: reports/")
    verify.add_argument(
        "--rebuild", action="store_true",
        help="make the published pages again in a temporary folder and compare",
    )  # fmt: skip
    verify.set_defaults(run=_verify)

    show = subparsers.add_parser("list", help="list notebooks, or the parameters of one")
    show.add_argument("notebook", nargs="?", metavar="NAME")
    show.set_defaults(run=_list)

    data = subparsers.add_parser("data", help="list data sets, or fetch one")
    data.set_defaults(run=_data_list)
    actions = data.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)
    names = actions.add_parser("list", help="which data sets there are, and where")
    names.set_defaults(run=_data_list)
    fetch = actions.add_parser("fetch", help="download a data set and check its SHA-256")
    fetch.add_argument("name", metavar="NAME")
    fetch.set_defaults(run=_data_fetch)
    for command in (data, names, fetch):
        _add_data_dir(command)

    cache = subparsers.add_parser("cache", help="say how large the store of runs is, or clear it")
    cache.add_argument("action", nargs="?", choices=("info", "clear"), default="info")
    cache.set_defaults(run=_cache)

    lab = subparsers.add_parser(
        "lab", help="open the notebooks in JupyterLab; takes the options of `jupyter lab`",
        prefix_chars="\0", add_help=False,  # so that options are passed on
    )  # fmt: skip
    lab.add_argument("arguments", nargs="*")
    lab.set_defaults(run=_lab)
    parser.commands = subparsers.choices
    return parser


def _add_data_dir(command):
    command.add_argument(
        "--data-dir", type=Path, metavar="FOLDER",
        help="where data sets lie; default: the environment's NORMLAB_DATA_DIR, or a cache folder",
    )  # fmt: skip


def _build(options):
    from normlab import data
    from normlab.report.build import build
    from normlab.report.project import find_project
    from normlab.terminal import Terminal

    if options.data_dir:
        os.environ["NORMLAB_DATA_DIR"] = str(options.data_dir.absolute())
    assignments = list(options.parameters)
    if options.dataset:
        assignments.append(f"dataset={options.dataset}")
    for assignment in assignments:
        if assignment.startswith("dataset="):
            data.load(assignment.removeprefix("dataset="))  # a typo is found before a kernel starts
    project = find_project()
    failed, folder = build(
        project, options.notebooks, assignments, options.output, Terminal(), options.force,
        options.jobs,
    )  # fmt: skip
    if (folder / "index.html").exists():
        print(project.show(folder / "index.html"))
    return 1 if failed else 0


def _verify(options):
    import tempfile

    from normlab.report.build import build
    from normlab.report.project import find_project
    from normlab.report.verify import compare_folders, contradictions, same_arithmetic, verify
    from normlab.terminal import Terminal

    project = find_project()
    folder = (options.folder or project.reports).absolute()
    faults = verify(project, folder)
    if options.rebuild:
        if folder != project.reports:
            return _complain("--rebuild makes the published pages; leave the folder out")
        with tempfile.TemporaryDirectory(prefix="normlab-") as temporary:
            os.environ[STORE_FOLDER] = str(Path(temporary) / "runs")
            pages = Path(temporary) / "reports"
            failed, _ = build(project, [], [], pages, Terminal())
            if failed:
                faults.append(f"{failed} notebooks failed")
            elif same_arithmetic(folder, pages):
                faults += compare_folders(folder, pages)
            else:
                print("not the reference arithmetic here: claims and intervals are compared")
                for line in compare_folders(folder, pages):
                    print(f"  {line}")
                faults += contradictions(folder, pages)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{project.show(folder)}: every file is whole and made from what is here")
    return 1 if faults else 0


def _cache(options):
    import shutil

    from normlab.report.project import find_project

    store = find_project().runs
    runs = list(store.glob("*/*.run"))
    size = sum(path.stat().st_size for path in runs) / 1e6
    if options.action == "clear":
        shutil.rmtree(store, ignore_errors=True)
    verb = "cleared" if options.action == "clear" else "stored in build/runs"
    print(f"{len(runs)} runs, {size:.1f} MB, {verb}")
    return 0


def _lab(options):
    from normlab.lab import open_lab
    from normlab.report.project import find_project

    open_lab(find_project().root, options.arguments)
    return 0


def _list(options):
    from normlab.report.parameters import read_parameters
    from normlab.report.project import find_project

    project = find_project()
    if not options.notebook:
        for study in project.studies():
            print(f"{study.name}\n    {study.question}")
        return 0
    (study,) = project.choose([options.notebook])
    print(f"{study.title}\n{study.question}\n\nParameters, set with -p NAME=VALUE:")
    for parameter in read_parameters(study.path).values():
        print(
            f"  {parameter.name}={parameter.default!r} ({parameter.type})\n      {parameter.help}"
        )
    return 0


def _data_list(options):
    from normlab import data

    for name, status in data.available(options.data_dir):
        print(f"{name}\n    {status}")
    return 0


def _data_fetch(options):
    from normlab import data

    print(data.fetch(options.name, options.data_dir))
    return 0


if __name__ == "__main__":
    sys.exit(main())
