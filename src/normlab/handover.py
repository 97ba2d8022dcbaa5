"""What a running notebook and the pipeline hand to each other, and under which names."""

RESULTS_MIME = "application/vnd.normlab.results+json"
"""MIME type of the one output that holds a notebook's results."""

RESULTS = (
    "short",
    "answer",
    "headline",
    "claims",
    "tables",
    "dataset",
    "figure",
    "code",
    "arithmetic",
    "seeds",
    "runs",
    "diverged",
)
"""What these results hold, by name."""

PROGRESS_FILE = "NORMLAB_PROGRESS"
"""Environment variable that names the file to which sweeps append their progress."""

STORE_FOLDER = "NORMLAB_RUNS"
"""Environment variable that names the folder in which finished runs are stored."""

FORCE = "NORMLAB_FORCE"
"""Environment variable: "1" makes every run be trained anew."""

CORES_FOLDER = "NORMLAB_CORES"
"""Environment variable that names a folder with one file a core; a training locks one of them."""

MAX_RUNS = "NORMLAB_MAX_RUNS"
"""Environment variable: how many runs one sweep may have; without it there is no limit."""

SCHEDULER = "NORMLAB_SCHEDULER"
"""Environment variable: address of a dask scheduler, whose workers make the runs."""

WORKERS = "NORMLAB_WORKERS"
"""Environment variable: how many processes compute at once; without it one a core."""
