"""The command line: ``normlab build | verify | compare | list | data | cache | check | ...``."""

import contextlib
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import click

import normlab
from normlab import commands
from normlab.cores import JOBS
from normlab.plain import Plain, printable
from normlab.report.errors import BuildError
from normlab.report.limits import Limits, option
from normlab.stopping import stopping_on_signals
from normlab.usage import Group, in_words


def main(arguments=None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 not understood."""
    _open_standard_streams()
    with (
        contextlib.redirect_stdout(sys.stdout and Plain(sys.stdout)),
        contextlib.redirect_stderr(sys.stderr and Plain(sys.stderr)),
    ):
        return _main(sys.argv[1:] if arguments is None else list(arguments))


def _main(arguments):
    # jsonschema, of nbformat, would make a grammar of web addresses out of it. That takes up
    # to a second, it does without, and no notebook's schema asks for addresses.
    sys.modules.setdefault("rfc3987_syntax", None)
    try:
        with stopping_on_signals():
            return _normlab.main(arguments, prog_name="normlab", standalone_mode=False) or 0
    except click.UsageError as error:
        return _complain(in_words(error))
    except click.Abort as aborted:  # how click passes on Ctrl-C
        return _stopped(arguments, aborted.__context__)
    except KeyboardInterrupt as stopped:
        return _stopped(arguments, stopped)
    except BrokenPipeError:  # as in `normlab list | head -1`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13  # as a program that SIGPIPE ends
    except (BuildError, ValueError, OSError) as error:
        if "--debug" in arguments[:1]:
            raise
        return _complain(str(error) or type(error).__name__)


def _stopped(arguments, stopped):
    kept = "; the last good pages and all finished runs are kept"
    _complain("stopped" + (kept if "build" in arguments[:2] else ""))
    return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)


def _open_standard_streams():
    """Let no file of a build take the number of an output that the caller has closed."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _complain(message):
    with contextlib.suppress(OSError):  # nobody may be there any more
        print(f"normlab: {printable(message)}", file=sys.stderr)
    return 2


def _notebooks(_context, _parameter, incomplete):
    """The notebooks whose names begin so, for the shell's completion."""
    from normlab.report.project import find_project

    with contextlib.suppress(BuildError):
        names = [path.stem for path in find_project().paths()]
        return [name for name in names if name.startswith(incomplete)]
    return []


def _folder(_context, _parameter, text):
    if text is None:
        return None
    if not text.strip():
        raise click.BadParameter(f"{text!r} names no folder; name one")
    return Path(text).expanduser()  # no shell does it in --output=~/pages


_PATH = click.Path(path_type=Path)
_data_dir = click.option(
    "--data-dir",
    type=_PATH,
    metavar="FOLDER",
    help="Where data sets lie; default: the environment's NORMLAB_DATA_DIR, or a cache folder.",
)


@click.group(
    cls=Group,
    help=normlab.__doc__,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(normlab.__version__, prog_name="normlab", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def _normlab(context, debug):
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@_normlab.command()
@click.argument("notebooks", nargs=-1, metavar="[NAME]...", shell_complete=_notebooks)
@click.option(
    "-p",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter of the notebooks; `normlab list NAME` shows them; profile=quick takes "
    "seconds. Give one twice for two builds, side by side.",
)
@click.option(
    "--params",
    multiple=True,
    type=_PATH,
    metavar="FILE.yaml",
    help="Set parameters from a file with a line `name: value` each; -p comes after it. Give "
    "two for two builds, side by side.",
)
@click.option(
    "--dataset", metavar="NAME", help="The same as -p dataset=NAME; see `normlab data list`."
)
@click.option(
    "--output",
    callback=_folder,
    metavar="FOLDER",
    help="Where the pages go, a new folder, an empty one, or one of an earlier build; default: "
    "reports/, or with other parameters one in build/reports.",
)
@click.option(
    "--jobs",
    type=int,
    default=JOBS,
    show_default=True,
    metavar="N",
    help="Notebooks at a time, at most one a core.",
)
@click.option("--force", is_flag=True, help="Train stored runs again.")
@_data_dir
def build(**options):
    """Run notebooks and make their pages."""
    return commands.build(SimpleNamespace(**options))


for _name, _unit, _what in (
    ("timeout", "SECONDS", "Longest time for a notebook."),
    ("cell_timeout", "SECONDS", "Longest time for a cell."),
    ("max_output", "MB", "Most that a notebook may show."),
    ("max_runs", "N", "Most training runs in a sweep."),
):
    click.option(
        option(_name),
        type=int if _unit == "N" else float,
        default=getattr(Limits(), _name),
        show_default=True,
        metavar=_unit,
        help=_what,
    )(build)


@_normlab.command()
@click.argument("folder", required=False, type=_PATH)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Make the published pages again in a temporary folder and compare.",
)
@_data_dir
def verify(**options):
    """Check that pages are whole and made from what is here.

    Without FOLDER these are the published ones, in reports/.
    """
    return commands.verify(SimpleNamespace(**options))


@_normlab.command()
@click.argument("A")
@click.argument("B")
def compare(a, b):
    """Say how two builds differ.

    A and B are 'published', a folder in build/reports, how its name begins, or a path.
    """
    return commands.compare(SimpleNamespace(A=a, B=b))


@_normlab.command("list")
@click.argument("notebook", required=False, metavar="[NAME]", shell_complete=_notebooks)
def list_notebooks(**options):
    """List notebooks, or the parameters of one."""
    return commands.list_notebooks(SimpleNamespace(**options))


@_normlab.group(cls=Group, invoke_without_command=True)
@_data_dir
@click.pass_context
def data(context, data_dir):
    """List data sets, or fetch one."""
    context.obj = data_dir
    if context.invoked_subcommand is None:
        return commands.list_data(SimpleNamespace(data_dir=data_dir))
    return 0


@data.command("list")
@_data_dir
@click.pass_obj
def list_data(given, data_dir):
    """Which data sets there are, and where."""
    return commands.list_data(SimpleNamespace(data_dir=data_dir or given))


@data.command()
@click.argument("name")
@_data_dir
@click.pass_obj
def fetch(given, name, data_dir):
    """Download a data set and check its SHA-256."""
    return commands.fetch_data(SimpleNamespace(name=name, data_dir=data_dir or given))


@_normlab.command()
@click.argument("action", default="info", type=click.Choice(["info", "clear"]))
def cache(**options):
    """Say how large the store of runs is, or clear it."""
    return commands.cache(SimpleNamespace(**options))


@_normlab.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE.py|FOLDER...", type=_PATH)
@click.option("--only", multiple=True, metavar="NAME", help="A function; repeat for more.")
@click.option("--json", is_flag=True, help="For programs: one object a function.")
@click.option(
    "--timeout",
    type=float,
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="For each function.",
)
@click.option(
    "--memory",
    type=float,
    default=2,
    show_default=True,
    metavar="GB",
    help="That the file's process may take.",
)
def check(**options):
    """Check your own layers and nets against the library.

    Files are run, each in a process of its own. Of several folders, such as those of a class, a
    table is printed.
    """
    return commands.check(SimpleNamespace(**options))


@_normlab.command()
@click.argument("notebooks", nargs=-1, required=True, metavar="NOTEBOOK.ipynb...", type=_PATH)
@click.option("--year", type=click.IntRange(2016, 2026), default=2026, help="Of the notebooks.")
@click.option("--out", callback=_folder, metavar="FOLDER", help="Keep them there, with outputs.")
@_data_dir
def cs231n(**options):
    """Run notebooks of Stanford's CS231n, assignment 2, on normlab."""
    return commands.cs231n(SimpleNamespace(**options))


@_normlab.command(
    cls=click.Command,
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(**options):
    """Open the notebooks in JupyterLab.

    Takes the options of `jupyter lab`.
    """
    return commands.lab(SimpleNamespace(**options))


if __name__ == "__main__":
    sys.exit(main())
