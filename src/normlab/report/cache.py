"""The store of finished runs, as a folder: which files in it are its own, and nothing else goes."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

_FOLDER, _ENTRY = re.compile(r"[0-9a-f]{2}"), re.compile(r"[0-9a-f]{64}\.run")


def entries(store: Path) -> Iterator[os.DirEntry]:
    """The runs of a store: plain files, named and placed as it does. No link is followed."""
    for folder in _folders(store):
        try:
            files = _look(folder)
        except PermissionError:
            continue
        for file in files:
            named = _ENTRY.fullmatch(file.name) and file.name.startswith(folder.name)
            if named and file.is_file(follow_symlinks=False):
                yield file


def clear(store: Path) -> tuple[list[int], list[str], list[str]]:
    """Remove the runs of a store, and folders of it that are empty then; all else stays.

    Returns
    -------
    sizes, failed, others : bytes of each run that was removed, a line for each that could not be,
        and the names of whatever is left in the folder.
    """
    sizes, failed = [], []
    for entry in list(entries(store)):
        try:
            size = entry.stat(follow_symlinks=False).st_size
            os.unlink(entry.path)
            sizes.append(size)
        except OSError as error:
            failed.append(f"{entry.path}: {error.strerror}")
    for folder in _folders(store):
        with contextlib.suppress(OSError):  # something is left in it
            os.rmdir(folder)
    return sizes, failed, sorted(entry.name for entry in _look(store))


def _folders(store):
    return [
        entry
        for entry in _look(store)
        if _FOLDER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
    ]


def _look(folder):
    """What is in a folder; nothing if it is not there."""
    try:
        with os.scandir(folder) as found:
            return list(found)
    except FileNotFoundError:
        return []
