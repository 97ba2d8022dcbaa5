"""What may enter a page as markup: tables, drawings and formulas, nothing that acts or fetches.

The text of outputs is escaped where it is written. This is for markup: that of outputs, and
what Markdown became. It must be well-formed XML without declarations, so that a browser reads
the same elements from it as this module, hold only what is listed here, and not grow beyond
measure when it is drawn; nothing is rewritten.
"""

import re
from xml.parsers import expat

from normlab.report.errors import BuildError
from normlab.report.growth import Growth

VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
}
_HTML = """a abbr b big blockquote br caption center cite code col colgroup dd del details dfn div
dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section
small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr"""
_SVG = """circle clipPath defs desc ellipse g image line linearGradient marker mask path pattern
polygon polyline radialGradient rect stop style svg symbol text textPath title tspan use"""
_MATH = """annotation math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom
mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder
munderover semantics"""
_ELEMENTS = {
    "HTML": set(_HTML.split()),
    "SVG": set(_SVG.split()),
    "MathML": set(_MATH.split()),
}
# Read by people, so that any text will do.
_WORDS = re.compile(
    r"alt|aria-[a-z]+|class|dir|encoding|headers|id|lang|name|rel|role|target|title"
)
_ATTRIBUTES = re.compile(
    r"(?:fill|stroke|font|text|stop|clip|marker|gradient|pattern|stretch|row|column)[A-Za-z-]*"
    r"|accent|accentunder|align|bgcolor|border|cellpadding|cellspacing|close|color|colspan|cx|cy|d"
    r"|depth|display|displaystyle|dominant-baseline|download|dx|dy|face|fence|focusable|form|frame"
    r"|height|href|hspace|linethickness|lspace|mask|mathcolor|mathvariant|maxsize|minsize"
    r"|movablelimits|notation|offset|opacity|open|orient|paint-order|points|preserveAspectRatio|r"
    r"|refX|refY|reversed|rowspan|rspace|rx|ry|scope|scriptlevel|separator|size|space|span"
    r"|spreadMethod|start|style|symmetric|tabindex|transform|type|valign|value|vector-effect"
    r"|version|viewBox|visibility|voffset|vspace|width|x|x1|x2|y|y1|y2"
)
_LINK = re.compile(r"https?://|mailto:|(?![^/?#]*:)", re.I)  # no other scheme
_FETCHING = re.compile(
    r"\\|@(?!media\b)|"
    r"(?<![\w-])(?!rgba?\(|hsla?\(|var\(|calc\(|matrix\(|translate[XY]?\(|scale[XY]?\(|"
    r"rotate\(|skew[XY]\(|url\(['\"]?#)[\w-]+\("
)
_PICTURE = re.compile(r"data:image/(?:gif|jpeg|png|webp);base64,[\w+/=\s]*")
_DEEPEST, _LONGEST = 200, 20_000  # elements within each other, characters of an attribute
_COMMENT = re.compile(r"<!-- (?:(?!--)[^<>])*-->")  # one that XML and HTML end at the same place
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def for_page(text: str) -> str:
    """Text in which signs that no page may hold, control characters above all, show as such."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def is_link(address: str) -> bool:
    """Whether an address leads to a page: on the web, or beside this one."""
    return bool(_LINK.match(address.strip()))


def is_picture(address: str) -> bool:
    """Whether an address holds a picture rather than naming one."""
    return bool(_PICTURE.fullmatch(address))


def check_markup(text: str, kind: str) -> str:
    """Return ``text`` if it is markup that a page may hold, of the ``kind`` HTML, SVG or MathML.

    A BuildError names the element or the attribute that is not allowed, or what would grow.
    """
    if found := re.search(r"<[!?].{0,20}", _COMMENT.sub("", text), re.S):
        raise BuildError(f"{kind} with {found[0]!r}: a page takes elements and text only")
    _Reader(kind).read(for_page(text))
    return text


class _Reader:
    """Reads markup once, from the outside inwards, and stops at what no page may hold."""

    def __init__(self, kind):
        self.kind, self.growth = kind, Growth()
        self.open, self.style, self.start = [], "", None

    def read(self, text):
        self.bytes = f'<all xmlns:xlink="xlink">{text}</all>'.encode()
        parser = self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(self.bytes, True)
        except expat.ExpatError as error:
            raise BuildError(
                f"{self.kind} that is not well-formed XML ({error}); mend it"
            ) from error
        self.growth.check()

    def _begin(self, name, attributes):
        name = _local(name)
        if self.open:
            attributes = {_local(key): value for key, value in attributes.items()}
            if name not in _ELEMENTS[self.kind]:
                raise BuildError(f"a page shows no <{name}> in {self.kind}; take it out")
            for key, value in attributes.items():
                if not _is_harmless(name, key, value):
                    raise BuildError(
                        f"a page shows no <{name}> with {key}={value[:60]!r}; take it out"
                    )
            if "style" in self.open:
                raise BuildError(f"a <style> that loads something: <{name}>; mend it")
            self.growth.begin(name, attributes)
        if len(self.open) > _DEEPEST:
            raise BuildError(f"{self.kind} with more than {_DEEPEST} elements within each other")
        self.open.append(name)
        self.start, self.style = self.parser.CurrentByteIndex, ""

    def _text(self, text):
        self.start = None
        if self.open[-1] == "style":
            self.style += text

    def _end(self, _):
        name, place = self.open.pop(), self.parser.CurrentByteIndex
        if name == "style" and (_FETCHING.search(self.style) or "url(" in self.style):
            raise BuildError(f"a <style> that loads something: {self.style[:60]!r}; mend it")
        if self.open:
            self.growth.end()
        # Nothing came between: the tag itself ends before this place.
        short = self.start is not None and self.bytes[place - 2 : place] == b"/>"
        if self.kind == "HTML" and short != (name in VOID):
            way = f"<{name}/>" if name in VOID else f"<{name}></{name}>"
            raise BuildError(f"<{name}> that XML and HTML read differently; write {way}")
        self.start = None


def _is_harmless(element, attribute, value):
    if len(value) > _LONGEST and attribute not in ("d", "points", "href", "src", "transform"):
        return False
    if _WORDS.fullmatch(attribute):
        return True
    if attribute == ("href" if element == "image" else "src"):
        return element in ("image", "img") and is_picture(value)
    if attribute == "href":
        return is_link(value) if element == "a" else value.startswith("#")
    return bool(_ATTRIBUTES.fullmatch(attribute)) and not _FETCHING.search(value)


def _local(name):
    """A name without its namespace, whatever that is: HTML knows none."""
    return name.rpartition(" ")[2]
