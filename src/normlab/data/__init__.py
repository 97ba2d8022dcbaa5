"""Data sets: one comes with normlab, others are fetched or read in place, all are checked."""

from normlab.data.catalog import available, fetch, is_here, load, names
from normlab.data.dataset import Dataset
from normlab.data.files import DataError, data_directory

__all__ = [
    "DataError",
    "Dataset",
    "available",
    "data_directory",
    "fetch",
    "is_here",
    "load",
    "names",
]
