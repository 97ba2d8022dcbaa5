"""What each command of ``normlab`` does: a function of its options that returns an exit code.

The heavy imports are made when a command needs them, so that the others start at once.
"""

from normlab.commands.cluster import scheduler, worker
from normlab.commands.course import check, cs231n
from normlab.commands.here import fetch_data, lab, list_data, list_notebooks
from normlab.commands.ledger import list_ledger, run_claim
from normlab.commands.pages import build, cache, compare, verify

__all__ = [
    "build",
    "cache",
    "check",
    "compare",
    "cs231n",
    "fetch_data",
    "lab",
    "list_data",
    "list_ledger",
    "list_notebooks",
    "run_claim",
    "scheduler",
    "verify",
    "worker",
]
