"""Texts as a terminal may show them: whatever stands in them, they steer nothing."""

import re

# Control characters but the ends of lines and tabs, what turns the direction of writing, and
# halves of surrogate pairs, as in the name of a file that is not UTF-8
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str, lines: bool = False) -> str:
    r"""A text with escapes for what would steer a terminal; one line, or with its own ``lines``.

    >>> print(printable("\x1b[31mred, but é, 日本 and — stay"))
    \x1b[31mred, but é, 日本 and — stay
    """
    text = _STEERING.sub(lambda found: ascii(found[0])[1:-1], text)
    return text if lines else text.replace("\n", "\\n").replace("\t", "\\t")


def shown(value: object) -> str:
    """A value as an error shows it: quoted if it is a text, and never long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of more than 4300 digits
        text = "a number of thousands of digits"
    return short(text)


def short(text: str, most: int = 100) -> str:
    """A text, cut if it is too long for an error."""
    return text if len(text) <= most else f"{text[:most]}..."


class Plain:
    """What writes to the stream ``behind`` it what is printable, in its encoding."""

    def __init__(self, behind):
        self.behind = behind

    def __getattr__(self, name):
        return getattr(self.behind, name)

    def write(self, text: str) -> int:
        """Write a text; signs that the encoding does not have come out as escapes."""
        encoding = self.behind.encoding or "utf-8"
        text = printable(text, lines=True).encode(encoding, "backslashreplace").decode(encoding)
        return self.behind.write(text)
