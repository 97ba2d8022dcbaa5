"""Find what cannot come out the same again: clock times, addresses, paths, names."""

import getpass
import html
import platform
import re

from normlab.report.errors import NotebookError

_START = r"(?:(?<=[\s\"'`|(=,:>\[])|(?<=file://)|^)"
RULES = {
    "a memory address": r"\b0x[0-9a-fA-F]{6,}\b",
    "a process id": r"\b(?:pid|PID|process id)[ =:]+\d+",
    "a clock time": r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?![\d:])",
    "a date": r"(?<!\d)20\d\d-[01]\d-[0-3]\d(?!\d)",
    "a temporary folder": _START + r"(?:/private)?/(?:tmp|var/folders|var/tmp)/\S+",
    "a home folder": _START + r"(?:/home/|/Users/|/root/|~/)\S+",
    "an absolute path": _START + r"/(?!/)[A-Za-z_][\w.+-]*(?:/[\w.+-]+)+",
    "a Windows path": r"\b[A-Za-z]:\\[\w\\. -]+",
    "a progress bar": r"\d+%\|[ █#\u2588-\u258f]*|\d+(?:\.\d+)?(?:it/s|s/it|B/s)\b",
    "a timing": r"\d ?(?:[nmuµμ]?s|min|h) ± |\bWall time:|\bCPU times:",
    "an unnamed cell": r"ipykernel_\d+|<ipython-input",
}
_COMMON_NAMES = {"root", "user", "runner", "admin", "guest", "ubuntu", "none", "localhost"}


def rules() -> dict:
    """Name of a leak -> pattern, with those of this user and this host."""
    found = dict(RULES)
    for label, name in (("the user's name", _user()), ("the host's name", platform.node())):
        if len(name) > 2 and name.lower() not in _COMMON_NAMES:
            found[label] = rf"\b{re.escape(name)}\b"
    return {label: re.compile(pattern, re.M) for label, pattern in found.items()}


def check_outputs(name: str, notebook) -> None:
    """Refuse a notebook one of whose outputs cannot come out the same again.

    Raises
    ------
    NotebookError
        Names the cell, the kind of leak and the text.
    """
    patterns = rules()
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            for text in _texts(output):
                for label, pattern in patterns.items():
                    if leak := pattern.search(text):
                        raise NotebookError(
                            f"{name}: cell {number} shows {label}, {leak[0].strip()[:60]!r}, "
                            "which is another one at the next build; take it out",
                            notebook,
                        )


def _texts(output):
    """All text of an output; of drawings and HTML only what a reader sees or follows."""
    if output.output_type == "stream":
        yield output.text
    for mime, content in output.get("data", {}).items():
        if isinstance(content, str):
            yield _readable(content)
        else:
            yield from _leaves(content)
        yield mime
    for content in output.get("metadata", {}).values():
        yield from _leaves(content)


def _leaves(content):
    if isinstance(content, dict):
        for key, value in content.items():
            yield str(key)
            yield from _leaves(value)
    elif isinstance(content, list):
        for value in content:
            yield from _leaves(value)
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
