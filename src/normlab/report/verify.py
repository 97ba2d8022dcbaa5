"""Check published pages: against their manifest, against the inputs here, against a rebuild."""

import json
from pathlib import Path

from normlab.report.manifest import files_of, read_manifest
from normlab.report.project import Project
from normlab.report.provenance import lock_hash, notebook_hash, page_code_hash, sha256


def verify(project: Project, folder: Path) -> list[str]:
    """Faults of the pages in ``folder``, a line each; nothing is rebuilt, no network is used.

    Each file must be whole, each page and its data must belong to its results, and no input
    may have changed since. Among the published pages, each study must have one.
    """
    try:
        manifest = read_manifest(folder)
    except ValueError as error:
        return [str(error)]
    faults = []
    present = {path.name for path in files_of(folder)}
    for name in sorted(present - manifest["files"].keys()):
        faults.append(f"{name}: not in the manifest; remove it or build again")
    for name, expected in manifest["files"].items():
        if name not in present:
            faults.append(f"{name}: missing; build it again")
        elif sha256((folder / name).read_bytes()) != expected:
            faults.append(f"{name}: it was changed since it was built")
    if folder == project.reports:
        for name in sorted({path.stem for path in project.paths()} - manifest["pages"].keys()):
            faults.append(f"{name}: it has no page; run `normlab build {name}`")
    if not faults:
        code_hash = page_code_hash()
        for name, inputs in manifest["pages"].items():
            faults += _page_faults(project, folder, name, inputs, code_hash)
    return faults


def _page_faults(project, folder, name, inputs, code_hash):
    results = (folder / f"{name}.json").read_bytes()
    if sha256(results) not in (folder / f"{name}.html").read_text("utf-8"):
        yield f"{name}.html: it does not belong to {name}.json; build it again"
    for file, digest in json.loads(results).get("files", {}).items():
        path = folder / file
        if not path.is_file() or sha256(path.read_bytes()) != digest:
            yield f"{file}: it does not belong to {name}.json; build it again"
    notebook = project.notebooks / f"{name}.ipynb"
    if not notebook.exists():
        yield f"{name}.html: its notebook is gone; restore it, or remove {name}.* and build again"
        return
    now = {
        "notebook": notebook_hash(notebook),
        "code of the page": code_hash,
        "requirements.lock": lock_hash(project),
    }
    for label, value in now.items():
        if inputs[label] != value:
            yield f"{name}.html: the {label} has changed since; build it again"


def compare_folders(published: Path, rebuilt: Path) -> list[str]:
    """Differences between two builds of the same pages, the numbers among them by name."""
    names = {path.name for folder in (published, rebuilt) for path in files_of(folder)}
    faults = []
    for name in sorted(names):
        ours, theirs = published / name, rebuilt / name
        if not (ours.exists() and theirs.exists()):
            faults.append(f"{name}: only in {(ours if ours.exists() else theirs).parent.name}")
        elif ours.read_bytes() != theirs.read_bytes():
            faults.append(f"{name}: not the same bytes")
            if name.endswith(".json"):
                old, new = (json.loads(path.read_text("utf-8")) for path in (ours, theirs))
                faults += [f"{name}: {line}" for line in differences(old, new)]
    return faults


def same_arithmetic(published: Path, rebuilt: Path) -> bool:
    """True if both were made by one arithmetic, so that their bytes must be the same."""
    return all(
        old["arithmetic"] == new["arithmetic"] for _, old, new in _results(published, rebuilt)
    )


def contradictions(published: Path, rebuilt: Path) -> list[str]:
    """Where a rebuild in another arithmetic says something else than the published pages.

    Last digits may differ there, and training multiplies them, so only what the pages
    conclude is compared: a claim that was supported and is refuted or the other way round,
    and headline intervals that do not overlap.
    """
    faults = []
    for name, old, new in _results(published, rebuilt):
        states = {claim["name"]: claim["state"] for claim in new["claims"]}
        for claim in old["claims"]:
            both = {claim["state"], states.get(claim["name"], "missing")}
            if both >= {"supported", "refuted"} or "missing" in both:
                faults.append(
                    f"{name}: claim {claim['name']} was {claim['state']}, is "
                    f"{states.get(claim['name'], 'missing')}"
                )
        for label, interval in old["headline"].items():
            other = new["headline"].get(label)
            if isinstance(interval, list) and not _overlap(interval, other):
                faults.append(f"{name}: {label} was {interval}, is {other}")
    return faults


def _overlap(first, second):
    return isinstance(second, list) and first[1] <= second[2] and second[1] <= first[2]


def _results(published, rebuilt):
    """(name, published results, rebuilt results) of each page that both have."""
    for path in files_of(published):
        if path.suffix == ".json" and (rebuilt / path.name).exists():
            yield (
                path.stem,
                json.loads(path.read_text("utf-8")),
                json.loads((rebuilt / path.name).read_text("utf-8")),
            )


def differences(old, new, place: str = "") -> list[str]:
    """Where two nested results differ, and how far numbers are apart."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            line
            for key in sorted(old.keys() | new.keys())
            for line in differences(
                old.get(key), new.get(key), f"{place} > {key}" if place else key
            )
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            line
            for number, pair in enumerate(zip(old, new, strict=True), start=1)
            for line in differences(*pair, f"{place} [{number}]")
        ]
    if old == new:
        return []
    both = (old, new)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in both):
        far = abs(new - old)
        relative = f", {far / abs(old):.1e} of it" if old else ""
        return [f"{place}: {old!r} became {new!r}, {far:.1e} apart{relative}"]
    return [f"{place}: {str(old)[:60]!r} became {str(new)[:60]!r}"]
