"""Pages, index and manifest: rendered from what notebooks handed on, put into place when whole."""

import json
import os
import threading
from pathlib import Path
from urllib.parse import quote

from normlab.report import ledger
from normlab.report.errors import BuildError, at
from normlab.report.files import parse_json, read_bytes, write
from normlab.report.manifest import NAME, OF_ALL, manifest_text, own_manifest, page_of
from normlab.report.markup import check_markup
from normlab.report.outputs import data_files
from normlab.report.provenance import inputs_of, notebook_hash, options_of, page_rows, sha256
from normlab.report.render import render, render_site
from normlab.report.shapes import check_shape

_rendering, _placing = threading.Lock(), threading.Lock()
_FEW_SEEDS = 5


def write_page(build, study, values, notebook, results) -> None:
    """Render the page of an executed notebook and put it, its results and data into place.

    ``build`` is what the pages of one build share, ``values`` are the parameters that differ from
    the defaults; ``results`` also hold the version of normlab and all parameters.
    """
    with at(f"{study.name}: the figure of the results"):
        figure = check_markup(results["figure"].pop("svg"), "SVG")
    files = {f"{study.name}.svg": figure} | data_files(notebook, study.name)
    results["files"] = {name: sha256(text.encode()) for name, text in files.items()}
    text = json.dumps(results, indent=1, sort_keys=True) + "\n"
    rows = page_rows(results, values, f"normlab build {study.name}")
    digest = sha256(text.encode())
    cite = f"normlab {results['normlab']}. {study.title}. Results {digest[:12]}."
    with _rendering:
        page = render(
            notebook,
            title=study.title,
            name=study.name,
            short=results["short"],
            answer=results["answer"],
            figure=figure.replace("index-", "answer-"),
            changed=" ".join(options_of(values)),
            few=_few(results["seeds"]),
            folder=build.project.notebooks,
            provenance=[("Cite this page", cite), *rows, ("SHA-256 of the results", digest)],
            **_neighbours(build, study),
        )
    files |= {f"{study.name}.html": page, f"{study.name}.json": text}
    inputs = inputs_of(build.notebooks[study.name], build.code, results)
    _put(build, files, {study.name: inputs})


def check_results(name: str, results) -> None:
    """Refuse results of another shape than a page and the index take; BuildError."""
    try:
        check_shape(parse_json(json.dumps(results).encode()), "page")
        if not isinstance(results["figure"].get("svg"), str):
            raise ValueError("figure must contain an svg")
    except (RecursionError, ValueError) as error:
        raise BuildError(f"{name}: the results: {error}; call study.publish") from error


def _few(seeds):
    """A warning where so few runs were made that hardly a claim can be decided."""
    if not 0 < len(seeds) < _FEW_SEEDS:
        return ""
    return f"With {len(seeds)} seeds intervals are wide and most claims stay inconclusive."


def write_index(build) -> None:
    """Write the index anew: by now a notebook may be newer than its page.

    Raises BuildError, after that, if results of a page are not those that were built.
    """
    if damaged := _put(build, {}, {}):
        name, reason = next(iter(damaged.items()))
        raise BuildError(
            f"{build.folder}: the results of {name} are damaged ({reason}); "
            f"run: normlab build {' '.join(damaged)}"
        )


def _put(build, files, inputs):
    """Put the files of a page into place, and an index and a manifest that fit all pages there.

    What the manifest says of other pages stays: what was changed by hand is not made good so.
    Returns name -> reason for each other page whose results are not as they were built.
    """
    with _placing:
        before = own_manifest(build.folder)
        gone = _gone(build, before)
        pages = {n: made for n, made in before["pages"].items() if n not in gone} | inputs
        listed = {
            name: digest
            for name, digest in before["files"].items()
            if page_of(name) not in gone | inputs.keys()
        }
        listed |= {name: sha256(text.encode()) for name, text in files.items()}
        studies = [_entry(build, study, listed, pages, files) for study in build.studies]
        shown = [study for study in studies if "results" in study]
        if shown:
            versions = sorted({pages[study["name"]]["normlab"] for study in shown})
            with _rendering:
                index = render_site(
                    studies=studies, pages=shown, command=build.command, versions=versions
                )
            made = dict(zip(OF_ALL, (index, ledger.as_csv(ledger.entries(shown))), strict=True))
            files = files | made
            listed |= {name: sha256(text.encode()) for name, text in made.items()}
        write(
            {NAME: manifest_text(listed, pages)} | files,
            build.folder,
            over={NAME, *before["files"]},
            remove=[name for name in before["files"] if name not in listed],
        )
    return {study["name"]: study["damaged"] for study in studies if "damaged" in study}


def _gone(build, before):
    """The names of pages of which neither the notebook nor any file is there."""
    files = before["files"]
    there = {page_of(name) for name in files if os.path.lexists(build.folder / name)}
    known = {page_of(name) for name in files} | before["pages"].keys()
    return known - there - {study.name for study in build.studies}


def _entry(build, study, listed, pages, files):
    """What the index tells of a study; with "results" if its page is there, and whole."""
    entry = study._asdict()
    if study.name not in pages:
        return entry

    def content_of(suffix):
        name = f"{study.name}.{suffix}"
        content = files[name].encode() if name in files else read_bytes(build.folder / name)
        if sha256(content) != listed.get(name):
            raise ValueError(f"{name} was changed since it was built")
        return content

    try:
        results = parse_json(content_of("json"))
        check_shape(results, "page")
        svg = check_markup(content_of("svg").decode(), "SVG")
    except (OSError, ValueError, BuildError) as error:
        return entry | {"damaged": getattr(error, "strerror", None) or str(error)}
    now = notebook_hash(build.project.notebooks / f"{study.name}.ipynb")
    return entry | {
        "results": results,
        "svg": svg,
        "files": [n for n in sorted(listed) if page_of(n) == study.name and n.endswith(".csv")],
        "few": _few(results["seeds"]),
        "stale": pages[study.name]["notebook"] != now,
    }


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
        if other.name in build.parameters or (build.folder / f"{other.name}.html").exists()
    ]
    place = [other.name for other in studies].index(study.name)
    around = {"previous": place - 1, "next": place + 1}
    return {
        side: (f"{quote(studies[i].name)}.html", studies[i].title)
        for side, i in around.items()
        if 0 <= i < len(studies)
    }
