"""Pages, index and manifest: rendered from what notebooks handed on, put into place when whole."""

import json
import threading
from pathlib import Path
from urllib.parse import quote

from normlab.report.errors import BuildError, at
from normlab.report.files import write
from normlab.report.manifest import write_manifest
from normlab.report.markup import check_markup
from normlab.report.outputs import data_files
from normlab.report.provenance import notebook_hash, options_of, page_rows, sha256
from normlab.report.render import render, render_site

_rendering = threading.Lock()
_FEW_SEEDS = 5


def write_page(build, study, values, notebook, results) -> None:
    """Render the page of an executed notebook and put it, its results and data into place.

    Parameters
    ----------
    build : what the pages of one build share
        Its ``studies``, the names of those ``chosen``, and the ``folder`` of the pages.
    study : Study
    values : dict
        Parameters that differ from the defaults.
    notebook, results
        What `execute` gives.
    """
    with at(f"{study.name}: the figure of the results"):
        figure = check_markup(results["figure"].pop("svg"), "SVG")
    data = data_files(notebook, study.name)
    results["files"] = {name: sha256(text.encode()) for name, text in data.items()}
    text = json.dumps(results, indent=1, sort_keys=True) + "\n"
    rows = page_rows(results["inputs"], results, values, f"normlab build {study.name}")
    with _rendering:
        page = render(
            notebook,
            title=study.title,
            name=study.name,
            answer=results["answer"],
            changed=" ".join(options_of(values)),
            few=_few(results["seeds"]),
            folder=build.project.notebooks,
            provenance=[*rows, ("SHA-256 of the results", sha256(text.encode()))],
            **_neighbours(build, study),
        )
    files = {f"{study.name}.html": page, f"{study.name}.svg": figure, f"{study.name}.json": text}
    write(files | data, build.folder)
    for path in _data_beside(build.folder, study):
        if path.name not in data:  # of a figure that was renamed
            path.unlink()


def _few(seeds):
    """A warning where so few runs were made that hardly a claim can be decided."""
    if not 0 < len(seeds) < _FEW_SEEDS:
        return ""
    return f"With {len(seeds)} seeds intervals are wide and most claims stay inconclusive."


def write_index(studies, folder, command) -> None:
    """Write the index and the manifest, of every study whose page and results are in ``folder``."""
    studies = [_entry(study, folder) for study in studies]
    pages = [study for study in studies if "results" in study]
    if pages:
        page = render_site(studies=studies, pages=pages, command=command)
        write({"index.html": page}, folder)
        write_manifest(folder)


def _entry(study, folder):
    """What the index tells of a study; with "results" if its page is there."""
    results = folder / f"{study.name}.json"
    if not results.exists():
        return study._asdict()
    try:
        content = json.loads(results.read_text("utf-8"))
        svg = (folder / f"{study.name}.svg").read_text("utf-8")
    except (OSError, ValueError) as error:
        raise BuildError(
            f"{folder}: the results of {study.name} are damaged ({error}); "
            f"run: normlab build {study.name}"
        ) from error
    return study._asdict() | {
        "results": content,
        "svg": svg,
        "files": [path.name for path in _data_beside(folder, study)],
        "few": _few(content.get("seeds", ())),
        "stale": content["inputs"]["notebook"] != notebook_hash(study.path),
    }


def _data_beside(folder, study):
    return sorted(folder.glob(f"{study.name}.*.csv"))


def keep_failure(folder, study, error, notebook) -> Path | None:
    """Write a page of a notebook as far as it came; its path, or None if it cannot."""
    if notebook is None:
        return None
    path = folder / f"{study.name}.html"
    try:
        with _rendering:
            page = render(notebook, title=f"failed: {study.title}", failure=str(error))
        write({path.name: page}, path.parent)
    except Exception:  # the failure itself is what counts, and it is told
        return None
    return path


def _neighbours(build, study):
    """The pages before and after, of those that are there or are being built."""
    studies = [
        other
        for other in build.studies
        if other.name in build.chosen or (build.folder / f"{other.name}.html").exists()
    ]
    place = [other.name for other in studies].index(study.name)
    around = {"previous": place - 1, "next": place + 1}
    return {
        side: (f"{quote(studies[i].name)}.html", studies[i].title)
        for side, i in around.items()
        if 0 <= i < len(studies)
    }
