"""What may enter a page as markup: tables, drawings and formulas, nothing that acts or fetches.

The text of outputs is escaped where it is written. This is for outputs that are markup
already. They must be well-formed XML without declarations, so that a browser reads the same
elements from them as this module, and hold only what is listed here; nothing is rewritten.
"""

import re
import xml.etree.ElementTree as ElementTree

from normlab.report.errors import BuildError

_HTML = """a abbr b caption code col colgroup dd del details div dl dt em figcaption figure h3 h4 h5
h6 i kbd li mark ol p pre s section small span strong sub summary sup table tbody td tfoot th thead
tr u ul var"""
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
_WORDS = re.compile(r"aria-[a-z]+|class|encoding|headers|id|lang|role|title")
_ATTRIBUTES = re.compile(
    r"(?:fill|stroke|font|text|stop|clip|marker|gradient|pattern|stretch|row|column)[A-Za-z-]*"
    r"|accent|accentunder|close|colspan|cx|cy|d|depth|display|displaystyle|dominant-baseline"
    r"|download|dx|dy|fence|focusable|form|frame|height|href|linethickness|lspace|mask|mathcolor"
    r"|mathvariant|maxsize|minsize|movablelimits|notation|offset|opacity|open|orient|paint-order"
    r"|points|preserveAspectRatio|r|refX|refY|rowspan|rspace|rx|ry|scope|scriptlevel|separator"
    r"|space|spreadMethod|style|symmetric|tabindex|transform|type|vector-effect|version|viewBox"
    r"|visibility|voffset|width|x|x1|x2|y|y1|y2"
)
_LINK = re.compile(r"https?://|(?![^/?#]*:)")  # no other scheme
_FETCHING = re.compile(
    r"\\|@(?!media\b)|"
    r"(?<![\w-])(?!rgba?\(|hsla?\(|var\(|calc\(|matrix\(|translate[XY]?\(|scale[XY]?\(|"
    r"rotate\(|skew[XY]\(|url\(['\"]?#)[\w-]+\("
)
_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[\w+/=\s]*")
_COMMENT = re.compile(r"<!-- (?:(?!--)[^<>])*-->")  # one that XML and HTML end at the same place
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Text in which signs that no page may hold, control characters above all, show as such."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def is_link(address: str) -> bool:
    """Whether an address leads to a page: on the web, or beside this one."""
    return bool(_LINK.match(address.strip()))


def is_picture(address: str) -> bool:
    """Whether an address holds a picture rather than naming one."""
    return bool(_PICTURE.fullmatch(address))


def check_markup(text: str, kind: str) -> str:
    """Return ``text`` if it is markup that a page may hold.

    Parameters
    ----------
    text : str
    kind : "HTML", "SVG" or "MathML"

    Raises
    ------
    BuildError
        Names the element or the attribute that is not allowed.
    """
    if found := re.search(r"<[!?].{0,20}", _COMMENT.sub("", text), re.S):
        raise BuildError(f"{kind} with {found[0]!r}: a page takes elements and text only")
    try:
        root = ElementTree.fromstring(f'<all xmlns:xlink="xlink">{printable(text)}</all>')
    except ElementTree.ParseError as error:
        raise BuildError(f"{kind} that is not well-formed XML ({error}); mend it") from error
    for element in root.iter():
        if element is not root:
            _check_element(element, kind)
    return text


def _check_element(element, kind):
    name = _local(element.tag)
    if name not in _ELEMENTS[kind]:
        raise BuildError(f"a page shows no <{name}> in {kind}; take it out")
    for attribute, value in element.attrib.items():
        if not _is_harmless(name, _local(attribute), value):
            raise BuildError(
                f"a page shows no <{name}> with {_local(attribute)}={value[:60]!r}; take it out"
            )
    if name == "style" and (len(element) or _FETCHING.search(element.text or "")):
        raise BuildError(f"a <style> that loads something: {(element.text or '')[:60]!r}; mend it")


def _is_harmless(element, attribute, value):
    if _WORDS.fullmatch(attribute):
        return True
    if attribute == "href" and element == "image":
        return is_picture(value)
    if attribute == "href":
        return is_link(value) if element == "a" else value.startswith("#")
    return bool(_ATTRIBUTES.fullmatch(attribute)) and not _FETCHING.search(value)


def _local(name):
    """A name without its namespace, whatever that is: HTML knows none."""
    return name.rpartition("}")[2]
