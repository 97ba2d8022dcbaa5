"""How far a sweep has come: a bar for a person, lines in a file for the pipeline."""

import contextlib
import json
import os

from normlab.handover import PROGRESS_FILE


@contextlib.contextmanager
def progress(runs: int, work: int):
    """Yield ``tick(amount)``, to be called once a finished run.

    Parameters
    ----------
    runs : int
        How many runs there are.
    work : int
        Their total length in updates, from which the time left is estimated.

    Effects: where the environment variable NORMLAB_PROGRESS names a file, a line of
    JSON is appended a run, so that the page stays free of progress bars; otherwise
    a bar is drawn.
    """
    path = os.environ.get(PROGRESS_FILE)
    if not path:
        from tqdm.auto import tqdm

        with tqdm(total=work, unit="update", unit_scale=True, desc=f"{runs} runs") as bar:
            yield bar.update
        return
    done = {"done": 0, "runs": runs, "work_done": 0, "work": work}

    def tick(amount):
        done["done"] += 1
        done["work_done"] += amount
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(done) + "\n")

    yield tick
