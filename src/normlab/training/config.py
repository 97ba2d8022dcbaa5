"""What a training run depends on, but for its data."""

from dataclasses import dataclass, fields

import numpy as np

from normlab import nn
from normlab.nn import checks, door

METHODS = ("none", "batchnorm", "layernorm")
"""Those of the assignment, which its pages compare."""
NORMALIZATIONS = ("none", *nn.NORMALIZATIONS)
"""All that a fully connected net may have."""
SPATIAL_METHODS = ("none", *nn.SPATIAL)


@dataclass(frozen=True)
class TrainingConfig:
    """All that a run depends on, but for its data.

    The defaults are those of the assignment's six-layer experiment. ``epochs`` and
    ``updates`` exclude each other: the length of a run in passes over the training
    images, or in minibatches. Accuracy is measured after the first update and
    ``evaluations`` times more, evenly spaced. ``signals`` asks for the size of
    activations and gradients by depth, at the start and at the end.

    With ``num_train`` a run trains on so many of the training images, of each class its share,
    drawn by its seed. With ``reference_scale`` a hidden layer moves as if its weights had
    started at that scale: its learning rate grows with ``weight_scale``, by the square of
    their ratio for the rules that do not divide by the size of the gradient, and the output
    layer starts at it. ``eps``, in units of its input squared, takes the place of that of the
    normalization.

    With ``filters`` the net is a ConvNet with so many in each convolution, which has no
    ``hidden_dims``: pass (). ``groups`` are those of its group norm.
    """

    hidden_dims: tuple[int, ...] = (100,) * 5
    filters: tuple[int, ...] = ()
    normalization: str = "none"
    groups: int = 1
    weight_scale: float = 2e-2
    update_rule: str = "adam"
    learning_rate: float = 1e-3
    batch_size: int = 50
    epochs: int | None = 10
    updates: int | None = None
    evaluations: int = 10
    dropout_keep_ratio: float = 1.0
    reg: float = 0.0
    num_train: int | None = None
    reference_scale: float | None = None
    eps: float | None = None
    dtype: str = "float32"
    signals: bool = False
    seed: int = 0

    def __post_init__(self):
        where = "TrainingConfig"
        self._check_layers(where)
        door.choice(where, "update_rule", self.update_rule, nn.UPDATE_RULES)
        door.choice(where, "dtype", self.dtype, ("float32", "float64"))
        checks.number(where, "learning_rate", self.learning_rate, at_least=0, below=np.inf)
        checks.number(where, "weight_scale", self.weight_scale, at_least=0, below=np.inf)
        checks.number(where, "reg", self.reg, at_least=0, below=np.inf)
        if self.eps is not None:
            checks.number(where, "eps", self.eps, above=0, below=np.inf)
        if self.reference_scale is not None:
            checks.number(where, "reference_scale", self.reference_scale, above=0, below=np.inf)
            checks.number(where, "weight_scale", self.weight_scale, above=0)
        if self.num_train is not None:
            checks.count(where, "num_train", self.num_train)
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

    def _check_layers(self, where):
        """Refuse what makes no net: of convolutions with ``filters``, else of ``hidden_dims``."""
        for kind, other in (("hidden_dims", self.filters), ("filters", True)):
            dims = getattr(self, kind)
            if not other or dims not in ((), []):
                dims = checks.widths(where, kind, dims)
            object.__setattr__(self, kind, tuple(dims))
        methods = SPATIAL_METHODS if self.filters else NORMALIZATIONS
        door.choice(where, "normalization", self.normalization, methods)
        checks.count(where, "groups", self.groups)
        unused = {"hidden_dims": (), "dropout_keep_ratio": 1, "reference_scale": None}
        for name, none in unused.items() if self.filters else ():
            if getattr(self, name) != none:
                raise ValueError(
                    f"{where}: {name} is {getattr(self, name)}; a net with filters has none, "
                    f"pass {none}"
                )

    def num_updates(self, num_images: int) -> int:
        """Length of the run in minibatches, where there are so many training images."""
        number = self.num_train or num_images
        return self.updates or self.epochs * max(number // self.batch_size, 1)


FIELDS = tuple(field.name for field in fields(TrainingConfig))
