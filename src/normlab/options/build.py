"""The options of ``normlab build``."""

from types import SimpleNamespace

import click

from normlab import commands
from normlab.cores import JOBS
from normlab.options.root import PATH, data_dir, folder, normlab, notebooks, tls
from normlab.report.limits import Limits, option


@normlab.command()
@click.argument("notebooks", nargs=-1, metavar="[NAME]...", shell_complete=notebooks)
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
    type=PATH,
    metavar="FILE.yaml",
    help="Set parameters from a file with a line `name: value` each; -p comes after it. Give "
    "two for two builds, side by side.",
)
@click.option(
    "--dataset", metavar="NAME", help="The same as -p dataset=NAME; see `normlab data list`."
)
@click.option(
    "--output",
    callback=folder,
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
@tls
@data_dir
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
