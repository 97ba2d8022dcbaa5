"""The options of all commands but ``normlab build``."""

from types import SimpleNamespace

import click

from normlab import commands
from normlab.options.root import PATH, data_dir, folder, normlab, notebooks, tls
from normlab.usage import Group


@normlab.command()
@click.argument("folder", required=False, type=PATH)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Make the published pages again in a temporary folder and compare.",
)
@data_dir
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
@click.argument("notebook", required=False, metavar="[NAME]", shell_complete=notebooks)
def list_notebooks(**options):
    """List notebooks, or the parameters of one."""
    return commands.list_notebooks(SimpleNamespace(**options))


@normlab.group(cls=Group, invoke_without_command=True)
@data_dir
@click.pass_context
def data(context, data_dir):
    """List data sets, or fetch one."""
    context.obj = data_dir
    if context.invoked_subcommand is None:
        return commands.list_data(SimpleNamespace(data_dir=data_dir))
    return 0


@data.command("list")
@data_dir
@click.pass_obj
def list_data(given, data_dir):
    """Which data sets there are, and where."""
    return commands.list_data(SimpleNamespace(data_dir=data_dir or given))


@data.command()
@click.argument("name")
@data_dir
@click.pass_obj
def fetch(given, name, data_dir):
    """Download a data set and check its SHA-256."""
    return commands.fetch_data(SimpleNamespace(name=name, data_dir=data_dir or given))


@normlab.command()
@click.argument("action", default="info", type=click.Choice(["info", "clear"]))
def cache(**options):
    """Say how large the store of runs is, or clear it."""
    return commands.cache(SimpleNamespace(**options))


@normlab.group(cls=Group, invoke_without_command=True)
@click.option("--json", is_flag=True, help="For programs: one object a claim.")
@click.pass_context
def ledger(context, json):
    """List all claims with their verdicts, or run one again."""
    if context.invoked_subcommand is None:
        return commands.list_ledger(SimpleNamespace(json=json))
    return 0


@ledger.command("run")
@click.argument("name", metavar="ID")
@click.option("-p", "parameters", multiple=True, metavar="NAME=VALUE", help="As of `build`.")
@click.option("--json", is_flag=True, help="For programs: one object.")
@data_dir
def run_claim(**options):
    """Run the notebook that decides a claim, from nothing, and say what came out."""
    return commands.run_claim(SimpleNamespace(**options))


@normlab.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE.py|FOLDER...", type=PATH)
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
@click.argument("notebooks", nargs=-1, required=True, metavar="NOTEBOOK.ipynb...", type=PATH)
@click.option("--year", type=click.IntRange(2016, 2026), default=2026, help="Of the notebooks.")
@click.option("--out", callback=folder, metavar="FOLDER", help="Keep them there, with outputs.")
@data_dir
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
@tls
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
@click.option("--scheduler-file", type=PATH, metavar="FILE", help="Write its address there.")
@tls
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
