r"""The macros that formulas of a page define, as \newcommand does, written out."""

import re

from normlab.report.errors import BuildError

_DEFINITION = re.compile(
    r"\\((?:re)?newcommand|providecommand|DeclareMathOperator)(\*?)(?![A-Za-z])\s*|\\def\s*(?=\\)"
)
_NAME = re.compile(r"\\(?:[A-Za-z]+|.)", re.S)
_MOST, _LONGEST = 1000, 20_000  # expansions, and characters that they lead to


def argument(tex: str, start: int) -> tuple[str, int]:
    """The group in braces, or the one sign, that begins at ``start``, and where it ends."""
    start += len(tex[start:]) - len(tex[start:].lstrip())
    if not tex[start:].startswith("{"):
        found = _NAME.match(tex, start) or re.compile(".", re.S).match(tex, start)
        if not found:
            raise BuildError("something is missing at its end; mend it")
        return found[0], found.end()
    depth = 0
    for part in re.compile(r"\\.|[{}]", re.S).finditer(tex, start):
        depth += {"{": 1, "}": -1}.get(part[0], 0)
        if depth == 0:
            return tex[start + 1 : part.start()], part.end()
    raise BuildError("a { without its }; mend it")


class Macros:
    """Name -> number of arguments, the default of the first, and what stands for it."""

    def __init__(self):
        self.known = {}

    def expanded(self, tex: str) -> str:
        """TeX without definitions, which are kept, and without the macros that are known."""
        tex = self._without_definitions(tex)
        start = 0
        for _ in range(_MOST):
            found = next((m for m in _NAME.finditer(tex, start) if m[0] in self.known), None)
            if found is None:
                return tex
            body, end = self._call(found, tex)
            tex, start = tex[: found.start()] + body + tex[end:], found.start()
            if len(tex) > _LONGEST:
                break
        raise BuildError("its macros lead to more than a page can hold; write it out")

    def _without_definitions(self, tex):
        while found := _DEFINITION.search(tex):
            name, end = argument(tex, found.end())
            number, default = 0, None
            if found[0].startswith(r"\def"):
                given = re.compile(r"((?:#\d)*)\s*(?=\{)").match(tex, end)
                if not given:
                    raise BuildError(f"\\def{name} in this form is not supported; use \\newcommand")
                number, end = len(given[1]) // 2, given.end()
            elif given := re.compile(r"\s*\[(\d)\]\s*(?:\[([^\]]*)\])?").match(tex, end):
                number, default, end = int(given[1]), given[2], given.end()
            body, end = argument(tex, end)
            if found[1] == "DeclareMathOperator":
                body = rf"\operatorname{found[2]}{{{body}}}"
            self.known[name.strip()] = number, default, body
            tex = tex[: found.start()] + tex[end:]
        return tex

    def _call(self, found, tex):
        number, default, body = self.known[found[0]]
        end, given = found.end(), []
        if default is not None:
            option = re.compile(r"\s*\[([^\]]*)\]").match(tex, end)
            given, end = [option[1] if option else default], option.end() if option else end
        while len(given) < number:
            value, end = argument(tex, end)
            given.append(value)
        body = re.sub(
            r"#(\d)", lambda n: given[int(n[1]) - 1] if int(n[1]) <= len(given) else n[0], body
        )
        follows = tex[end : end + 1]
        return body + (" " if re.search(r"\\[A-Za-z]+$", body) and follows.isalpha() else ""), end
