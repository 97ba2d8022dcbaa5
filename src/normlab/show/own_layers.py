"""A reader's own layers in a notebook: checked as by ``normlab check``."""

from normlab.check import check_file, shown, summary
from normlab.show.display import Table, prose, show_table


def show_own_layers(solution: str) -> None:
    """Show what is found of a file with layers; of the empty path, one sentence on how to use it.

    Raises CheckError as `check_file`.
    """
    if not solution:
        prose(
            "No such file was given. `normlab build 01-gradient-checks -p solution=layers.py` "
            "shows the table for `layers.py`, and `normlab check layers.py` prints it."
        )
        return
    show_table(own_layers_table(solution))


def own_layers_table(solution: str) -> Table:
    """A row a function of the file, with its errors and what was found."""
    checked = check_file(solution)
    return Table(
        f"Your own layers: {summary(checked)}",
        ("Function", "State", "against the library", "against central differences", "Found"),
        tuple(
            (f.name, f.state, shown(f.library), shown(f.numerical), "; ".join(f.notes))
            for f in checked.findings
        ),
    )
