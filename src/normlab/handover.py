"""What a running notebook hands to the pipeline, and under which names."""

RESULTS_MIME = "application/vnd.normlab.results+json"
"""MIME type of the one output that holds a notebook's results."""

PROGRESS_FILE = "NORMLAB_PROGRESS"
"""Environment variable that names the file to which sweeps append their progress."""
