"""Markdown as HTML, with formulas as MathML, so that they need no script."""

import html
import re
from pathlib import Path

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from normlab.report.errors import BuildError
from normlab.report.markup import check_markup, is_link, is_picture
from normlab.report.stored import read_notebook

_BLOCK_END = "</math>\n"


class _Renderer(IPythonRenderer):
    """Markdown in which TeX becomes MathML, so that formulas need no script."""

    def heading(self, text, level, **_):
        anchor = re.sub(r"[^\w]+", "-", html.unescape(re.sub(r"<[^>]+>", "", text))).strip("-")
        if "<a " not in text:
            text = f'<a class="self" href="#{anchor}">{text}</a>'
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def paragraph(self, text):
        return (
            text if text.startswith("<math") and text.endswith(_BLOCK_END) else f"<p>{text}</p>\n"
        )

    def link(self, text, url, title=None):
        """Only a link that leads to a page; of others the words and the address."""
        if is_link(html.unescape(url)):
            return super().link(text, url, title)
        return f"{text} ({html.escape(html.unescape(url))})"

    def image(self, text, url, title=None):
        """Only a picture that is in the page itself; of others the words and the address."""
        if is_picture(url):
            return super().image(text, url, title)
        return f"{text} ({html.escape(html.unescape(url))})"

    def block_mermaidjs(self, code):
        return self.block_code(code)

    def block_math(self, body):
        return _mathml(body, "block") + "\n"

    def inline_math(self, body):
        return _mathml(body, "inline")


def _mathml(tex, display):
    """TeX as MathML; BuildError for what latex2mathml does not know or passes through as text."""
    from latex2mathml.converter import convert

    try:
        mathml = convert(tex.strip(), display=display)
    except Exception as error:
        reason = str(error) or type(error).__name__
        raise BuildError(f"formula {tex.strip()!r}: {reason}; mend it") from error
    if unknown := re.search(r"\\[A-Za-z]+", re.sub(r"<annotation.*?</annotation>", "", mathml)):
        raise BuildError(
            f"formula {tex.strip()!r}: {unknown[0]} is not supported; write it otherwise"
        )
    mathml = re.sub(r"(?<=<mtext>).*?(?=</mtext>)", _escape_words, mathml, flags=re.S)
    try:
        return check_markup(mathml, "MathML")
    except BuildError as error:
        raise BuildError(f"formula {tex.strip()!r}: {error}") from error


def _escape_words(found):
    """Text within a formula, which latex2mathml escapes in part."""
    return html.escape(html.unescape(found[0]), quote=False)


def markdown(source: str) -> str:
    """Markdown as HTML, with MathML for ``$...$`` and ``$$...$$``; HTML in it is shown as text."""
    return MarkdownWithMath(renderer=_Renderer(escape=True)).render(source)


def check_markdown(path: Path) -> None:
    """Refuse a notebook with a formula that no page could show, before it is run."""
    for number, cell in enumerate(read_notebook(path).cells, start=1):
        if cell.cell_type == "markdown":
            try:
                markdown(cell.source)
            except BuildError as error:
                raise BuildError(f"{path.stem}: cell {number}: {error}") from error
