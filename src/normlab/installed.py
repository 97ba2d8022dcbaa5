"""Whether the normlab that runs is the one whose source lies in a checkout."""

from pathlib import Path

_HERE = Path(__file__).parent


def difference_from(checkout: Path, running: Path = _HERE) -> str | None:
    """One line if the running normlab differs from ``src/normlab`` of a checkout.

    Files are compared by content, so a copy is as good as the original. None also if the folder
    holds no source of normlab, but notebooks alone.
    """
    source = checkout / "src" / "normlab"
    if not source.is_dir() or source.samefile(running):
        return None
    ours, theirs = _contents(source), _contents(running)
    different = sorted(
        name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    )
    if not different:
        return None
    more = f" and {len(different) - 1} more" if len(different) > 1 else ""
    return (
        f"the normlab that runs, in {running}, is not that of src/ here: they differ in "
        f"{different[0]}{more}; run `pip install .` again, or `pip install -e .` once"
    )


def _contents(folder):
    """Name -> bytes of every file of a package, but for what Python compiled and hidden files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not path.name.startswith(".")
    }
