"""The command line: ``normlab build | verify | compare | list | data | cache | check | lab``."""

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

import normlab
from normlab import commands
from normlab.cores import JOBS
from normlab.messages import nearest, unknown_name
from normlab.plain import Plain, printable
from normlab.report.errors import BuildError
from normlab.report.limits import Limits, option

PATIENCE = 10  # seconds that a command may take to end in order


class Stopped(KeyboardInterrupt):
    """The system asked this process to end, as a person does by Ctrl-C."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line with the way out."""

    def error(self, message):
        sys.exit(_complain(f"{message}; see {self.prog} --help"))


def main(arguments=None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 not understood."""
    _open_standard_streams()
    with (
        contextlib.redirect_stdout(sys.stdout and Plain(sys.stdout)),
        contextlib.redirect_stderr(sys.stderr and Plain(sys.stderr)),
    ):
        return _main(arguments)


def _main(arguments):
    parser = _parser()
    arguments = sys.argv[1:] if arguments is None else arguments
    known = parser.commands
    if arguments and not arguments[0].startswith("-") and arguments[0] not in known:
        return _complain(unknown_name("command", arguments[0], known))
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        choices = known[options.command]._option_string_actions if options.command else ()
        hint = _near_option(unknown[0], choices)
        program = " ".join(filter(None, ["normlab", options.command]))
        return _complain(f"unknown option {unknown[0]!r}{hint} (see {program} --help)")
    if not options.command:
        parser.print_help()
        return 0
    # jsonschema, of nbformat, would make a grammar of web addresses out of it. That takes up
    # to a second, it does without, and no notebook's schema asks for addresses.
    sys.modules.setdefault("rfc3987_syntax", None)
    try:
        with _stopping_on_signals():
            return options.run(options)
    except BrokenPipeError:  # as in `normlab list | head -1`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13  # as a program that SIGPIPE ends
    except (BuildError, ValueError, OSError) as error:
        if options.debug:
            raise
        return _complain(str(error) or type(error).__name__)
    except KeyboardInterrupt as stopped:
        kept = "; the last good pages and all finished runs are kept"
        _complain("stopped" + (kept if options.command == "build" else ""))
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)


def _near_option(given, choices):
    """The end of a line that offers the option that was meant, or -p for a parameter."""
    name, _, value = given.lstrip("-").partition("=")
    known = [choice for choice in choices if choice.startswith("--")]
    if len(name) == 1:
        near = [choice for choice in known if choice.startswith(f"--{name}")]
        return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    near = {choice[2:]: choice for choice in known}
    if hint := nearest(name, near):
        return hint.replace("'", "'--", 1)
    return f"; to set a parameter, write -p {name}={value or 'VALUE'}" if "-p" in choices else ""


def _open_standard_streams():
    """Let no file of a build take the number of an output that the caller has closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


@contextlib.contextmanager
def _stopping_on_signals():
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does: in order, and at once if that hangs."""
    if threading.current_thread() is not threading.main_thread():  # only that one hears signals
        yield
        return
    signals = [signal.SIGINT, signal.SIGTERM, *filter(None, [getattr(signal, "SIGHUP", None)])]
    before = {number: signal.getsignal(number) for number in signals}
    heard = [number for number in signals if before[number] is not signal.SIG_IGN]  # nohup

    first = None

    def stop(number, _):
        nonlocal first
        if first is None:
            first = time.monotonic()
            raise Stopped(number)
        if time.monotonic() > first + PATIENCE:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    try:
        for number in heard:
            signal.signal(number, stop)
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


def _complain(message):
    with contextlib.suppress(OSError):  # nobody may be there any more
        print(f"normlab: {printable(message)}", file=sys.stderr)
    return 2


def _parser():
    parser = _Parser(prog="normlab", description=normlab.__doc__)
    parser.add_argument("--version", action="version", version=f"normlab {normlab.__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    build = subparsers.add_parser("build", help="run notebooks and make their pages")
    build.add_argument(
        "notebooks", nargs="*", metavar="NAME", help="default: all; `normlab list` names them"
    )
    build.add_argument(
        "-p", action="append", default=[], metavar="NAME=VALUE", dest="parameters",
        help="set a parameter of the notebooks; `normlab list NAME` shows them; "
        "profile=quick takes seconds",
    )  # fmt: skip
    build.add_argument(
        "--params", action="append", default=[], type=Path, metavar="FILE.yaml",
        help="set parameters from a file with a line `name: value` each; -p comes after it",
    )  # fmt: skip
    build.add_argument(
        "--dataset", metavar="NAME", help="the same as -p dataset=NAME; see `normlab data list`"
    )
    build.add_argument(
        "--output", type=_folder, metavar="FOLDER", help="where the pages go, a new folder, an "
        "empty one, or one of an earlier build; default: reports/, or with other parameters one in "
        "build/reports",
    )  # fmt: skip
    build.add_argument(
        "--jobs", type=int, default=JOBS, metavar="N",
        help="notebooks at a time, at most one a core; default: %(default)s",
    )  # fmt: skip
    build.add_argument("--force", action="store_true", help="train stored runs again")
    for name, unit, what in (
        ("timeout", "SECONDS", "longest time for a notebook"),
        ("cell_timeout", "SECONDS", "longest time for a cell"),
        ("max_output", "MB", "most that a notebook may show"),
        ("max_runs", "N", "most training runs in a sweep"),
    ):
        build.add_argument(
            option(name), type=int if unit == "N" else float, default=getattr(Limits(), name),
            metavar=unit, help=f"{what}; default: %(default)s",
        )  # fmt: skip
    build.set_defaults(run=commands.build)

    verify = subparsers.add_parser(
        "verify", help="check that pages are whole and made from what is here"
    )
    verify.add_argument("folder", nargs="?", type=Path, help="default: reports/")
    verify.add_argument(
        "--rebuild", action="store_true",
        help="make the published pages again in a temporary folder and compare",
    )  # fmt: skip
    verify.set_defaults(run=commands.verify)

    compare = subparsers.add_parser("compare", help="say how two builds differ")
    for letter in "AB":
        compare.add_argument(
            letter, help="'published', a folder in build/reports, how its name begins, or a path"
        )
    compare.set_defaults(run=commands.compare)

    show = subparsers.add_parser("list", help="list notebooks, or the parameters of one")
    show.add_argument("notebook", nargs="?", metavar="NAME")
    show.set_defaults(run=commands.list_notebooks)

    data = subparsers.add_parser("data", help="list data sets, or fetch one")
    data.set_defaults(run=commands.list_data)
    actions = data.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)
    names = actions.add_parser("list", help="which data sets there are, and where")
    names.set_defaults(run=commands.list_data)
    fetch = actions.add_parser("fetch", help="download a data set and check its SHA-256")
    fetch.add_argument("name", metavar="NAME")
    fetch.set_defaults(run=commands.fetch_data)
    for command in (build, verify, data, names, fetch):
        command.add_argument(
            "--data-dir", type=Path, metavar="FOLDER", help="where data sets lie; default: the "
            "environment's NORMLAB_DATA_DIR, or a cache folder",
        )  # fmt: skip

    cache = subparsers.add_parser("cache", help="say how large the store of runs is, or clear it")
    cache.add_argument("action", nargs="?", choices=("info", "clear"), default="info")
    cache.set_defaults(run=commands.cache)

    check = subparsers.add_parser("check", help="check your own layers against the library")
    check.add_argument("file", metavar="FILE.py", help="it is run, in a process of its own")
    check.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="a function; repeat for more"
    )
    check.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS",
        help="for each function; default: %(default)g",
    )  # fmt: skip
    check.add_argument(
        "--memory", type=float, default=2.0, metavar="GB",
        help="that the file's process may take; default: %(default)g",
    )  # fmt: skip
    check.set_defaults(run=commands.check)

    lab = subparsers.add_parser(
        "lab", help="open the notebooks in JupyterLab; takes the options of `jupyter lab`",
        prefix_chars="\0", add_help=False,  # so that options are passed on
    )  # fmt: skip
    lab.add_argument("arguments", nargs="*")
    lab.set_defaults(run=commands.lab)
    parser.commands = subparsers.choices
    return parser


def _folder(text):
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} names no folder; name one")
    return Path(text).expanduser()  # no shell does it in --output=~/pages


if __name__ == "__main__":
    sys.exit(main())
