"""Files: read with care, written whole or not at all."""

import contextlib
import json
import math
import os
import stat
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from normlab.report.errors import BuildError

ASIDE = ".new-"
"""How the name of a folder begins in which files are written before they go to their place."""

MARK = ".lock"
"""The file by which such a folder, and one that a build works in, is known to be normlab's."""

_LARGEST = 1 << 28  # bytes that are read
_DEEPEST = 50  # levels of lists and objects within each other


def write(
    texts: Mapping[str, str],
    folder: Path,
    over: Collection[str] | None = None,
    remove: Collection[str] = (),
) -> None:
    """Write files of one folder: first all of them aside, then each into its place, in order.

    Readers see an old file or a new one, never a part. The folder is made if it is not there.

    Parameters
    ----------
    texts : mapping
        File name -> content.
    folder : Path
    over : collection of str, optional
        The names of files that may be written over; by default all.
    remove : collection of str
        Files to remove as soon as the new ones are ready.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in texts:
        if (folder / name).is_dir():
            raise IsADirectoryError(f"{folder / name} is a folder; move it out of the way")
        if over is not None and name not in over and os.path.lexists(folder / name):
            raise BuildError(f"{folder / name} is not normlab's; move it out of the way")
    aside = Path(tempfile.mkdtemp(dir=folder, prefix=ASIDE))
    try:
        (aside / MARK).touch()
        for name, text in texts.items():
            with open(aside / name, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for name in remove:
            if not (folder / name).is_dir():
                (folder / name).unlink(missing_ok=True)
        for name in texts:
            os.replace(aside / name, folder / name)
    finally:
        remove_marked(aside)


def remove_marked(folder: Path) -> None:
    """Remove a folder of files, the mark last: until then it is known to be normlab's."""
    with contextlib.suppress(OSError):  # there is a folder in it, or somebody else removes it
        for path in sorted(folder.iterdir(), key=lambda path: path.name == MARK):
            path.unlink()
        folder.rmdir()


def read_bytes(path: Path, most: int = _LARGEST) -> bytes:
    """What a plain file holds; OSError if it is none, or longer than ``most``."""

    def opener(name, flags):  # a pipe without a writer would keep us waiting
        return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))

    with open(path, "rb", opener=opener) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "not a file", str(path))
        if status.st_size > most:
            raise OSError(0, f"longer than {most // 1000:,} kB", str(path))
        return file.read()


def parse_json(content: bytes):
    """The value of a JSON text; a ValueError says in some words what is wrong.

    It is refused also where Python's parser lets more pass than JSON has: numbers that are not
    finite, halves of characters, and what is nested without end.
    """
    try:
        value = json.loads(
            content.decode("utf-8"),
            parse_constant=_refuse,
            parse_int=_finite(int),
            parse_float=_finite(float),
        )
        level = [value]
        for _ in range(_DEEPEST):
            level = [inner for outer in level for inner in _parts(outer)]
        if level:
            raise RecursionError
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeError:
        raise ValueError("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON in line {error.lineno}") from None
    return value


def _parts(value):
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _refuse(text):
    raise ValueError(f"{text[:20]} is not a finite number")


def _finite(kind):
    def read(text):
        with contextlib.suppress(OverflowError, ValueError):  # of hundreds of digits, or thousands
            value = kind(text)
            if math.isfinite(value):
                return value
        return _refuse(text)

    return read
