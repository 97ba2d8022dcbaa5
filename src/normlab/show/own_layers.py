"""A reader's own layers in a notebook: checked as by ``normlab check``."""

from pathlib import PurePath

from normlab.check import check_file, shown, summary
from normlab.show.display import prose, show_table
from normlab.show.tables import Table


def show_own_layers(solution: str):
    """Show what is found of a file with layers, and return it.

    Of the empty path one sentence on how to use it, and None. Raises CheckError as `check_file`.
    """
    if not solution:
        prose(
            "No such file was given. `normlab build 01-gradient-checks -p solution=layers.py` "
            "shows the table for `layers.py`, and `normlab check layers.py` prints it."
        )
        return None
    checked = check_file(solution)
    show_table(own_layers_table(checked))
    return checked


def answer_for(solution: str, checked) -> tuple[str, str]:
    """The answer of a page that is built for a reader's own file: in short, and what follows."""
    wrong = [finding for finding in checked.findings if not finding.is_right]
    name = PurePath(solution).name
    if not wrong:
        return f"No function in {name} was found wrong.", summary(checked) + "."
    told = "; ".join(f"`{f.name}`: {', '.join(f.notes) or f.state}" for f in wrong[:3])
    more = f" And {len(wrong) - 3} more, in the table below." if len(wrong) > 3 else ""
    functions = "function is" if len(wrong) == 1 else "functions are"
    return f"{len(wrong)} {functions} wrong in {name}.", f"{told}.{more} {summary(checked)}."


def own_layers_table(checked) -> Table:
    """A row a function of the file, with its errors and what was found."""
    return Table(
        f"Your own layers: {summary(checked)}",
        ("Function", "State", "against the library", "against central differences", "Found"),
        tuple(
            (f.name, f.state, shown(f.library), shown(f.numerical), "; ".join(f.notes))
            for f in checked.findings
        ),
    )
