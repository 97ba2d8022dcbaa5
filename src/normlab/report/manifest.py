"""The manifest of a folder of pages: what is in it, and what it was made from."""

import json
from pathlib import Path

from normlab.report.files import write
from normlab.report.provenance import sha256

NAME = "manifest.json"


def write_manifest(folder: Path) -> None:
    """List every file of ``folder`` with its SHA-256, and the inputs of every page."""
    paths = files_of(folder)
    content = {
        "files": {path.name: sha256(path.read_bytes()) for path in paths},
        "pages": {
            path.stem: json.loads(path.read_text("utf-8"))["inputs"]
            for path in paths
            if path.suffix == ".json" and path.with_suffix(".html") in paths
        },
    }
    write({NAME: _signed(content)}, folder)


def files_of(folder: Path) -> list[Path]:
    """The files that belong to the pages, by name: no hidden ones, not the manifest."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and path.name != NAME
    )


def read_manifest(folder: Path) -> dict:
    """The manifest, if it is whole; ValueError if it is missing or was changed."""
    if not (folder / NAME).exists():
        raise ValueError(f"{NAME}: missing in {folder.name}/; build the pages first")
    try:
        text = (folder / NAME).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{NAME}: cannot be read ({error})") from error
    try:
        content = json.loads(text)
        del content["digest"]
        whole = _signed(content) == text
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise ValueError(f"{NAME}: it was changed; its digest does not fit")
    return content


def _signed(content):
    """Canonical JSON that carries the SHA-256 of itself without that line."""
    digest = sha256(json.dumps(content, sort_keys=True).encode())
    return json.dumps(content | {"digest": digest}, indent=1, sort_keys=True) + "\n"
