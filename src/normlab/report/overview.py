"""The page that lists builds side by side: build/reports/index.html."""

from collections import Counter
from os.path import relpath

from normlab.plain import printable
from normlab.report.errors import BuildError
from normlab.report.files import read_bytes, write
from normlab.report.finished import PUBLISHED, builds_of, number_text
from normlab.report.project import Project
from normlab.report.render import render_builds

_TITLE = b"<title>normlab: builds side by side</title>"  # so it is known again


def write_overview(project: Project) -> None:
    """Write anew which builds there are; nothing if none was made with other parameters.

    Raises BuildError if the page cannot be written.
    """
    if not project.builds.is_dir():
        return
    page = project.builds / "index.html"
    builds = builds_of(project)
    published = next((build.pages for build in builds if build.name == PUBLISHED), {})
    shown = [_shown(project, build, published) for build in builds if build.pages]
    faults = [(printable(build.name), fault) for build in builds for fault in build.faults]
    try:
        if page.exists() and _TITLE not in read_bytes(page):
            raise BuildError(f"{project.show(page)} is not normlab's; move it out of the way")
        write({page.name: render_builds(builds=shown, faults=faults)}, project.builds)
    except OSError as error:
        raise BuildError(
            f"{project.show(project.builds)}: cannot list the builds there: {error.strerror}; "
            "the pages themselves are built"
        ) from error


def _shown(project, build, published):
    folder = relpath(build.folder, project.builds).replace("\\", "/")

    def link(name):
        address = f"{folder}/{name}"  # a name that is not UTF-8 stands in none
        return address if address.isprintable() and (build.folder / name).is_file() else ""

    return {
        "name": printable(build.name),
        "link": link("index.html"),
        "parameters": _parameters(build, published),
        "pages": [
            {
                "name": printable(name),
                "link": link(f"{name}.html"),
                "dataset": page.dataset[0] if page.dataset else "none",
                "headline": {k: number_text(v) for k, v in page.headline.items()},
                "claims": _counted(page.claims),
            }
            for name, page in build.pages.items()
        ],
    }


def _parameters(build, published):
    """name=value of what is not as in the published pages, each once."""
    if build.name == PUBLISHED:
        return ["as published"]
    found = {}
    for name, page in build.pages.items():
        defaults = published[name].parameters if name in published else None
        if page.parameters is None or defaults is None:
            found["not recorded"] = None
            continue
        for label, value in page.parameters.items():
            if label not in defaults or value != defaults[label]:
                found[f"{label}={value}"] = None
    return list(found) or ["as published"]


def _counted(claims):
    counts = Counter(state for state, _ in claims.values())
    return ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "none"
