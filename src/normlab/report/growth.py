"""How large a drawing gets when its references are followed, which a few lines can make endless."""

import re

from normlab.report.errors import BuildError

_MOST, _DEEPEST = 300_000, 8  # elements drawn, references within references
_URL = re.compile(r"url\(\s*['\"]?#([^)'\"]*)")
_SHAPES = {"line", "path", "polygon", "polyline"}


class Growth:
    """Counts what each element with an id holds and refers to, as the elements come and go."""

    def __init__(self):
        self.all = _Part()
        self.parts = {}  # id -> what is within
        self.open = []  # the part that each open element begins, or None

    def begin(self, name: str, attributes: dict) -> None:
        """An element begins."""
        part = self.parts.setdefault(attributes["id"], _Part()) if "id" in attributes else None
        self.open.append(part)
        within = [self.all, *filter(None, self.open)]
        for one in within:
            one.size += 1
        for key, value in attributes.items():
            named = _URL.findall(value)
            times = 1
            if key == "href" and name != "a":
                named.append(value.removeprefix("#"))
            elif named and ("marker" in key or (key == "style" and "marker" in value)):
                if name not in _SHAPES:
                    raise BuildError(f"markers on a <{name}>; put them on its lines")
                line = attributes.get("d", "") + attributes.get("points", "")
                times = 1 + len(line) // 2  # as many ends and corners, at most
            for one in within:
                one.refers += [(to, times) for to in named]

    def end(self) -> None:
        """The element that began last ends."""
        self.open.pop()

    def check(self) -> None:
        """Refuse what refers to itself or grows beyond measure."""
        total = 0
        waiting = [(self.all, 1, 0)]
        while waiting:
            part, times, depth = waiting.pop()
            total += times * max(part.size, 1)
            if total > _MOST or depth > _DEEPEST:
                raise BuildError(
                    "a drawing whose parts refer to each other so often that it could not be "
                    "drawn; write them out"
                )
            waiting += [
                (self.parts[to], times * more, depth + 1)
                for to, more in part.refers
                if to in self.parts
            ]


class _Part:
    """How many elements, and which ids they refer to, how often."""

    def __init__(self):
        self.size, self.refers = 0, []
