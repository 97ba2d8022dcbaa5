"""The options of every command, as click reads them; commands are listed in this order."""

from normlab.options import build, others
from normlab.options.root import normlab

__all__ = ["build", "normlab", "others"]
