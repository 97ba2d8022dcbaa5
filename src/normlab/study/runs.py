"""One training run: a config and data go in, a history comes out."""

import copy
from dataclasses import dataclass, fields

import numpy as np

from normlab import nn
from normlab.nn import checks

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
        where = "TrainingConfig"
        dims = tuple(checks.widths(where, "hidden_dims", self.hidden_dims))
        object.__setattr__(self, "hidden_dims", dims)
        checks.choice(where, "normalization", self.normalization, METHODS)
        checks.choice(where, "update_rule", self.update_rule, nn.UPDATE_RULES)
        checks.choice(where, "dtype", self.dtype, ("float32", "float64"))
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


@dataclass(frozen=True, eq=False)
class LayerSignals:
    """The size of a signal by depth, over a fixed set of training images.

    ``quantiles`` of its nonzero magnitudes at SIGNAL_QUANTILES, (L, 5), NaN where
    all is zero; ``zeros``, the fraction that is exactly zero, (L,).
    """

    quantiles: np.ndarray
    zeros: np.ndarray


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
        if self.diverged_at is not None:
            return float("nan")
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
    signals = {when: _no_signals(config) for when in ("start", "end") if config.signals}
    batch_mode, diverged_at, update = chance, None, 1
    try:
        if config.signals:
            signals["start"] = _signals(solver.model, data)
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
    loss[: len(solver.loss_history)] = solver.loss_history
    return History(
        config, loss, due, accuracy["train"], accuracy["val"], batch_mode, signals, diverged_at
    )


def _evaluation_updates(num_updates, evaluations):
    """Update numbers, the first and the last among them, increasing."""
    spaced = np.round(np.linspace(0, num_updates, evaluations + 1)).astype(int)
    return np.unique(np.maximum(spaced, 1))


def batch_mode_accuracy(model, X, y, batch_size, rng):
    """Accuracy when each minibatch is standardized by its own statistics.

    Parameters
    ----------
    model : FullyConnectedNet
        Its running statistics are not moved, and it drops no units.
    X : array, (N, ...)
    y : integer array, (N,)
    batch_size : int
        The least size of a batch; images that would not fill the last one are spread.
    rng : Generator
        Shuffles the images first: a file may hold its classes in turn, and such batches
        would be more even than those of training.

    Returns
    -------
    float, a fraction
    """
    model = copy.copy(model)
    model.use_dropout = False
    batches = np.array_split(rng.permutation(len(X)), max(len(X) // batch_size, 1))
    right = 0
    with nn.measuring_gradients():
        for batch in batches:
            scores, _ = model.forward(X[batch], "train")
            right += int((scores.argmax(axis=1) == y[batch]).sum())
    return right / len(X)


def _signals(model, data):
    pairs = model.layer_signals(
        data["X_train"][:SIGNAL_EXAMPLES], data["y_train"][:SIGNAL_EXAMPLES]
    )
    activations, gradients = zip(*pairs, strict=True)
    return {"activation": _sizes(activations), "gradient": _sizes(gradients)}


def _no_signals(config):
    """What is known of the signals of a net that diverged."""
    depth = len(config.hidden_dims)
    lost = LayerSignals(np.full((depth, len(SIGNAL_QUANTILES)), np.nan), np.full(depth, np.nan))
    return {"activation": lost, "gradient": lost}


def _sizes(layers):
    quantiles = np.full((len(layers), len(SIGNAL_QUANTILES)), np.nan)
    for row, values in zip(quantiles, layers, strict=True):
        magnitudes = np.abs(values[values != 0]).astype(np.float64)
        if magnitudes.size:
            row[:] = np.quantile(magnitudes, SIGNAL_QUANTILES)
    return LayerSignals(quantiles, np.array([np.mean(values == 0) for values in layers]))
