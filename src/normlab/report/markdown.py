"""Markdown as HTML that shows what JupyterLab shows, with formulas as MathML."""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from normlab.report.errors import BuildError, at
from normlab.report.formulas import mathml
from normlab.report.macros import Macros
from normlab.report.markup import check_markup
from normlab.report.prose import Prose
from normlab.report.stored import read_notebook

_OPTIONS = {"tasklists": True, "strikethrough_single_tilde": True, "maxNesting": 10_000}
_CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^`\n]*\n.*?^(?P=fence)[`~]*$|(?<![\\`])(?P<ticks>`+)(?!`)[^\n]*?[^`\n]"
    r"(?P=ticks)(?!`)",
    re.M | re.S,
)
_SIGN = re.compile(
    r"(\$\$?|\\(?:begin|end)\{[a-z]*\*?\}|\\[{}$]|[{}]|(?:\n\s*)+|@@\d+@@|\\\\[()\[\]])", re.I
)


class Writer:
    """Writes the Markdown of one page: its headings, macros and pictures know of each other.

    Parameters
    ----------
    folder : Path, optional
        Where the notebook lies; pictures beside it, within its project, go into the page.
    taken : iterable of str
        Ids of the page that no heading may have.
    strict : bool
        Refuse what a page shows otherwise than JupyterLab; else HTML that no page may hold is
        shown as text, and of a link or a picture that leads nowhere the address.
    """

    def __init__(self, folder: Path | None = None, taken=(), strict=False):
        self.folder, self.strict = folder, strict
        self.ids, self.macros = set(taken), Macros()

    def html(self, source: str, attachments=None) -> str:
        """One passage as HTML.

        Raises
        ------
        BuildError
            Names the formula or, if it is strict, what else no page could show.
        """
        text, formulas = _without_formulas(source)
        for with_html in (True, False):
            ids = set(self.ids)
            prose = Prose(formulas, self._mathml, ids, attachments or {}, self.folder, with_html)
            try:
                made = prose.closed(_markdown_it(with_html).render(text))
                made = prose.with_formulas(check_markup(made, "HTML"))
            except RecursionError as error:
                raise BuildError("lists or quotes within each other, too deep; mend it") from error
            except BuildError:
                if self.strict or not with_html:
                    raise
            else:
                break
        self.ids |= ids
        return made

    def _mathml(self, text):
        """A formula as MathML; None for the text @@0@@ itself."""
        if text.startswith("@@"):
            return None
        if text.startswith(r"\begin"):
            return mathml(text, "block", self.macros)
        size = 3 if text.startswith("\\") else 2 if text.startswith("$$") else 1
        display = "block" if text.startswith(("$$", r"\\[")) else "inline"
        return mathml(text[size:-size], display, self.macros)


def markdown(source: str) -> str:
    """A passage of Markdown that stands alone, as HTML."""
    return Writer().html(source)


def check_markdown(path: Path) -> None:
    """Refuse a notebook with Markdown that no page could show, before it is run."""
    writer = Writer(path.parent, strict=True)
    for number, cell in enumerate(read_notebook(path).cells, start=1):
        if cell.cell_type == "markdown":
            with at(f"{path.stem}: cell {number}"):
                writer.html(cell.source, cell.get("attachments"))


def _markdown_it(with_html):
    parser = MarkdownIt("commonmark", _OPTIONS | {"html": with_html, "highlight": _highlighted})
    parser.validateLink = lambda address: True  # `Prose` knows better
    return parser.enable(["table", "strikethrough"])


def _highlighted(code, language, _):
    """Code in colours, or nothing if nobody knows the language."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    colored = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="highlight"><code>{colored}</code></pre>'


def _without_formulas(source):
    """Text with @@0@@, @@1@@ ... for its formulas, and these; what is one JupyterLab says."""
    source = re.sub("\r\n?", "\n", re.sub("[\0\ufdd0\ufdd1]", "\ufffd", source))
    hidden = _CODE.sub(lambda code: code[0].replace("$", "\0"), source)
    parts = _SIGN.split(hidden)
    formulas = []
    start = end = last = None
    depth = 0

    def take(stop):
        taken = "".join(parts[start : stop + 1]).replace("\0", "$")
        parts[start : stop + 1] = [f"@@{len(formulas)}@@"] + [""] * (stop - start)
        formulas.append(taken)

    for number in range(1, len(parts), 2):
        sign = parts[number]
        if sign.startswith("@@"):
            parts[number] = f"@@{len(formulas)}@@"
            formulas.append(sign)
        elif start is not None and sign == end:
            if depth:
                last = number
            else:
                take(number)
                start = last = None
        elif start is not None and sign.count("\n") > 1:
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
    return "".join(parts).replace("\0", "$"), formulas
