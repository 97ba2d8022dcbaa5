"""Finished builds as they lie in folders: read, with a word on what is damaged, and chosen by name.

Nothing here asks which code or notebooks there are now, so builds of earlier ones are read too.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from normlab.messages import unknown_name
from normlab.plain import printable
from normlab.report.errors import BuildError
from normlab.report.files import parse_json, read_bytes
from normlab.report.manifest import read_manifest
from normlab.report.project import Project
from normlab.report.provenance import sha256

PUBLISHED = "published"
"""The name of the build in reports/."""

_DAMAGE = (AttributeError, KeyError, OSError, TypeError, ValueError)


class Page(NamedTuple):
    """What two builds of one notebook are compared by."""

    parameters: Mapping | None  # name -> value; None in a build that did not record them
    dataset: tuple[str, str] | None  # title, SHA-256
    headline: Mapping[str, tuple]  # label -> (number,) or (mean, low, high); None: not finite
    claims: Mapping[str, tuple[str, str]]  # name -> (state, statement)
    tables: Mapping
    inputs: Mapping[str, str] | None  # what it was made from: label -> hash or version
    arithmetic: Mapping[str, str]


class Build(NamedTuple):
    """A folder of pages: name of a notebook -> Page, and a line for each that is damaged."""

    name: str
    folder: Path
    pages: dict[str, Page]
    faults: list[str]


def builds_of(project: Project) -> list[Build]:
    """The published build, if there is one, then those in build/reports by name."""
    published = [(PUBLISHED, project.reports)] if project.reports.is_dir() else []
    others = ((folder.name, folder) for folder in _folders(project))
    return [read_build(*named) for named in (*published, *others)]


def read_build(name: str, folder: Path) -> Build:
    """The build in ``folder``; whatever cannot be read, or was changed, is named in its faults."""
    pages, faults = {}, []
    try:
        paths = sorted(path for path in folder.iterdir() if path.match("[0-9]*.json"))
    except OSError as error:
        return Build(name, folder, {}, [f"cannot be read: {error.strerror}; build it again"])
    try:
        manifest = read_manifest(folder)
    except ValueError:  # then nobody knows what they were made from
        manifest = {"files": {}, "pages": {}}
    for path in paths:
        try:
            content = read_bytes(path)
            if sha256(content) != manifest["files"].get(path.name, sha256(content)):
                faults.append(f"{printable(path.name)}: changed since; build it again")
            else:
                pages[path.stem] = _page(parse_json(content), manifest["pages"].get(path.stem))
        except _DAMAGE:
            faults.append(f"{printable(path.name)}: not whole; build it again")
    if not paths:
        faults.append("holds no results; build it again, or remove it")
    return Build(name, folder, pages, faults)


def choose_build(project: Project, text: str) -> Build:
    """The build that a person means by ``text``.

    That is "published" or "reports", the name of a folder in build/reports, the path of a folder
    of pages, or how one of the names begins. BuildError if no build or more than one is meant,
    or if nothing in it can be read.
    """
    build = read_build(*_locate(project, text))
    if not build.pages:
        raise BuildError(f"{project.show(build.folder)}: {build.faults[0]}")
    return build


def _locate(project, text):
    """(name, folder) of a build."""
    folders = {PUBLISHED: project.reports} | {path.name: path for path in _folders(project)}
    name = PUBLISHED if text == project.reports.name else text
    if name in folders:
        return name, folders[name]
    if text and Path(text).is_dir():
        folder = os.path.realpath(text)
        known = {os.path.realpath(path): name for name, path in folders.items()}
        return known.get(folder, text), Path(folder)
    begun = sorted(name for name in folders if name.startswith(text))
    if len(begun) > 1:
        raise BuildError(f"{text!r} may mean {', '.join(begun)}; type more of the name")
    if not begun:
        raise BuildError(unknown_name("build", Path(text).name, folders))
    return begun[0], folders[begun[0]]


def _folders(project):
    if not project.builds.is_dir():
        return []
    return sorted(
        path for path in project.builds.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


def _page(results, inputs):
    dataset, parameters = results["dataset"], results.get("parameters")
    return Page(
        parameters=None if parameters is None else dict(parameters.items()),
        dataset=dataset and (str(dataset["title"]), str(dataset["sha256"])),
        headline={label: _numbers(value) for label, value in results["headline"].items()},
        claims={
            claim["name"]: (str(claim["state"]), str(claim["statement"]))
            for claim in results["claims"]
        },
        tables=dict(results["tables"].items()),
        inputs=inputs,
        arithmetic=_texts(results["arithmetic"]),
    )


def _texts(values):
    return {
        label: " ".join(map(str, value)) if isinstance(value, list) else str(value)
        for label, value in values.items()
    }


def _numbers(value):
    """A number or an interval of a headline, as a tuple of one or three."""
    numbers = value if isinstance(value, list) else [value]
    if len(numbers) not in (1, 3):
        raise ValueError(f"{len(numbers)} numbers; expected one, or a mean with its interval")
    return tuple(None if number is None else float(number) for number in numbers)


def number_text(numbers: tuple) -> str:
    """A headline number with its interval, if it has one, to four digits.

    >>> number_text((0.94691, 0.9384, 0.95541))
    '0.9469 (0.9384 to 0.9554)'
    """
    mean, *interval = ("not finite" if n is None else f"{n:#.4g}" for n in numbers)
    if not interval:
        return mean
    return f"{mean} (no interval)" if None in numbers[1:] else f"{mean} ({' to '.join(interval)})"
