"""The errors that the pipeline reports to a person: one line each."""

import unicodedata


class BuildError(Exception):
    """What went wrong and the way out."""


class NotebookError(BuildError):
    """A notebook did not run to its end; ``notebook`` holds what it showed up to there."""

    def __init__(self, message, notebook=None):
        super().__init__(message)
        self.notebook = notebook


def one_line(text: str) -> str:
    """Text for a terminal or a page: what does not print, as a line end, is written as its code."""
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else repr(c)[1:-1] for c in text
    )
