"""What there is: notebooks, data, JupyterLab on them."""

import os
from pathlib import Path

from normlab.report.errors import BuildError


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


def name_data_folder(folder: Path | None) -> None:
    """Tell everything that is started here where data sets lie."""
    if folder:
        os.environ["NORMLAB_DATA_DIR"] = str(folder.absolute())


def lab(options) -> int:
    """Open the notebooks in JupyterLab."""
    from normlab.lab import open_lab
    from normlab.report.project import find_project

    open_lab(find_project().root, options.arguments)
    return 0
