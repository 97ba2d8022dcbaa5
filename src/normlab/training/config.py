"""What a training run depends on, but for its data."""

from dataclasses import dataclass, fields

import numpy as np

from normlab import nn
from normlab.nn import checks, door

NAMES = {"none": "no normalization"} | {n: layer.title for n, layer in nn.NORMALIZATIONS.items()}
METHODS = tuple(NAMES)


@dataclass(frozen=True)
class TrainingConfig:
    """All that a run depends on, but for its data.

    The defaults are those of the assignment's six-layer experiment. ``epochs`` and
    ``updates`` exclude each other: the length of a run in passes over the training
    images, or in minibatches. Accuracy is measured after the first update and
    ``evaluations`` times more, evenly spaced. ``signals`` asks for the size of
    activations and gradients by depth, at the start and at the end.
    """

    hidden_dims: tuple[int, ...] = (100,) * 5
    normalization: str = "none"
    weight_scale: float = 2e-2
    update_rule: str = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 50
    epochs: int | None = 10
    updates: int | None = None
    evaluations: int = 10
    dropout_keep_ratio: float = 1.0
    reg: float = 0.0
    dtype: str = "float32"
    signals: bool = False
    seed: int = 0

    def __post_init__(self):
        where = "TrainingConfig"
        dims = tuple(checks.widths(where, "hidden_dims", self.hidden_dims))
        object.__setattr__(self, "hidden_dims", dims)
        door.choice(where, "normalization", self.normalization, METHODS)
        door.choice(where, "update_rule", self.update_rule, nn.UPDATE_RULES)
        door.choice(where, "dtype", self.dtype, ("float32", "float64"))
        checks.number(where, "learning_rate", self.learning_rate, at_least=0, below=np.inf)
        checks.number(where, "weight_scale", self.weight_scale, at_least=0, below=np.inf)
        checks.number(where, "reg", self.reg, at_least=0, below=np.inf)
        checks.number(where, "dropout_keep_ratio", self.dropout_keep_ratio, above=0, at_most=1)
        checks.count(where, "batch_size", self.batch_size, 1 + (self.normalization == "batchnorm"))
        checks.count(where, "evaluations", self.evaluations)
        checks.count(where, "seed", self.seed, at_least=0)
        if (self.epochs is None) == (self.updates is None):
            raise ValueError(
                f"{where}: epochs is {self.epochs} and updates is {self.updates}; "
                "give one of the two and leave the other None"
            )
        name = "epochs" if self.updates is None else "updates"
        checks.count(where, name, getattr(self, name))

    def num_updates(self, num_train: int) -> int:
        """Length of the run in minibatches, on ``num_train`` images."""
        return self.updates or self.epochs * max(num_train // self.batch_size, 1)


FIELDS = tuple(field.name for field in fields(TrainingConfig))
