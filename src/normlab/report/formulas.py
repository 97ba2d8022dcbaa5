"""TeX as MathML that browsers draw as MathJax would, without a script.

latex2mathml converts what has no environment and no words in it; words and tables are made
here, because what it makes of those is for readers of MathML that browsers are not.
"""

import re

from normlab.plain import shown
from normlab.report.alignments import ALIGNED, TABLES, cell, label_of, plain, rows_of
from normlab.report.drawable import drawable
from normlab.report.errors import BuildError
from normlab.report.macros import Macros, argument
from normlab.report.markup import check_markup

_INNERMOST = re.compile(r"\\begin\{(\w+)(\*?)\}((?:(?!\\(?:begin|end)\s*\{).)*)\\end\{\1\2\}", re.S)
_WORDS = {
    "text": "",
    "textrm": "",
    "textnormal": "",
    "textup": "",
    "mbox": "",
    "hbox": "",
    "textbf": "font-weight: bold",
    "textit": "font-style: italic",
    "emph": "font-style: italic",
    "textsf": "font-family: sans-serif",
    "texttt": "font-family: monospace",
}
_LINES = {"overline": "top", "underline": "bottom"}
_GROUPS = re.compile(r"\\(overline|underline|substack)\s*(?=\{)")
_PLACES = "[\U000f0000-\U000ffffd]"  # signs that stand for what is converted already
_LIMITS = re.compile(
    r"(\\(?:sum|(?:co)?prod|max|min|lim|sup|inf|limsup|liminf|arg(?:max|min)|det|gcd|Pr|big(?:cup|cap|"
    r"oplus|otimes|vee|wedge|sqcup|uplus))(?![A-Za-z])|\\operatorname\*\{[^{}]*\})\s*(?=[_^])"
)
_OPERATOR = re.compile(r"\\operatorname(\*?)\s*\{([^{}]*)\}")
_RESPELLED = [
    (r"(?<!\\)((?:\\\\)*)%[^\n]*\n?", r"\1"),  # a comment
    (r"\\(?:notag|nonumber)(?![A-Za-z])|\\label\s*\{[^{}]*\}", ""),
    (r"\\arg(?![A-Za-z])", r"\\operatorname{arg}"),
    (
        r"\\mathop\s*\{\s*(?:\\(?:rm|mathrm|text)(?![A-Za-z])\s*)?\{?\s*([A-Za-z ]+?)\s*\}?\s*\}",
        r"\\operatorname*{\1}",
    ),
    (r"\\operatorname\*?\s*(?=\{\s*\\)", ""),
    (r"\\math(?:op|bin|rel|ord|open|close|punct|inner)(?![A-Za-z])", ""),
    (r"\\not\s*=", r"\\neq "),
    (r"\\(left|right)\s*<", r"\\\1\\langle "),
    (r"\\(left|right)\s*>", r"\\\1\\rangle "),
]


def mathml(tex: str, display: str, macros: Macros | None = None) -> str:
    """TeX as a <math> element, or nothing for one that only defines macros.

    ``display`` is "block" or "inline"; ``macros`` are those of the page so far, and what ``tex``
    defines is added. A BuildError names the formula and what no page shows of it.
    """
    try:
        return _checked(tex, display, macros or Macros())
    except Exception as error:
        reason = str(error) if isinstance(error, BuildError) else f"{_in_words(error)}; mend it"
        raise BuildError(f"formula {shown(tex.strip())}: {reason}") from error


def _in_words(error):
    """What latex2mathml says only by the name of an error: "double superscripts"."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__.removesuffix("Error")).lower()
    return {"no available tokens": "it is empty", "recursion": "too deep"}.get(
        words, str(error) or words
    )


def _checked(tex, display, macros):
    if re.search(_PLACES, tex):
        raise BuildError("a sign for private use; take it out")
    for pattern, new in _RESPELLED:
        tex = re.sub(pattern, new, tex)
    expanded = macros.expanded(tex)
    signs = re.findall(r"\\.|[{}]", expanded, re.S)
    if signs.count("}") > signs.count("{"):
        raise BuildError("a } without its {; mend it")
    if tex.strip() and not expanded.strip():
        return ""
    text = _Formula(display).whole(_OPERATOR.sub(_spaced, expanded))
    if unknown := re.search(r"\\(?:[A-Za-z]+|.)", text):
        raise BuildError(f"{unknown[0]} is not supported; write it otherwise")
    if "<mi>&</mi>" in text or "<mi>#</mi>" in text:
        raise BuildError("an & or # that belongs to nothing; mend it")
    space = "http://www.w3.org/1998/Math/MathML"
    return check_markup(f'<math xmlns="{space}" display="{display}">{text}</math>', "MathML")


def _spaced(found):
    r"""An operator such as arg\,max with a sign for the blank, which is lost otherwise."""
    name = re.sub(r"\\[,;:! ]|~|\\(?:thin|med|thick)space(?![A-Za-z])", " ", found[2])
    name = "\N{THIN SPACE}".join(name.split())
    return rf"\operatorname{found[1]}{{{name}}}"


class _Formula:
    """One formula on its way: the parts that are MathML already, each with a sign for it."""

    def __init__(self, display):
        self.display, self.parts = display, []

    def whole(self, tex):
        """The content of the <math> element."""
        tex = self._environments(_with_groups(self._words(tex)))
        if left := re.search(r"\\(?:begin|end)\s*\{[^}]*\}?", tex):
            raise BuildError(f"{left[0]} is not supported; write it otherwise")
        if re.search(r"\\tag(?![A-Za-z])", tex):
            return f"<mrow>{self._table(tex, 'c', 'equation')}</mrow>"
        return f"<mrow>{self._row(tex)}</mrow>"

    def _keep(self, text):
        self.parts.append(text)
        return chr(0xF0000 + len(self.parts) - 1)

    def _row(self, tex):
        """TeX without words and environments."""
        from latex2mathml.converter import convert

        if self.display == "block":
            tex = _LIMITS.sub(r"\1\\limits", tex)
        text = convert(tex.strip(), display=self.display)
        text = text[text.index("<mrow>") + 6 : text.rindex("</mrow>")]
        text = re.sub(
            rf"<mi[^>]*>({_PLACES})</mi>", lambda sign: self.parts[ord(sign[1]) - 0xF0000], text
        )
        return drawable(text)

    def _words(self, tex):
        r"""TeX in which \text{...} and its kin are a sign each, with formulas in them."""
        found = re.search(rf"\\({'|'.join(_WORDS)})\s*(?=\{{)", tex)
        if not found:
            return tex
        words, end = argument(tex, found.end())
        style = f' style="{_WORDS[found[1]]}"' if _WORDS[found[1]] else ""
        pieces = re.split(r"(?<!\\)\$((?:\\.|[^$\\])+)\$", words)
        made = "".join(
            (_Formula("inline").whole(piece) if n % 2 else f"<mtext{style}>{plain(piece)}</mtext>")
            for n, piece in enumerate(pieces)
            if piece
        )
        made = made if len(pieces) == 1 else f"<mrow>{made}</mrow>"
        return tex[: found.start()] + self._keep(made) + self._words(tex[end:])

    def _environments(self, tex):
        """TeX in which every environment is a sign, from the innermost outwards."""
        while found := _INNERMOST.search(tex):
            name, body = found[1], found[3]
            if name in _LINES:
                line = f"border-{_LINES[name]}: 1px solid; padding-{_LINES[name]}: 0.1em"
                made = self._keep(f'<mrow style="{line}">{self._row(body)}</mrow>')
                tex = f"{tex[: found.start()]}{made}{tex[found.end() :]}"
                continue
            if name not in TABLES:
                raise BuildError(f"\\begin{{{name}}} is not supported; write it otherwise")
            left, sides, right = TABLES[name]
            if place := re.match(r"\s*\[([a-z])\]", body):
                body = body[place.end() :]
                sides = place[1] if name.endswith("matrix") else sides
            if name in ("array", "subarray", "alignat", "alignedat"):
                given, end = argument(body, 0)
                body = body[end:]
                if "array" in name:
                    sides = "".join(re.findall("[lcr|]", given)) or sides
            made = self._keep(self._table(body, sides, name))
            if left:
                made = rf"\left{left}{made}\right{right} "
            tex = f"{tex[: found.start()]}{{{made}}}{tex[found.end() :]}"
        return tex

    def _table(self, body, sides, name):
        rows = rows_of(body)
        columns = max(len(row.cells) for row in rows)
        lines = []
        for number, row in enumerate(rows):
            if name == "multline":
                sides = "r" if number == len(rows) - 1 else "c" if number else "l"
            tag, row.cells[-1] = label_of(row.cells[-1])
            cells = [self._row(tex) if tex.strip() else "" for tex in row.cells]
            cells = [cell(text, name, n, sides, row.line) for n, text in enumerate(cells)]
            if tag:
                cells += ["<mtd></mtd>"] * (columns - len(cells))
                cells.append(f'<mtd style="padding-left: 2em"><mtext>{plain(tag)}</mtext></mtd>')
            lines.append(f"<mtr>{''.join(cells)}</mtr>")
        shown = ' displaystyle="true"' if name in ALIGNED or name == "dcases" else ""
        table = f"<mtable{shown}>{''.join(lines)}</mtable>"
        small = name in ("smallmatrix", "subarray")
        return f'<mstyle scriptlevel="1">{table}</mstyle>' if small else table


def _with_groups(tex):
    """TeX in which commands whose group is drawn here are environments."""
    while found := _GROUPS.search(tex):
        body, end = argument(tex, found.end())
        name, given = ("subarray", "{c}") if found[1] == "substack" else (found[1], "")
        tex = f"{tex[: found.start()]}\\begin{{{name}}}{given}{body}\\end{{{name}}}{tex[end:]}"
    return tex
