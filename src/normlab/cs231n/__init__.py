"""The adapter under which the notebooks of Stanford's CS231n, assignment 2, run on normlab.

The folder `SITE` holds a package named ``cs231n`` made of re-exports. Put on a path, it stands
in for the student's own package: ``python -m normlab.cs231n`` says how. It and nothing else in
normlab draws from NumPy's global generator, as the notebooks expect that seed it.
"""

from pathlib import Path

SITE = Path(__file__).with_name("site")
"""The folder to put on the path of Python."""

YEAR = "NORMLAB_CS231N_YEAR"
"""Environment variable: the year of the notebook, for arguments that have changed."""
YEARS = range(2016, 2027)
