"""Check pages against their manifest, their results, and what they were made from."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from normlab.plain import printable
from normlab.report.errors import BuildError
from normlab.report.files import MARK, parse_json, read_bytes
from normlab.report.manifest import NAME, OF_ALL, page_of, read_manifest
from normlab.report.parameter_cell import read_parameters
from normlab.report.parameters import all_values
from normlab.report.project import Project
from normlab.report.provenance import code_now, inputs_of, notebook_hash, sha256
from normlab.report.shapes import check_shape


class Checked(NamedTuple):
    """What `verify` found: faults, a line each, and what it looked at."""

    faults: list[str]
    files: int = 0
    pages: int = 0
    published: bool = False
    unseen: tuple[str, ...] = ()  # data sets that are not here

    def __str__(self) -> str:
        """One line that says exactly what was checked, for pages without a fault."""
        made_from = ["their notebooks", "the code", "requirements.lock"]
        made_from += ["the defaults of all parameters"] if self.published else []
        unseen = f" (not compared, as it is not here: {', '.join(self.unseen)})"
        return (
            f"every file is whole and in the manifest ({self.files}), every page belongs to its "
            f"results ({self.pages}), and {', '.join(made_from)} and the data"
            f"{unseen if self.unseen else ''} are as they were; only `normlab verify --rebuild` "
            "can tell numbers that were forged everywhere alike"
        )


def verify(
    project: Project, folder: Path, data_hash: Callable[[str], str | None] = lambda name: None
) -> Checked:
    """Look for faults of the pages in ``folder``; nothing is rebuilt, no network is used.

    Each file must be whole and listed, each page and its data must belong to its results, and no
    input may have changed since. Among the published pages, each study must have one, made with
    the defaults of its parameters.

    ``data_hash`` takes the name or path of a data set and returns its SHA-256 as it is here, or
    None if it is not here; it raises ValueError if it is damaged.
    """
    published = os.path.realpath(folder) == os.path.realpath(project.reports)
    try:
        manifest = read_manifest(folder)
        known = {NAME, *manifest["files"]}
        extra = sorted(name for name in _names_below(folder) if name.rstrip("/") not in known)
        code = code_now(project)
    except (OSError, ValueError, BuildError) as error:
        return Checked([str(error)])
    unlisted = {MARK: "a build is at work here, or was killed; build again"}
    faults = [
        f"{printable(name)}: {unlisted.get(name, 'not in the manifest; move it elsewhere')}"
        for name in extra
    ]
    torn = set()  # pages a file of which is not as it was
    for name, digest in manifest["files"].items():
        if fault := _file_fault(folder / name, digest):
            faults.append(f"{name}: {fault}")
            torn.add(page_of(name))
    for name in manifest["files"]:
        if name not in OF_ALL and page_of(name) not in manifest["pages"]:
            faults.append(f"{name}: of a page that the manifest does not tell of")
    if manifest["pages"]:
        missing = [name for name in OF_ALL if name not in manifest["files"]]
        faults += [f"{name}: not in the manifest; build it again" for name in missing]
    if published:
        for name in sorted({path.stem for path in project.paths()} - manifest["pages"].keys()):
            faults.append(f"{name}: it has no page; run `normlab build {name}`")
    unseen = set()
    for name in sorted(manifest["pages"].keys() - torn):
        notebook = project.notebooks / f"{name}.ipynb"
        try:
            results = _belonging(folder, name, manifest["files"])
            changed = [*_input_faults(name, manifest["pages"][name], results, notebook, code)]
            faults += changed
            faults += _data_faults(name, results, data_hash, unseen)
            if published and not changed:
                faults += _parameter_faults(name, results, notebook)
        except (BuildError, ValueError) as error:
            faults.append(str(error))
    counts = len(manifest["files"]), len(manifest["pages"])
    return Checked(faults, *counts, published, tuple(sorted(unseen)))


def _names_below(folder):
    """The names of all files below a folder, hidden ones too, and of folders without any."""

    def fail(error):
        raise error

    for place, folders, files in os.walk(folder, onerror=fail):
        inside = Path(place).relative_to(folder)
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        yield from ((inside / name).as_posix() for name in (*files, *links))
        if not files and not folders and inside.parts:
            yield f"{inside.as_posix()}/"


def _file_fault(path, digest):
    """What is wrong with a file of the manifest; None if nothing is."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return "not a plain file; build it again"
        whole = sha256(read_bytes(path)) == digest
    except FileNotFoundError:
        return "missing; build it again"
    except OSError as error:
        return f"cannot be read ({error.strerror}); build it again"
    return None if whole else "it was changed since it was built"


def _belonging(folder, name, files):
    """The results of a page; ValueError if the page and the files beside it are of others."""
    for suffix in ("html", "json", "svg"):
        if f"{name}.{suffix}" not in files:
            raise ValueError(f"{name}.{suffix}: not in the manifest; build it again")
    text = read_bytes(folder / f"{name}.json")
    try:
        results = parse_json(text)
        check_shape(results, "page")
    except ValueError as error:
        raise ValueError(f"{name}.json: no results of a page ({error}); build it again") from error
    if sha256(text).encode() not in read_bytes(folder / f"{name}.html"):
        raise ValueError(f"{name}.html: it does not belong to {name}.json; build it again")
    made = results.get("files", {})
    ours = {file for file in files if page_of(file) == name} - {f"{name}.html", f"{name}.json"}
    for file in sorted(ours | made.keys()):
        if file not in ours or files[file] != made.get(file):
            raise ValueError(
                f"{printable(file)}: it does not belong to {name}.json; build it again"
            )
    return results


def _input_faults(name, inputs, results, notebook, code):
    """What has changed since a page was made."""
    if not notebook.exists():
        yield f"{name}.html: its notebook is gone; restore it, or remove {name}.* and build again"
        return
    for label, now in inputs_of(notebook_hash(notebook), code, results).items():
        if inputs.get(label) != now:
            what = "version of normlab" if label == "normlab" else label
            yield f"{name}.html: the {what} has changed since; build it again"


def _data_faults(name, results, data_hash, unseen):
    """Whether the data set is still the one that the page names; if it is not here, it is noted."""
    if not (recorded := results["dataset"]):
        return
    source = str(results.get("parameters", {}).get("dataset", recorded["name"]))
    shown = printable(source)
    try:
        now = data_hash(source)
    except (OSError, ValueError) as error:
        yield f"{name}.html: its data set {shown} cannot be read ({error})"
        return
    if now is None:
        unseen.add(shown)
    elif now != recorded["sha256"]:
        yield f"{name}.html: the data set {shown} has changed since; build it again"


def _parameter_faults(name, results, notebook):
    """Where a published page was not made with the defaults of its notebook."""
    defaults = all_values(read_parameters(notebook), {})
    found = results.get("parameters", {})
    for label in sorted(defaults.keys() | found.keys()):
        ours, theirs = (repr(values.get(label, "nothing")) for values in (found, defaults))
        if ours != theirs:
            yield (
                f"{name}.html: made with {label}={ours[:60]}, and the notebook has {theirs[:60]}; "
                "build it again"
            )
