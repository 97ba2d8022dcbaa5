"""The manifest of a folder of pages: what is in it, and what it was made from.

It is the mark by which a folder is known to be normlab's, and it is the list of the files that a
build may write over or remove there. So it goes to its place before the files that it lists.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from normlab.report.errors import BuildError
from normlab.report.files import parse_json, read_bytes
from normlab.report.provenance import sha256
from normlab.report.shapes import check_shape

NAME = "manifest.json"
OF_ALL = ("index.html", "ledger.csv")  # what is made of all pages together
_UNKNOWN = 64 * "0"


def manifest_text(files: Mapping[str, str], pages: Mapping[str, Mapping]) -> str:
    """Canonical JSON that carries the SHA-256 of itself without that line.

    ``files`` maps the name of every other file of the folder to its SHA-256, ``pages`` the name
    of a notebook to what its page was made from: label -> hash or version.
    """
    content = {"files": files, "pages": pages}
    digest = sha256(json.dumps(content, sort_keys=True).encode())
    return json.dumps(content | {"digest": digest}, indent=1, sort_keys=True) + "\n"


def read_manifest(folder: Path) -> dict:
    """The manifest, if it is whole; ValueError if it is missing or was changed."""
    try:
        text, content = _parsed(folder)
    except FileNotFoundError as error:
        shown = folder.name if folder.is_relative_to(Path.cwd()) else folder
        raise ValueError(f"{NAME}: missing in {shown}/; build the pages first") from error
    except OSError as error:
        raise ValueError(f"{NAME}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ValueError(f"{NAME}: it was changed ({error})") from error
    if manifest_text(**content) != text:
        raise ValueError(f"{NAME}: it was changed; its digest does not fit")
    return content


def own_manifest(folder: Path) -> dict:
    """What a build finds in its folder; an empty manifest if there is none.

    Of one whose digest does not fit, the names are believed, and nothing else. BuildError if
    normlab has not written it, or not like this.
    """
    try:
        text, content = _parsed(folder)
    except (FileNotFoundError, NotADirectoryError):
        return {"files": {}, "pages": {}}
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BuildError(
            f"{folder / NAME} is damaged or not normlab's ({reason}), so that nobody knows which "
            "files there are normlab's; restore it, or choose a new folder with --output"
        ) from error
    if manifest_text(**content) != text:
        return {"files": dict.fromkeys(content["files"], _UNKNOWN), "pages": {}}
    return content


def page_of(name: str) -> str:
    """The notebook that a file belongs to, as 02-a for 02-a.html and for 02-a.curves.csv."""
    stem, _, suffix = name.rpartition(".")
    return stem.rpartition(".")[0] if suffix == "csv" else stem


def _parsed(folder):
    """Text and content of a manifest that is one by its shape."""
    content = read_bytes(folder / NAME)
    manifest = parse_json(content)
    check_shape(manifest, "manifest")
    return content.decode(), {key: manifest[key] for key in ("files", "pages")}
