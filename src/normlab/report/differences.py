"""Two builds of the same pages: what differs, in bytes, in numbers, and in what they conclude."""

from pathlib import Path

from normlab.report.files import parse_json, read_bytes
from normlab.report.manifest import NAME
from normlab.report.shapes import check_shape


def compare_folders(published: Path, rebuilt: Path) -> list[str]:
    """Differences between two builds of the same pages, the numbers among them by name."""
    faults = []
    names = {path.name for folder in (published, rebuilt) for path in _visible(folder)}
    for name in sorted(names - {NAME}):
        ours, theirs = _content(published / name), _content(rebuilt / name)
        if None in (ours, theirs):
            faults.append(f"{name}: only in {(rebuilt if ours is None else published).name}")
        elif ours != theirs:
            faults.append(f"{name}: not the same bytes")
            old, new = _results(ours), _results(theirs)
            if old and new:
                faults += [f"{name}: {line}" for line in differences(old, new)]
    return faults


def same_arithmetic(published: Path, rebuilt: Path) -> bool:
    """True if both were made by one arithmetic, so that their bytes must be the same."""
    return all(old["arithmetic"] == new["arithmetic"] for _, old, new in _both(published, rebuilt))


def contradictions(published: Path, rebuilt: Path) -> list[str]:
    """Where a rebuild in another arithmetic says something else than the published pages.

    Last digits may differ there, and training multiplies them, so only what the pages
    conclude is compared: a claim that was supported and is refuted or the other way round,
    and headline intervals that do not overlap.
    """
    faults = []
    for name, old, new in _both(published, rebuilt):
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
    if not isinstance(second, list) or None in (*first, *second):
        return first == second
    return first[1] <= second[2] and second[1] <= first[2]


def _both(published, rebuilt):
    """(name, published results, rebuilt results) of each page that both have."""
    for path in _visible(published):
        if path.suffix == ".json" and path.name != NAME:
            old, new = (_results(_content(folder / path.name)) for folder in (published, rebuilt))
            if old and new:
                yield path.stem, old, new


def _visible(folder):
    return sorted(path for path in folder.glob("*") if not path.name.startswith("."))


def _content(path):
    """The bytes of a file; None if there is none that can be read."""
    try:
        return read_bytes(path)
    except OSError:
        return None


def _results(content):
    """The results in the bytes of a file; None if they are none."""
    try:
        results = parse_json(content or b"")
        check_shape(results, "page")
    except ValueError:
        return None
    return results


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
