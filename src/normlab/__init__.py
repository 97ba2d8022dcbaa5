"""normlab: a reproducible study of normalization in deep networks."""

__version__ = "0.1.0"
