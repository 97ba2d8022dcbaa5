"""The roof over all commands, and the options that several of them take."""

import contextlib
from pathlib import Path

import click

import normlab as package
from normlab.report.errors import BuildError
from normlab.usage import Group


def notebooks(_context, _parameter, incomplete):
    """The notebooks whose names begin so, for the shell's completion."""
    from normlab.report.project import find_project

    with contextlib.suppress(BuildError):
        names = [path.stem for path in find_project().paths()]
        return [name for name in names if name.startswith(incomplete)]
    return []


def folder(_context, _parameter, text):
    """The folder that a person names."""
    if text is None:
        return None
    if not text.strip():
        raise click.BadParameter(f"{text!r} names no folder; name one")
    return Path(text).expanduser()  # no shell does it in --output=~/pages


PATH = click.Path(path_type=Path)
data_dir = click.option(
    "--data-dir",
    type=PATH,
    metavar="FOLDER",
    help="Where data sets lie; default: the environment's NORMLAB_DATA_DIR, or a cache folder.",
)


def tls(command):
    """Options for encryption between dask's processes."""
    for name, what in (
        ("key", "The key of that certificate."),
        ("cert", "Its own certificate."),
        ("ca", "Whose certificates dask believes, a PEM file; default: dask's configuration."),
    ):
        command = click.option(f"--tls-{name}", type=PATH, metavar="FILE", help=what)(command)
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
