"""Two builds side by side, in words for a terminal: what was set, what came out, what made it."""

import re

from normlab.report.differences import differences
from normlab.report.finished import Build, number_text


def compare(first: Build, second: Build) -> list[str]:
    """Lines that say how two builds, A and B, differ, one notebook after the other."""
    named = (("A", first), ("B", second))
    lines = [f"{letter}: {build.name}" for letter, build in named]
    lines += [f"{letter} is damaged: {fault}" for letter, build in named for fault in build.faults]
    both = sorted(first.pages.keys() & second.pages.keys())
    for name in both:
        lines += ["", name]
        lines += [f"  {line}" for line in _compare_pages(first.pages[name], second.pages[name])]
    if not both:
        lines += ["", "no notebook is in both builds"]
    for letter, ours, theirs in (("A", first, second), ("B", second, first)):
        if names := sorted(ours.pages.keys() - theirs.pages.keys()):
            lines += ["", f"only in {letter}: {', '.join(names)}"]
    return lines


def _compare_pages(a, b):
    """All that may differ between two pages of one notebook."""
    yield from _parameters(a.parameters, b.parameters)
    yield from _dataset(a.dataset, b.dataset)
    yield from _section("headline numbers", _headline(a.headline, b.headline))
    yield from _section("claims", _claims(a.claims, b.claims))
    yield _tables(len(differences(a.tables, b.tables)))
    yield from _code(a.inputs, b.inputs)
    yield from _section("arithmetic", _differing(a.arithmetic, b.arithmetic))


def _section(title, lines):
    """A title with what differs below it."""
    indented = [f"  {line}" for line in lines]
    return [title, *indented] if indented else [f"{title}: the same"]


def _parameters(a, b):
    return _missing("parameters", a, b) or _section("parameters", _differing(a, b))


def _code(a, b):
    if missing := _missing("code", a, b):
        return missing
    a, b = ({k: _short(v) for k, v in inputs.items() if k != "data"} for inputs in (a, b))
    return _section("code", _differing(a, b))


def _missing(title, a, b):
    """A line that says what is recorded in one build only, or in none."""
    missing = [letter for letter, values in (("A", a), ("B", b)) if values is None]
    where = " and ".join(missing)
    return where and [f"{title}: not recorded in {where}; build it again"]


def _dataset(a, b):
    if a == b:
        return [f"data set: the same, {a[0]}" if a else "data set: none in both"]
    a, b = (f"{data[0]}, SHA-256 {_short(data[1])}" if data else "none" for data in (a, b))
    return ["data set", f"  A: {a}", f"  B: {b}"]


def _headline(a, b):
    for label in _in_order(a, b):
        if a.get(label) == b.get(label):
            continue
        yield label
        if label in a:
            yield f"  A: {number_text(a[label])}"
        if label in b:
            yield f"  B: {number_text(b[label])}"
        if label in a and label in b:
            yield f"  {_difference(a[label], b[label])}"


def _difference(a, b):
    if None in (a[0], b[0]):
        return "B - A: not finite"
    text = f"B - A: {b[0] - a[0]:+#.4g}"
    if len(a) == len(b) == 3 and None not in (*a, *b):
        apart = a[2] < b[1] or b[2] < a[1]
        text += ", the intervals " + ("do not overlap" if apart else "overlap")
    return text


def _claims(a, b):
    """Claims that changed state, with the statement below, and those in one build only."""
    for name in _in_order(a, b):
        states = [claims[name][0] if name in claims else None for claims in (a, b)]
        if states[0] == states[1]:
            continue
        if None in states:
            yield f"{name}: {states[0] or states[1]}, only in {'A' if states[0] else 'B'}"
        else:
            yield f"{name}: A {states[0]}, B {states[1]}"
        yield f"  {(a.get(name) or b[name])[1]}"


def _tables(count):
    if not count:
        return "tables: the same"
    return f"tables: {count} values differ" if count > 1 else "tables: 1 value differs"


def _differing(a, b):
    for label in _in_order(a, b):
        if label not in a or label not in b:
            yield f"{label}: {a.get(label, b.get(label))}, only in {'A' if label in a else 'B'}"
        elif a[label] != b[label]:
            yield f"{label}: A {a[label]}, B {b[label]}"


def _in_order(a, b):
    return [*a, *(label for label in b if label not in a)]


def _short(text):
    """The beginning of a hash; any other text whole."""
    return text[:12] if re.fullmatch("[0-9a-f]{64}", text) else text
