"""The errors that the pipeline reports to a person: one line each."""


class BuildError(Exception):
    """What went wrong and the way out."""


class NotebookError(BuildError):
    """A notebook did not run to its end; ``notebook`` holds what it showed up to there."""

    def __init__(self, message, notebook=None):
        super().__init__(message)
        self.notebook = notebook
