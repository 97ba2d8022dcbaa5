"""Notebooks as a build takes them: each read and checked whole before any of them runs."""

from collections.abc import Iterable
from pathlib import Path

from normlab.report.errors import BuildError
from normlab.report.markdown import check_markdown
from normlab.report.parameter_cell import read_parameters
from normlab.report.parameters import Parameter
from normlab.report.project import read_study


def read_all(
    paths: Iterable[Path], named: bool
) -> tuple[dict[str, dict[str, Parameter]], dict[str, BuildError]]:
    """The parameters of each notebook that can be built, and why the others cannot.

    BuildError for the first that cannot, if somebody ``named`` them or if it is the only one.
    """
    paths, parameters, refused = list(paths), {}, {}
    for path in paths:
        try:
            read_study(path)
            check_markdown(path)
            parameters[path.stem] = read_parameters(path)
        except BuildError as error:
            if named or len(paths) == 1:
                raise
            refused[path.stem] = error
    return parameters, refused
