"""normlab: a reproducible study of normalization in deep networks."""

from normlab import codehash as codehash  # first of all: it notes which code is loaded

__version__ = "0.1.0"
