"""One training run: a config and data go in, a history comes out.

What a worker process imports to train: NumPy and the library of layers, no figures.
"""

from normlab.training.config import METHODS, TrainingConfig
from normlab.training.course import train
from normlab.training.histories import History

__all__ = ["METHODS", "History", "TrainingConfig", "train"]
