"""MathML of latex2mathml, said so that browsers draw what it means.

Of the older MathML that it writes, MathML Core, which browsers draw, has no names for spaces, no
styles of letters but upright ones, and no boxes.
"""

import html
import re
import unicodedata

from normlab.report.errors import BuildError

_SPACES = {"thin": "0.167em", "medium": "0.222em", "thick": "0.278em"}
_STYLES = {
    "bold": "BOLD",
    "italic": "ITALIC",
    "bold-italic": "BOLD ITALIC",
    "script": "SCRIPT",
    "double-struck": "DOUBLE-STRUCK",
    "fraktur": "FRAKTUR",
    "monospace": "MONOSPACE",
    "sans-serif": "SANS-SERIF",
    "sans-serif-italic": "SANS-SERIF ITALIC",
}


def drawable(text: str) -> str:
    """MathML as browsers draw it; BuildError for what they cannot."""
    if found := re.search(r'<menclose notation="(?!box")', text):
        raise BuildError(f"a line through something ({found[0]}) is not supported; take it out")
    if 'linebreak="newline"' in text:
        raise BuildError(r"\\ breaks no line here; put \begin{aligned} ... \end{aligned} around it")
    text = text.replace(
        '<menclose notation="box">', '<mrow style="border: 1px solid; padding: 3px">'
    )
    text = text.replace("</menclose>", "</mrow>")
    for name, width in _SPACES.items():
        text = text.replace(f'"negative{name}mathspace"', f'"-{width}"')
        text = text.replace(f'"{name}mathspace"', f'"{width}"')
    text = re.sub(r">\\([{}])</mo>", r">\1</mo>", text).replace(r">\|</mo>", ">&#x02016;</mo>")
    text = text.replace("<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>")
    text = re.sub(r"(<munder(?:over)?>)<mo>(?=[a-z])", r'\1<mo movablelimits="true">', text)
    text = text.replace("&#x02015;</mo></mover>", "&#x000AF;</mo></mover>")
    text = re.sub(r"<mi>&#x([0-9A-F]+);</mi>", _operator, text)
    return re.sub(
        r'<(m[inot]\w*)((?: [a-z]+="[^"]*")*?) mathvariant="(?!normal")([a-z-]+)"([^>]*)>([^<]*)<',
        lambda m: f"<{m[1]}{m[2]}{m[4]}>{_styled(m[5], m[3])}<",
        text,
    )


def _operator(found):
    """Brackets and relations, which latex2mathml takes for variables."""
    sign = chr(int(found[1], 16))
    kind = unicodedata.category(sign)
    if kind in ("Ps", "Pe"):
        return f'<mo stretchy="false">&#x{found[1]};</mo>'
    return f"<mo>&#x{found[1]};</mo>" if kind == "Sm" and sign not in "∞∅~" else found[0]


def _styled(text, variant):
    """The letters for the style: browsers know no other way to a bold or a hollow letter."""
    return "".join(_letter(sign, _STYLES.get(variant, "")) for sign in html.unescape(text))


def _letter(sign, style):
    name = unicodedata.name(sign, "").replace("LATIN ", "").replace("GREEK ", "")
    name = name.replace(" LETTER", "")
    for way in (f"MATHEMATICAL {style} {name}", f"{style} {name}", f"BLACK-LETTER {name}"):
        try:
            return unicodedata.lookup(way)
        except KeyError:
            continue
    return html.escape(sign, quote=False)
