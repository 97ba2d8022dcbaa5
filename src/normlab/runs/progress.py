"""What a sweep tells while it runs: to a person as a bar, to the pipeline as lines in a file.

So the page stays free of both. The environment variable NORMLAB_PROGRESS names the file; its lines
are JSON.
"""

import contextlib
import json
import os
import sys

from normlab.handover import PROGRESS_FILE


@contextlib.contextmanager
def progress(runs: int, work: int):
    """Yield ``tick(amount)``, to be called once a finished run.

    There are so many ``runs``, those that are stored among them; ``work`` is the total length of
    those to be trained, in updates, and gives the time left.
    """
    if not os.environ.get(PROGRESS_FILE):
        from tqdm.auto import tqdm

        with tqdm(total=work, unit="update", unit_scale=True, desc=f"{runs} runs") as bar:
            yield bar.update
        return
    done = {"done": 0, "runs": runs, "work_done": 0, "work": work}

    def tick(amount):
        done["done"] += 1
        done["work_done"] += amount
        _tell(done)

    _tell(done)
    yield tick


def note(text: str) -> None:
    """Tell a person something that is not about the results: on the terminal, not on the page."""
    if os.environ.get(PROGRESS_FILE):
        _tell({"note": text})
    else:
        print(f"normlab: {text}", file=sys.stderr)


def _tell(content):
    with (
        contextlib.suppress(OSError),  # a full disk costs the line, not the run
        open(os.environ[PROGRESS_FILE], "a", encoding="utf-8") as file,
    ):
        file.write(json.dumps(content) + "\n")
