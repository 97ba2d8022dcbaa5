"""How papermill runs a notebook here: with an eye on what its cells show."""

import math

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines

from normlab.report.limits import option

NAME = "normlab"


class Client(PapermillNotebookClient):
    """Runs the cells; ends a kernel that shows more than ``megabytes``."""

    def __init__(self, nb_man, kernel, megabytes, **options):
        super().__init__(nb_man, **options)
        self.kernel, self.megabytes = kernel, megabytes
        self.left = megabytes * 1e6

    def process_message(self, msg, cell, cell_index):
        """Take one message of the kernel, unless those before were too long."""
        self.left -= _length(msg["content"]) + sum(map(len, msg.get("buffers") or ()))
        if self.left < 0:
            self.kernel.end(
                f"showed more than {self.megabytes:g} MB; show less, or allow more by "
                f"{option('max_output')}"
            )
            return None
        return super().process_message(msg, cell, cell_index)


class LimitedEngine(Engine):
    """An engine of papermill with this client."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, kernel, megabytes, cell_timeout, config, **_
    ):
        """Run the notebook in ``kernel``, which gets to know it."""
        kernel.notebook = nb_man.nb
        return Client(
            nb_man,
            kernel,
            megabytes,
            kernel_name=kernel_name,
            timeout=math.ceil(cell_timeout),
            startup_timeout=60,
            kernel_manager_class=kernel.manager(),
            shutdown_kernel="immediate",
            config=config,
        ).execute()


def register() -> None:
    """Make the engine known to papermill under its name."""
    papermill_engines.register(NAME, LimitedEngine)


def _length(content):
    """How many letters all texts in a message have; what is no text counts as one."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, dict):
        return _length(list(content)) + sum(map(_length, content.values()))
    if isinstance(content, list):
        return sum(map(_length, content))
    return 1
