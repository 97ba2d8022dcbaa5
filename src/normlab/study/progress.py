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
        How many runs there are, those that are stored among them.
    work : int
        Total length of those to be trained, in updates; gives the time left.

    Effects: where the environment variable NORMLAB_PROGRESS names a file, a line of
    JSON is appended at the start and for each run, so that the page stays free of
    progress bars; otherwise a bar is drawn.
    """
    path = os.environ.get(PROGRESS_FILE)
    if not path:
        from tqdm.auto import tqdm

        with tqdm(total=work, unit="update", unit_scale=True, desc=f"{runs} runs") as bar:
            yield bar.update
        return
    done = {"done": 0, "runs": runs, "work_done": 0, "work": work}

    def tell():
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(done) + "\n")

    def tick(amount):
        done["done"] += 1
        done["work_done"] += amount
        tell()

    tell()
    yield tick
