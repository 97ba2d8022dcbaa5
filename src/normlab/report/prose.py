"""The HTML that Markdown stands for, made fit for a page: closed, with formulas and pictures."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import unquote

from normlab.report.delimiters import formulas_in
from normlab.report.errors import BuildError
from normlab.report.formulas import mathml
from normlab.report.markup import VOID, is_link
from normlab.report.pictures import embedded

_FORMULA = re.compile(r"@@(\d+)@@")
_IN_BRACKETS = re.compile(r"^\\(\\[(\[])(.*)\\(\\[)\]])$", re.S)  # typed as \\( ... \\)
_SHOWN = re.compile("\ufdd0(\\d+)\ufdd1")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<]*[^\s<?!.,:*_~'\"]")
_FROM_A_PAGE = re.compile(r"https?://|mailto:|[^/:?#]+\.html(?:#|$)", re.I)
_BOX = re.compile(r'(<input class="task-list-item-checkbox"[^>]*> )(\s*<p>)')
_NO_TABLE = re.compile(r"^ *(?:\| *:?-+:? *)+\|? *$|^ *:?-+:? *(?:\| *:?-+:? *)+\|? *$", re.M)


class Prose(HTMLParser):
    """Reads the HTML of one passage as a browser does, and writes it as well-formed XML.

    ``formulas`` are what @@0@@, @@1@@ ... stand for, as it was typed. ``macros`` and ``ids`` are
    those of the page so far; those of this passage are added. Pictures are looked for in
    ``attachments`` and ``folder``, as `embedded` does; ``strict`` is as for `Writer`.
    """

    def __init__(self, formulas, macros, ids, attachments, folder, strict):
        super().__init__(convert_charrefs=True)
        self.formulas, self.macros, self.ids, self.strict = formulas, macros, ids, strict
        self.attachments, self.folder = attachments, folder
        self.made, self.open, self.shown = [], [], []

    def closed(self, text: str) -> str:
        """The passage with every element closed, and a sign in the place of each formula."""
        self.feed(_BOX.sub(r"\2\1", text))
        self.close()
        if self.open:
            raise BuildError(f"<{self.open[-1][0]}> is not closed; close it, or write &lt; for <")
        return "".join(self.made)

    def with_formulas(self, text: str) -> str:
        """What `closed` gave with MathML; a formula on lines of its own needs no paragraph."""
        text = re.sub(rf"<p>({_SHOWN.pattern})</p>", self._alone, text)
        return _SHOWN.sub(lambda sign: self.shown[int(sign[1])], text)

    def _alone(self, found):
        return found[1] if 'display="block"' in self.shown[int(found[2])][:90] else found[0]

    # What the parser calls

    def handle_starttag(self, tag, attrs):
        """An element begins."""
        attrs = {name: self._as_typed(value or "") for name, value in attrs}
        if tag == "img":
            self._picture(attrs)
            return
        if tag == "input" and attrs.get("class") == "task-list-item-checkbox":
            self.made.append(
                "\N{BALLOT BOX WITH CHECK}" if "checked" in attrs else "\N{BALLOT BOX}"
            )
            return
        if tag == "a" and any(tag == "a" for tag, *_ in self.open):
            raise BuildError("a link within a link; take one out")
        after = self._follow(attrs) if tag == "a" and "href" in attrs else ""
        if attrs.get("id") in self.ids:
            raise BuildError(f"two elements have the id {attrs['id']!r}; take one out")
        self.ids |= {attrs["id"]} if "id" in attrs else set()
        self.made.append("" if after else _tag(tag, attrs))
        if tag not in VOID:
            self.open.append((tag, attrs, len(self.made), after))

    def handle_startendtag(self, tag, attrs):
        """An element ends as it begins."""
        if tag not in VOID:
            raise BuildError(f"<{tag}/> is open in HTML; write <{tag}></{tag}>")
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        """An element ends."""
        if not self.open or self.open[-1][0] != tag:
            why = f"comes before </{self.open[-1][0]}>" if self.open else "closes nothing"
            raise BuildError(f"HTML in which </{tag}> {why}; mend it, or write &lt; for <")
        _, attrs, start, after = self.open.pop()
        if re.fullmatch("h[1-6]", tag):
            self._head(tag, attrs, start)
        self.made.append(after or f"</{tag}>")

    def handle_data(self, text):
        """Text, in which formulas and addresses may be."""
        if any(tag in ("code", "pre", "style", "script") for tag, *_ in self.open):
            self.made.append(html.escape(self._as_typed(text), quote=False))
            return
        whole, kept = "", []
        for number, part in enumerate(_FORMULA.split(text)):
            part = self.formulas[int(part)] if number % 2 else part
            if number % 2 and not part.startswith("@@"):
                part = _IN_BRACKETS.sub(r"\1\2\3", part)
                kept.append(range(len(whole), len(whole) + len(part)))
            whole += part

        def is_one(start, end):
            """Not a dollar that Markdown has taken the \\ from, as in \\$5 and \\$6."""
            if whole.startswith(("$$", "\\"), start) or any(start in place for place in kept):
                return True
            if self.strict:
                raise BuildError(
                    f"JupyterLab takes {whole[start:end][:60]!r} for a formula; "
                    "write \\\\$ for a dollar sign"
                )
            return False

        done = 0
        formulas = formulas_in(whole, is_one)
        for place in kept:
            if not any(found.start < place.stop and place.start < found.end for found in formulas):
                shown = whole[place.start : place.stop][:60]
                raise BuildError(f"formula {shown!r}: its braces do not match; mend it")
        for found in formulas:
            self._write(whole[done : found.start])
            self.shown.append(mathml(found.tex, found.display, self.macros))
            self.made.append(f"\ufdd0{len(self.shown) - 1}\ufdd1")
            done = found.end
        self._write(whole[done:])

    def handle_decl(self, text):
        """Refuse a declaration."""
        raise BuildError(f"<!{text[:20]}> is not for a page; take it out")

    unknown_decl = handle_decl

    def handle_pi(self, text):
        """Refuse an instruction."""
        raise BuildError(f"<?{text[:20]}> is not for a page; take it out")

    # Formulas, links, pictures, headings

    def _as_typed(self, text):
        return _FORMULA.sub(lambda sign: self.formulas[int(sign[1])], text)

    def _write(self, text):
        """Text without formulas."""
        if self.strict and (line := _NO_TABLE.search(text)):
            raise BuildError(
                f"{line[0].strip()!r} in a paragraph; put an empty line above the table"
            )
        self.made.append(self._linked(re.sub(r"\\([\\$])", r"\1", text)))

    def _linked(self, text):
        """Text in which an address of the web is a link."""
        if any(tag == "a" for tag, *_ in self.open):
            return html.escape(text, quote=False)
        parts, end = [], 0
        for found in _ADDRESS.finditer(text):
            address = found[0]
            while address.endswith(")") and address.count(")") > address.count("("):
                address = address[:-1]
            to = address if "://" in address else f"http://{address}"
            parts.append(html.escape(text[end : found.start()], quote=False))
            parts.append(f'<a href="{html.escape(to)}">{html.escape(address)}</a>')
            end = found.start() + len(address)
        return "".join(parts) + html.escape(text[end:], quote=False)

    def _follow(self, attrs):
        """Let a link lead where it can from a page; else return what to show of its address."""
        address = attrs["href"]
        if address.startswith("#"):
            attrs["href"] = f"#{_anchor(unquote(address[1:]))}"
            return ""
        study = re.fullmatch(r"(?:\./)?([^/:?#]+)\.ipynb((?:#.*)?)", address)
        if study:
            place = study[2] and f"#{_anchor(unquote(study[2][1:]))}"
            attrs["href"] = f"{study[1]}.html{place}"
        elif not is_link(address) or (self.strict and not _FROM_A_PAGE.match(address)):
            if self.strict:
                raise BuildError(
                    f"a page cannot link to {address[:60]!r}, which lies elsewhere; "
                    "link to the web, to a heading or to another study"
                )
            return f" ({html.escape(address)})"
        return ""

    def _picture(self, attrs):
        try:
            attrs["src"] = embedded(attrs.get("src", ""), self.attachments, self.folder)
        except BuildError:
            if self.strict:
                raise
            text = f"{attrs.get('alt', '')} ({attrs.get('src', '')})"
            self.made.append(html.escape(text, quote=False))
            return
        style = f"{attrs.get('style', '')}; max-width: 100%; height: auto".strip("; ")
        self.made.append(_tag("img", {"alt": ""} | attrs | {"style": style}))

    def _head(self, tag, attrs, start):
        """Give a heading its anchor, which is new on the page, and a link to it."""
        text = "".join(self.made[start:])
        if "id" not in attrs:
            words = re.sub(r"<[^>]+>", "", self.with_formulas(text))
            name = anchor = _anchor(html.unescape(words)) or "section"
            number = 1
            while anchor in self.ids:
                number += 1
                anchor = f"{name}-{number}"
            self.ids.add(anchor)
            attrs = {"id": anchor} | attrs
        if "<a " not in text:
            text = f'<a class="self" href="#{html.escape(attrs["id"])}">{text}</a>'
        self.made[start - 1 :] = [_tag(tag, attrs), text]


def _anchor(text):
    return (
        re.sub(r"[^\w]+", "-", text).strip("-") if re.search(r"[^\w-]", text) else text.strip("-")
    )


def _tag(name, attrs):
    written = "".join(f' {key}="{html.escape(value)}"' for key, value in attrs.items())
    return f"<{name}{written}{' /' if name in VOID else ''}>"
