r"""Where formulas begin and end: $...$, $$...$$, \\(...\\), \\[...\\], \begin{...}...\end{...}.

JupyterLab looks twice. First it keeps from Markdown what may be a formula, line by line. Then
MathJax looks for formulas in the text of the page, where Markdown has taken \ from \$ and \\(.
"""

import re
from typing import NamedTuple

_CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^`\n]*\n.*?^(?P=fence)[`~]*$|(?<![\\`])(?P<ticks>`+)(?!`)[^\n]*?[^`\n]"
    r"(?P=ticks)(?!`)",
    re.M | re.S,
)
# As typed, where Markdown will take one of two backslashes away; \\$ and braces are no signs.
_TYPED = re.compile(
    r"\\[{}$]|(?P<placed>@@\d+@@)|(?P<sign>\$\$?|\\\\[(\[]|\\begin\{(?P<name>[A-Za-z]*\*?)\})"
)
_BEGIN = re.compile(r"\\[\\$]|(?P<sign>\$\$?|\\[(\[]|\\begin\{(?P<name>[A-Za-z]+\*?)\})")
_EMPTY_LINE = re.compile(r"\n\s*\n")
_ENDS = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]", r"\\(": r"\\)", r"\\[": r"\\]"}


def without_formulas(source: str) -> tuple[str, list[str]]:
    """Markdown with @@0@@, @@1@@ ... for what may be a formula, and these."""
    looked_at = _CODE.sub(lambda code: "." * len(code[0]), source)  # no formula begins in code
    kept, taken, place = [], [], 0
    done = 0  # up to here the source is in one of the two
    while sign := _TYPED.search(looked_at, place):
        place = sign.end()
        if sign["sign"]:
            end, empty_line = _end_of(sign), _EMPTY_LINE.search(looked_at, place)
            within = looked_at[: empty_line.start()] if empty_line else looked_at
            last = within.rfind(end, place)  # where braces do not match: it is told as a formula
            if last < 0:
                continue
            place = _closing(within, place, end) or last + len(end)
        elif not sign["placed"]:
            continue
        kept += [source[done : sign.start()], f"@@{len(taken)}@@"]
        taken.append(source[sign.start() : place])
        done = place
    return "".join([*kept, source[done:]]), taken


def _end_of(begin):
    """What ends the formula that begins so."""
    return _ENDS.get(begin["sign"]) or rf"\end{{{begin['name']}}}"


class Found(NamedTuple):
    """A formula in a text."""

    start: int
    end: int
    tex: str
    display: str  # "block" or "inline"


def formulas_in(text: str, is_one) -> list[Found]:
    """What MathJax finds; ``is_one(start, end)`` tells whether to take it for a formula."""
    found, place = [], 0
    while begin := _BEGIN.search(text, place):
        place = begin.end()
        sign = begin["sign"]
        stop = _closing(text, place, _end_of(begin)) if sign else 0
        if not stop or not is_one(begin.start(), stop):
            continue
        inner = (
            text[place : stop - len(_ENDS[sign])] if sign in _ENDS else text[begin.start() : stop]
        )
        display = "inline" if sign in ("$", r"\(") else "block"
        found.append(Found(begin.start(), stop, inner, display))
        place = stop
    return found


def _closing(text, start, end):
    """Where the formula that began before ``start`` is over, or 0; braces hide its end."""
    depth = 0
    for part in re.compile(rf"{re.escape(end)}|\\.|[{{}}]", re.S).finditer(text, start):
        if part[0] == end and not depth:
            return part.end()
        depth = max(0, depth + {"{": 1, "}": -1}.get(part[0], 0))
    return 0
