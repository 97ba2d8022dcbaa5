"""One training run: a config and data go in, a history comes out."""

from dataclasses import dataclass, fields

import numpy as np

from normlab import nn
from normlab.messages import unknown_name

NAMES = {
    "none": "no normalization",
    "batchnorm": "batch normalization",
    "layernorm": "layer normalization",
}
METHODS = tuple(NAMES)
SIGNAL_EXAMPLES = 200
SIGNAL_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_FINAL_UPDATES = 100


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
        object.__setattr__(self, "hidden_dims", tuple(self.hidden_dims))
        if self.normalization not in METHODS:
            raise ValueError(
                "TrainingConfig: " + unknown_name("normalization", self.normalization, METHODS)
            )
        if self.update_rule not in nn.UPDATE_RULES:
            raise ValueError(
                "TrainingConfig: " + unknown_name("update_rule", self.update_rule, nn.UPDATE_RULES)
            )
        if self.dtype not in ("float32", "float64"):
            raise ValueError(
                f"TrainingConfig: dtype is {self.dtype!r}; choose 'float32' or 'float64'"
            )
        if (self.epochs is None) == (self.updates is None):
            raise ValueError(
                f"TrainingConfig: epochs is {self.epochs} and updates is {self.updates}; "
                "give one of the two and leave the other None"
            )
        for name in ("batch_size", "evaluations", "epochs", "updates"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < 1):
                raise ValueError(f"TrainingConfig: {name} is {value!r}; expected an integer >= 1")

    def num_updates(self, num_train: int) -> int:
        """Length of the run in minibatches, on ``num_train`` images."""
        return self.updates or self.epochs * max(num_train // self.batch_size, 1)


FIELDS = tuple(field.name for field in fields(TrainingConfig))


@dataclass(frozen=True, eq=False)
class LayerSignals:
    """The size of a signal by depth, over a fixed set of training images.

    ``quantiles`` of its nonzero magnitudes at SIGNAL_QUANTILES, (L, 5), NaN where
    all is zero; ``zeros``, the fraction that is exactly zero, (L,).
    """

    quantiles: np.ndarray
    zeros: np.ndarray

    def lost(self) -> "LayerSignals":
        """The same shape with NaN for every number: what a net that diverged has."""
        return LayerSignals(*(np.full_like(part, np.nan) for part in (self.quantiles, self.zeros)))


@dataclass(frozen=True, eq=False)
class History:
    """What a run leaves behind. T updates, E evaluations.

    ``loss`` (T,) of each minibatch, NaN after the run diverged; ``evaluated_at``
    (E,) in updates; ``train_accuracy`` and ``val_accuracy`` (E,), fractions, at
    chance once the run has diverged; ``batch_mode_val_accuracy``, the final
    accuracy on the validation images when minibatches of the training size are
    standardized by their own statistics; ``signals`` maps "start" and "end" to
    {"activation", "gradient"} of LayerSignals; ``diverged_at``, the first update
    whose loss, or the scores after it, were not finite, or None.
    """

    config: TrainingConfig
    loss: np.ndarray
    evaluated_at: np.ndarray
    train_accuracy: np.ndarray
    val_accuracy: np.ndarray
    batch_mode_val_accuracy: float
    signals: dict
    diverged_at: int | None

    @property
    def final_loss(self) -> float:
        """Mean loss of the last 100 minibatches, as in the assignment; NaN if diverged."""
        return float(self.loss[-_FINAL_UPDATES:].mean())

    @property
    def best_train_accuracy(self) -> float:
        """Highest training accuracy of all evaluations."""
        return float(self.train_accuracy.max())

    @property
    def best_val_accuracy(self) -> float:
        """Highest validation accuracy of all evaluations."""
        return float(self.val_accuracy.max())

    @property
    def final_train_accuracy(self) -> float:
        """Training accuracy after the last update."""
        return float(self.train_accuracy[-1])

    @property
    def final_val_accuracy(self) -> float:
        """Validation accuracy after the last update."""
        return float(self.val_accuracy[-1])

    @property
    def mode_gap(self) -> float:
        """Final validation accuracy by running statistics minus that by batch statistics."""
        return self.final_val_accuracy - self.batch_mode_val_accuracy


def train(config: TrainingConfig, data: dict) -> History:
    """Train one net and record how it went.

    Generators are spawned apart from ``config.seed``: one draws the weights, one the
    minibatches, one the dropout masks, one the order of `batch_mode_accuracy`. So nets
    that differ in their normalization alone start from the same weights and see the same
    minibatches. A loss that stops being finite ends the run and is recorded, not raised.

    Parameters
    ----------
    config : TrainingConfig
    data : dict
        X_train (N, C, H, W), y_train (N,), X_val, y_val, as `Dataset.arrays` gives them.

    Returns
    -------
    History
    """
    weights, batches, dropout, order = (
        np.random.default_rng(stream) for stream in np.random.SeedSequence(config.seed).spawn(4)
    )
    num_classes = int(max(data["y_train"].max(), data["y_val"].max())) + 1
    model = nn.FullyConnectedNet(
        config.hidden_dims,
        input_dim=data["X_train"][0].size,
        num_classes=num_classes,
        dropout_keep_ratio=config.dropout_keep_ratio,
        normalization=None if config.normalization == "none" else config.normalization,
        reg=config.reg,
        weight_scale=config.weight_scale,
        dtype=np.dtype(config.dtype).type,
        rng=weights,
    )
    if model.use_dropout:
        model.dropout_param["rng"] = dropout
    solver = nn.Solver(
        model,
        data,
        update_rule=config.update_rule,
        optim_config={"learning_rate": config.learning_rate},
        batch_size=config.batch_size,
        num_train_samples=None,
        verbose=False,
        rng=batches,
    )
    with np.errstate(all="ignore"):  # a run that overflows is recorded as diverged
        return _run(config, data, solver, order, chance=1 / num_classes)


def _run(config, data, solver, order, chance):
    num_updates = config.num_updates(len(data["y_train"]))
    due = _evaluation_updates(num_updates, config.evaluations)
    loss = np.full(num_updates, np.nan)
    accuracy = {"train": np.full(len(due), chance), "val": np.full(len(due), chance)}
    signals = {"start": _signals(solver.model, data)} if config.signals else {}
    batch_mode, diverged_at = chance, None
    try:
        for update in range(1, num_updates + 1):
            solver.step()
            for index in np.flatnonzero(due == update):
                for split, values in accuracy.items():
                    values[index] = solver.check_accuracy(data[f"X_{split}"], data[f"y_{split}"])
        batch_mode = batch_mode_accuracy(
            solver.model, data["X_val"], data["y_val"], config.batch_size, order
        )
        if config.signals:
            signals["end"] = _signals(solver.model, data)
    except nn.NonFiniteError:
        diverged_at = update
        if config.signals:
            signals["end"] = {kind: sizes.lost() for kind, sizes in signals["start"].items()}
    loss[: len(solver.loss_history)] = solver.loss_history
    return History(
        config, loss, due, accuracy["train"], accuracy["val"], batch_mode, signals, diverged_at
    )


def _evaluation_updates(num_updates, evaluations):
    """Update numbers, the first and the last among them, increasing."""
    spaced = np.round(np.linspace(0, num_updates, evaluations + 1)).astype(int)
    return np.unique(np.concatenate([[1], spaced[1:]]))


def batch_mode_accuracy(model, X, y, batch_size, rng):
    """Accuracy when each minibatch is standardized by its own statistics.

    Parameters
    ----------
    model : FullyConnectedNet
        Its running statistics are not moved.
    X : array, (N, ...)
    y : integer array, (N,)
    batch_size : int
        Images that do not fill the last batch are left out.
    rng : Generator
        Shuffles the images first: a file may hold its classes in turn, and such batches
        would be more even than those of training.

    Returns
    -------
    float, a fraction of the images that were used
    """
    batch_size = min(batch_size, len(X))
    used = len(X) // batch_size * batch_size
    right, order = 0, rng.permutation(len(X))
    with nn.measuring_gradients():
        for start in range(0, used, batch_size):
            batch = order[start : start + batch_size]
            scores, _ = model.forward(X[batch], "train")
            right += int((scores.argmax(axis=1) == y[batch]).sum())
    return right / used


def _signals(model, data):
    pairs = model.layer_signals(
        data["X_train"][:SIGNAL_EXAMPLES], data["y_train"][:SIGNAL_EXAMPLES]
    )
    activations, gradients = zip(*pairs, strict=True)
    return {"activation": _sizes(activations), "gradient": _sizes(gradients)}


def _sizes(layers):
    quantiles = np.full((len(layers), len(SIGNAL_QUANTILES)), np.nan)
    for row, values in zip(quantiles, layers, strict=True):
        magnitudes = np.abs(values[values != 0]).astype(np.float64)
        if magnitudes.size:
            row[:] = np.quantile(magnitudes, SIGNAL_QUANTILES)
    return LayerSignals(quantiles, np.array([np.mean(values == 0) for values in layers]))
