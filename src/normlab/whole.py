"""A file is written whole or not at all."""

import os
import secrets
from pathlib import Path


def write_whole(path: str | Path, content: bytes) -> None:
    """Write beside the place of a file, and move it there: readers see the old one or the new."""
    temporary = f"{path}-{secrets.token_hex(8)}"
    try:
        with open(temporary, "xb") as file:  # others may read it, if the umask says so
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
