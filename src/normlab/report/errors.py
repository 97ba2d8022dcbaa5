"""The errors that the pipeline reports to a person: one line each."""

from contextlib import contextmanager

from normlab.plain import short


class BuildError(Exception):
    """What went wrong and the way out."""


class NotebookError(BuildError):
    """A notebook did not run to its end; ``notebook`` holds what it showed up to there."""

    def __init__(self, message, notebook=None):
        super().__init__(message)
        self.notebook = notebook


@contextmanager
def at(place: str):
    """Let a BuildError of the block begin with its place: a notebook, a cell."""
    try:
        yield
    except BuildError as error:
        if place:
            error.args = (f"{place}: {error}",)
        raise


def about(name: str, error: Exception) -> str:
    """What a person is told of an error: one line that begins with the name of its notebook."""
    text = str(error) or "no reason given"
    if not isinstance(error, BuildError | OSError):
        text = f"{type(error).__name__}: {text}"
    line = short(text.strip().partition("\n")[0], 500)
    return line if line.startswith(name) else f"{name}: {line}"
