"""A notebook as it is stored, read whole or refused in one line that names it."""

import json
import re
from pathlib import Path

from normlab.plain import printable
from normlab.report.errors import BuildError

INJECTED = "injected-parameters"
"""papermill's tag of the cell that it puts below the parameters."""

BANNER = "papermill-error-cell-tag"
"""papermill's tag of the cells that it puts around one that failed."""

_FORMAT = 4


def read_notebook(path: Path):
    """What counts of a notebook: kinds, tags and sources of its cells, and pasted pictures.

    It is a NotebookNode of format 4. Outputs, metadata and the kernel that it asks for are left
    out, so what runs is what `provenance.notebook_hash` covers. BuildError if it cannot be read,
    or holds cells that papermill put there: the values in them would run in the place of those
    that the page names.
    """
    from nbformat import from_dict

    try:
        cells = [_kept(*numbered) for numbered in enumerate(_read_cells(path), start=1)]
    except OSError as error:
        raise BuildError(
            f"{path.name}: cannot be read ({error.strerror}); mend that or take it away"
        ) from error
    except Exception as error:
        raise BuildError(
            f"{path.name}: not a notebook ({_reason(error)}); restore it or take it away"
        ) from error
    for number, cell in enumerate(cells, start=1):
        for tag in {INJECTED, BANNER} & set(cell["metadata"]["tags"]):
            raise BuildError(
                f"{path.name}: cell {number} is tagged {tag!r}, left there by papermill; "
                "take the cell out"
            )
    metadata = {"language_info": {"name": "python"}}
    return from_dict(
        {"nbformat": _FORMAT, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    )


def _read_cells(path):
    from nbformat import validate

    if printable(path.name) != path.name:
        raise ValueError("its name holds characters that no page can show")
    if path.exists() and not path.is_file():
        raise ValueError("not even a file")
    text = path.read_bytes().decode("utf-8")
    if text.startswith("\ufeff"):
        raise ValueError("it begins with a byte order mark; save it as UTF-8 without")
    if conflict := re.search(r"^(?:<{7}|>{7}) ", text, re.M):
        raise ValueError(f"git conflict in line {text.count(chr(10), 0, conflict.start()) + 1}")
    content = json.loads(text)
    if not isinstance(content, dict) or content.get("nbformat") != _FORMAT:
        raise ValueError(f"not of format {_FORMAT}; save it anew in JupyterLab")
    json.dumps(content, ensure_ascii=False).encode()  # refuses halves of surrogate pairs
    cells = content.get("cells")
    if isinstance(cells, list):  # they are known by their number
        cells = [{key: value for key, value in cell.items() if key != "id"} for cell in cells]
    validate(content | {"nbformat_minor": 4, "cells": cells})
    return cells


def _kept(number, cell):
    kept = {
        "id": f"cell-{number}",
        "cell_type": cell["cell_type"],
        "source": "".join(cell["source"]),
        "metadata": {"tags": cell["metadata"].get("tags", [])},
    }
    if "attachments" in cell:
        kept["attachments"] = cell["attachments"]
    if cell["cell_type"] == "code":
        kept |= {"outputs": [], "execution_count": None}
    return kept


def _reason(error):
    """Why it could not be read, in a few words."""
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON from line {error.lineno} on"
    if isinstance(error, UnicodeError):
        return "not UTF-8"
    if type(error) is ValueError:
        return str(error)
    place = list(getattr(error, "absolute_path", ()))  # where it does not fit the schema
    what = f"cell {place[1] + 1}" if len(place) > 1 and place[0] == "cells" else "the file"
    return f"{what} is not of format {_FORMAT}"
