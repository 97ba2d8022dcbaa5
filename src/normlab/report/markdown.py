"""Markdown as HTML that shows what JupyterLab shows, with formulas as MathML."""

import re
from pathlib import Path

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from normlab.report.delimiters import without_formulas
from normlab.report.errors import BuildError, at
from normlab.report.macros import Macros
from normlab.report.markup import check_markup
from normlab.report.prose import Prose
from normlab.report.stored import read_notebook

_OPTIONS = {"tasklists": True, "strikethrough_single_tilde": True, "maxNesting": 10_000}


class Writer:
    """Writes the Markdown of one page: its headings, macros and pictures know of each other.

    The notebook lies in ``folder``; pictures beside it, within its project, go into the page. No
    heading may have one of the ids ``taken``. If ``strict``, what a page shows otherwise than
    JupyterLab is refused; else HTML that no page may hold is shown as text, and of a link or a
    picture that leads nowhere the address.
    """

    def __init__(self, folder: Path | None = None, taken=(), strict=False):
        self.folder, self.strict = folder, strict
        self.ids, self.macros = set(taken), Macros()

    def html(self, source: str, attachments=None) -> str:
        """One passage as HTML.

        A BuildError names the formula or, if it is strict, what else no page could show.
        """
        source = re.sub("\r\n?", "\n", re.sub("[\ufdd0\ufdd1]", "\ufffd", source))
        text, formulas = without_formulas(source)
        for with_html in (True, False):
            ids = set(self.ids)
            prose = Prose(formulas, self.macros, ids, attachments or {}, self.folder, with_html)
            try:
                made = prose.closed(_markdown_it(with_html, self.strict).render(text))
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


def _markdown_it(with_html, strict):
    highlighted = _highlighted_or_refused if strict else _highlighted
    parser = MarkdownIt("commonmark", _OPTIONS | {"html": with_html, "highlight": highlighted})
    parser.validateLink = lambda address: True  # `Prose` knows better
    return parser.enable(["table", "strikethrough"])


def _highlighted_or_refused(code, language, attributes):
    if language == "mermaid":
        raise BuildError("JupyterLab draws the code of mermaid; save the drawing as a picture")
    return _highlighted(code, language, attributes)


def _highlighted(code, language, _):
    """Code in colours, or nothing if nobody knows the language."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    colored = highlight(code, lexer, HtmlFormatter(nowrap=True))
    return f'<pre class="highlight"><code>{colored}</code></pre>'
