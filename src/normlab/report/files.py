"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

ASIDE = ".new-"
"""How the name of a folder begins in which files are written before they go to their place."""


def write(texts: Mapping[str, str], folder: Path) -> None:
    """Write files of one folder: first all of them aside, then each into its place.

    Parameters
    ----------
    texts : mapping
        File name -> content. Readers see an old file or a new one, never a part.
    folder : Path
        Made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in texts:
        if (folder / name).is_dir():
            raise IsADirectoryError(f"{folder / name} is a folder; move it out of the way")
    with tempfile.TemporaryDirectory(dir=folder, prefix=ASIDE) as aside:
        for name, text in texts.items():
            with open(Path(aside) / name, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for name in texts:
            os.replace(Path(aside) / name, folder / name)
