"""The options of every command, as click reads them."""

import contextlib
from pathlib import Path
from types import SimpleNamespace

import click

import normlab as package
from normlab import commands
from normlab.cores import JOBS
from normlab.report.errors import BuildError
from normlab.report.limits import Limits, option
from normlab.usage import Group


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


def _tls(command):
    """Options for encryption between dask's processes."""
    for name, what in (
        ("key", "The key of that certificate."),
        ("cert", "Its own certificate."),
        ("ca", "Whose certificates dask believes, a PEM file; default: dask's configuration."),
    ):
        command = click.option(f"--tls-{name}", type=_PATH, metavar="FILE", help=what)(command)
    return command


@click.group(
    cls=Group,
    help=package.__doc__,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package.__version__, prog_name="normlab", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def normlab(context, debug):
    """Let click say what there is, where no command is named."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@normlab.command()
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
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes of this machine that train; default: one a core.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS|FILE",
    help="Let the workers of a dask cluster train, such as those at tcp://host:8786.",
)
@_tls
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


@normlab.command()
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


@normlab.command()
@click.argument("A")
@click.argument("B")
def compare(a, b):
    """Say how two builds differ.

    A and B are 'published', a folder in build/reports, how its name begins, or a path.
    """
    return commands.compare(SimpleNamespace(A=a, B=b))


@normlab.command("list")
@click.argument("notebook", required=False, metavar="[NAME]", shell_complete=_notebooks)
def list_notebooks(**options):
    """List notebooks, or the parameters of one."""
    return commands.list_notebooks(SimpleNamespace(**options))


@normlab.group(cls=Group, invoke_without_command=True)
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


@normlab.command()
@click.argument("action", default="info", type=click.Choice(["info", "clear"]))
def cache(**options):
    """Say how large the store of runs is, or clear it."""
    return commands.cache(SimpleNamespace(**options))


@normlab.command()
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


@normlab.command()
@click.argument("notebooks", nargs=-1, required=True, metavar="NOTEBOOK.ipynb...", type=_PATH)
@click.option("--year", type=click.IntRange(2016, 2026), default=2026, help="Of the notebooks.")
@click.option("--out", callback=_folder, metavar="FOLDER", help="Keep them there, with outputs.")
@_data_dir
def cs231n(**options):
    """Run notebooks of Stanford's CS231n, assignment 2, on normlab."""
    return commands.cs231n(SimpleNamespace(**options))


@normlab.command()
@click.argument("address", metavar="ADDRESS|FILE")
@click.option(
    "--nworkers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="How many processes; default: one a core.",
)
@_tls
def worker(**options):
    """Train for others: dask workers that compute by the reference arithmetic.

    ADDRESS is that of a dask scheduler, such as tcp://host:8786; they work until it ends.
    """
    return commands.worker(SimpleNamespace(**options))


@normlab.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where it listens. Without TLS, whoever reaches it can run code.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8786, show_default=True)
@click.option("--scheduler-file", type=_PATH, metavar="FILE", help="Write its address there.")
@_tls
def scheduler(**options):
    """Start a dask scheduler, which workers and builds meet at."""
    return commands.scheduler(SimpleNamespace(**options))


@normlab.command(
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
