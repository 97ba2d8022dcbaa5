"""The tables of formulas: their environments, rows, cells and labels."""

import html
import re
from typing import NamedTuple

from normlab.report.macros import argument

# Environment -> what stands around it, the sides to which its columns go, over and over.
TABLES = {
    "matrix": ("", "c", ""),
    "pmatrix": ("(", "c", ")"),
    "bmatrix": ("[", "c", "]"),
    "Bmatrix": (r"\{", "c", r"\}"),
    "vmatrix": ("|", "c", "|"),
    "Vmatrix": (r"\|", "c", r"\|"),
    "smallmatrix": ("", "c", ""),
    "array": ("", "c", ""),
    "subarray": ("", "c", ""),
    "cases": (r"\{", "l", "."),
    "dcases": (r"\{", "l", "."),
    "rcases": (".", "l", r"\}"),
}
ALIGNED = {
    **dict.fromkeys(("align", "aligned", "alignat", "alignedat", "flalign", "split"), "rl"),
    **dict.fromkeys(("gather", "gathered", "multline", "equation"), "c"),
    "eqnarray": "rcl",
}
TABLES |= {name: ("", sides, "") for name, sides in ALIGNED.items()}
# The second is for Chromium, to which a formula is a block and no text.
_SIDES = {
    "c": "",
    "l": "text-align: left; text-align: -webkit-left; ",
    "r": "text-align: right; text-align: -webkit-right; ",
}
_SIZE = r"\[\s*-?[\d.]+\s*[a-z]{2}\s*\]"
_PART = re.compile(rf"\\\\\*?(?:\s*{_SIZE})?|\\cr(?![A-Za-z])|\\.|[{{}}&]|[^\\{{}}&]+", re.S)


class _TableRow(NamedTuple):
    cells: list  # as TeX
    line: str  # the style of the lines above and below


def rows_of(body):
    """The rows of a table."""
    rows, depth = [[""]], 0
    for part in _PART.findall(body):
        depth += {"{": 1, "}": -1}.get(part, 0)
        if depth == 0 and part.startswith(("\\\\", "\\cr")):
            rows.append([""])
        elif depth == 0 and part == "&":
            rows[-1].append("")
        else:
            rows[-1][-1] += part
    found = []
    for cells in rows:
        above = ""
        while line := re.match(r"\s*\\h(dash)?line(?![A-Za-z])", cells[0]):
            above = f"border-top: 1px {'dashed' if line[1] else 'solid'}; "
            cells[0] = cells[0][line.end() :]
        found.append(_TableRow(cells, above))
    if len(found) > 1 and not "".join(found[-1].cells).strip():
        below = found.pop().line.replace("top", "bottom")
        found[-1] = found[-1]._replace(line=found[-1].line + below)
    return found


def cell(text, name, column, sides, lines):
    """A cell of a table; browsers take its side and its distance from a style alone."""
    pure = sides.replace("|", "")
    side = _SIDES[pure[column % len(pure)]]
    if sides == "rl" and name in ALIGNED:
        gap = 2 if column and "at" not in name else 0
        space = "0.2em 0" if column % 2 else f"0.2em 0 0.2em {gap}em"
        text = f"<mi></mi>{text}" if column % 2 else text  # so that an = keeps its distance
    else:
        space = "0.1em 0.2em" if name in ("smallmatrix", "subarray") else "0.2em 0.4em"
    if "|" in sides and re.match(rf"(?:\|*[lcr]){{{column}}}\|", sides):
        lines += "border-left: 1px solid; "
    if sides.endswith("|") and column == len(pure) - 1:
        lines += "border-right: 1px solid; "
    return f'<mtd style="{lines}{side}padding: {space}">{text}</mtd>'


def label_of(tex):
    r"""The label of a row, as \tag gives it, and the cell without it."""
    found = re.search(r"\\tag(\*?)\s*(?=\{)", tex)
    if not found:
        return "", tex
    words, end = argument(tex, found.end())
    return words if found[1] else f"({words})", tex[: found.start()] + tex[end:]


def plain(words):
    """Words within a formula as text of MathML."""
    words = re.sub(r"\\([%$&#_{} ])", r"\1", words).replace("~", " ")
    return html.escape(words, quote=False).replace(" ", "\N{NO-BREAK SPACE}")
