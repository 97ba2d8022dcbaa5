"""The one kind of error that the pipeline reports to a person."""


class BuildError(Exception):
    """What went wrong and the way out, in one line."""
