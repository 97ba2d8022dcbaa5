"""Find what another machine or another day would show otherwise: times, addresses, paths, names."""

import contextlib
import datetime
import getpass
import html
import platform
import re
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import normlab
from normlab.codehash import AT_IMPORT
from normlab.report.errors import BuildError, NotebookError
from normlab.report.project import find_project

ALLOWED = "allow-leaks"  # the tag of a cell whose outputs are not looked at
_START = r"(?:(?<=[\s\"'`|(=,:>\[])|(?<=file://)|^)"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?"
RULES = {
    "a memory address": r"\b0x(?:0{4,7})?[0-9a-fA-F]{9,12}\b|(?<= at )0x[0-9a-fA-F]{6,}\b"
    r"|(?<![\d.,])1(?:39[6-9]|40[0-7])\d{11}\b(?!\.)",  # 0x7f... as id() gives it
    "a process id": r"\b(?:pid|PID|process id)[ =:]+\d{2,7}\b(?!\.\d)",
    "a clock time": rf"(?<![\d:\[]){_CLOCK}(?![\d:\]])"  # a slice is none
    r"|\b20\d\d-[01]\d-[0-3]\d[ T][0-2]\d:[0-5]\d",
    "a temporary folder": _START + r"(?:/private)?/(?:tmp|var/folders|var/tmp)/\S+",
    "a home folder": _START + r"(?:/home/|/Users/|/root/)\S+",
    "an absolute path": _START
    + r"/(?:mnt|media|opt|srv|usr|var)(?:/[\w.+-]+)+|\S*/(?:site|dist)-packages/\S*",
    "a Windows path": r"(?<![\w$])[A-Z]:\\(?:Users\\[\w .-]+|(?:[\w .-]+\\)+[\w .-]*\.\w+)",
    "a progress bar": r"\d+%\|[^|\n]*\| *\d+/\d+|\d(?:it/s|s/it)\b|\?it/s\]",
    "a timing": r"\d ?(?:[nmuµμ]?s|min|h) ± |\bWall time:|\bCPU times:",
    "an unnamed cell": r"ipykernel_\d+|<ipython-input",
}
_COMMON_NAMES = {"root", "user", "runner", "admin", "guest", "ubuntu", "none", "localhost"}


def rules(words=frozenset()) -> dict:
    """Name of a leak -> pattern, with those of this user, this machine and this day.

    A user's or a host's name is looked for unless it is one of ``words``, those of the notebook,
    or of the words of normlab itself; with an @ it always is.
    """
    folders = (f"{_START}{re.escape(str(folder))}(?![\\w.-])" for folder in _folders())
    found = {"a folder of this machine": "|".join(folders), **RULES, "a date": "|".join(_today())}
    for label, name, end in (
        ("the user's name", _user(), "{}@"),
        ("the host's name", platform.node(), "@{}"),
    ):
        if len(name) < 2:
            continue
        ways = [end.format(re.escape(name))]
        known = _COMMON_NAMES | words | _own_words()
        if len(name) > 2 and not (re.fullmatch(r"[\w-]+", name) and _words(name) <= known):
            ways.append(rf"(?<!\w){re.escape(name)}(?!\w)")
        found[label] = "|".join(ways)
    return {label: re.compile(pattern, re.M) for label, pattern in found.items()}


def refuse_leaks(name: str, notebook) -> None:
    """Refuse a notebook one of whose outputs cannot come out the same again.

    A NotebookError names the cell, the kind of leak and the text.
    """
    patterns = rules(_words("\n".join(cell.source for cell in notebook.cells)))
    for number, cell in enumerate(notebook.cells, start=1):
        if ALLOWED in cell.metadata.get("tags", ()):
            continue
        for output in cell.get("outputs", ()):
            for text in _texts(output):
                for label, pattern in patterns.items():
                    if leak := pattern.search(text):
                        raise NotebookError(
                            f"{name}: cell {number} shows {label}, {leak[0].strip()[:60]!r}, which "
                            "is another one at the next build; take it out, or tag the cell "
                            f"{ALLOWED!r} if it is not",
                            notebook,
                        )


def _today():
    """Patterns of this day as code prints it, of those around it, and of this time in seconds."""
    now = time.time()
    seconds = "|".join(str(int(now // 1e5) + shift) for shift in (-1, 0, 1))
    yield rf"(?<![\d.])(?:{seconds})\d{{5}}(?:\d{{3}}){{0,3}}(?:\.\d+)?(?!\d)"
    today = datetime.date.fromtimestamp(now)
    for shift in (-1, 0, 1):  # the clock may be another one's
        date = today + datetime.timedelta(shift)
        day, month, year = f"0?{date.day}", f"0?{date.month}", date.year
        for form in (f"{year}-{month}-{day}", f"{day}-{month}-{year}", f"{month}-{day}-{year}"):
            yield rf"(?<![\d.]){form.replace('-', '[-/.]')}(?!\d)"
        yield rf"(?<!\d){date:%Y%m%d}(?!\d)"
        name = rf"(?:{date:%B}|{date:%b}\.?)"
        yield rf"\b(?:{day}\.?[ -]{name}|{name}[ -]{day}),?[ -]{year}\b"


def _folders():
    """Where this build happens; folders that every machine has are no sign of it."""
    folders = {Path.home(), Path(tempfile.gettempdir()), Path.cwd(), Path(sys.prefix)}
    folders |= {Path(sys.base_prefix), Path(normlab.__file__).parents[2]}
    with contextlib.suppress(BuildError, OSError):
        folders.add(find_project().root)
    usual = {Path(name) for name in ("/", "/usr", "/usr/local", "/tmp", "/var", "/opt", "/home")}
    return sorted(folders - usual)


@cache
def _own_words():
    """The words of normlab: its pages show them whoever builds."""
    return _words("\n".join(text.decode("utf-8") for text in AT_IMPORT.values()))


def _words(text):
    return set(re.findall(r"[^\W_]+", text.lower()))


def _texts(output):
    """All text of an output; of drawings and HTML only what a reader sees or follows."""
    if output.output_type == "stream":
        yield output.text
    data = dict(output.get("data", {}))
    if data.keys() & {"text/html", "text/markdown", "image/svg+xml"}:
        data.pop("text/plain", None)  # such as <Table at 0x7f...>: a page shows the other
    yield from _leaves([data, output.get("metadata", {})])


def _leaves(content):
    if isinstance(content, dict):
        content = [*content.values(), *content]
    if isinstance(content, list):
        for part in content:
            yield from _leaves(part)
    elif isinstance(content, str):
        yield _readable(content)


def _readable(text):
    """Text, HTML or SVG without escapes, and without the attributes that only draw."""
    return html.unescape(re.sub(r'\s(?:xmlns[:\w]*|d|points|transform)="[^"]*"', "", text))


def _user():
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
