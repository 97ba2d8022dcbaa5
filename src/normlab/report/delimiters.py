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
_SIGN = re.compile(
    r"(\$\$?|\\(?:begin|end)\{[a-z]*\*?\}|\\[{}$]|[{}]|(?:\n\s*)+|@@\d+@@|\\\\[()\[\]])", re.I
)
_BEGIN = re.compile(r"\\[\\$]|(?P<sign>\$\$?|\\[(\[]|\\begin\{(?P<name>[A-Za-z]+\*?)\})")
_ENDS = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]"}


def without_formulas(source: str) -> tuple[str, list[str]]:
    """Markdown with @@0@@, @@1@@ ... for what may be a formula, and these."""
    hidden = _CODE.sub(lambda code: code[0].replace("$", "\0"), source.replace("\0", "\ufffd"))
    parts = _SIGN.split(hidden)
    taken = []
    start = end = last = None
    depth = 0

    def take(stop):
        taken.append("".join(parts[start : stop + 1]).replace("\0", "$"))
        parts[start : stop + 1] = [f"@@{len(taken) - 1}@@"] + [""] * (stop - start)

    for number in range(1, len(parts), 2):
        sign = parts[number]
        if sign.startswith("@@"):
            parts[number] = f"@@{len(taken)}@@"
            taken.append(sign)
        elif start is not None and sign == end:
            if depth:
                last = number
            else:
                take(number)
                start = last = None
        elif start is not None and sign.count("\n") > 1:  # no formula has an empty line
            if last is not None:
                take(last)
            start = last = None
        elif start is not None:
            depth = max(0, depth + {"{": 1, "}": -1}.get(sign, 0))
        elif sign in ("$", "$$", r"\\(", r"\\[") or sign.startswith(r"\begin"):
            start, depth, last = number, 0, None
            end = {r"\\(": r"\\)", r"\\[": r"\\]"}.get(sign, sign.replace(r"\begin", r"\end"))
    if start is not None and last is not None:
        take(last)
    return "".join(parts).replace("\0", "$"), taken


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
        stop = _closing(text, place, _ENDS.get(sign) or rf"\end{{{begin['name']}}}") if sign else 0
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
