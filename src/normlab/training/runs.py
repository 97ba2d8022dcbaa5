"""One training run: a config and data go in, a history comes out."""

import functools
from dataclasses import replace
from itertools import pairwise

import numpy as np

from normlab import arithmetic, nn
from normlab.training.config import TrainingConfig
from normlab.training.fast import FastTrainer
from normlab.training.histories import History
from normlab.training.measures import batch_mode_accuracy, no_signals, signals

EVALUATION_BATCH = 1000  # images in a forward pass
LARGEST_GROUP = 8
GROUP_ENTRIES = 3_000_000  # numbers that a group may go over in an update: a few caches full


def train(config: TrainingConfig, data: dict) -> History:
    """Train one net and record how it went; see `train_group`."""
    return train_group([config], data)[0]


def train_group(configs: list[TrainingConfig], data: dict, watch=None) -> list[History]:
    """Train nets side by side and record how each went.

    Generators are spawned apart from ``config.seed``: one draws the weights, one the
    minibatches, one the dropout masks, one the order of `batch_mode_accuracy`. So nets
    that differ in their normalization alone start from the same weights and see the same
    minibatches. A loss that stops being finite ends the run and is recorded, not raised.
    A history does not depend on which others are in the group.

    Parameters
    ----------
    configs : list of TrainingConfig
        They may differ in seed and weight_scale (`group_key` is the same for all).
    data : dict
        X_train (N, C, H, W), y_train (N,), X_val, y_val, as `Dataset.arrays` gives them.
    watch : callable, optional
        Called after each update with a function that returns the histories so far, in which
        "end" of signals means now. It does not change what comes out; what it raises ends
        training and is raised here.

    Returns
    -------
    list of History, one a config
    """
    shared = configs[0]
    if len({group_key(config) for config in configs}) > 1:
        raise ValueError(
            "train_group: the configs differ in more than seed and weight_scale; "
            "train those in groups of their own"
        )
    # a run that overflows is recorded as diverged
    with np.errstate(all="ignore"), arithmetic.flushed_denormals():
        runs = [_Run(config, data) for config in configs]
        trainer = FastTrainer(
            [run.model for run in runs],
            data["X_train"],
            data["y_train"],
            shared.update_rule,
            shared.learning_rate,
            shared.batch_size,
            [run.batches for run in runs],
        )
        _train(runs, trainer, watch)
        return [run.history() for run in runs]


def group_key(config: TrainingConfig) -> TrainingConfig:
    """What runs have in common that can be trained in one group."""
    return replace(config, seed=0, weight_scale=0.0)


def group_size(config: TrainingConfig, features: int) -> int:
    """How many nets to train side by side: small ones share the cost of each call.

    Large ones would drive each other out of the cache. ``features`` is that of an example.
    """
    hidden = config.hidden_dims
    weights = sum(fan_in * fan_out for fan_in, fan_out in pairwise((features, *hidden)))
    signals = config.batch_size * (features + 3 * sum(hidden))
    entries = 3 * weights + signals  # with the two moments of Adam
    return min(max(GROUP_ENTRIES // entries, 1), LARGEST_GROUP)


def _train(runs, trainer, watch):
    """Train to the end, or until all runs have diverged."""
    num_updates, due = len(runs[0].loss), set(runs[0].due)
    for run in runs:
        run.look("start")
    for update in range(1, num_updates + 1):
        losses = trainer.step()
        going = [(run, loss) for run, loss in zip(runs, losses, strict=True) if run.is_going]
        for run, loss in going:
            run.record(update, loss)
            if update in due and run.is_going:
                run.evaluate(update)
        if not going:
            break
        if watch:
            watch(functools.partial(_so_far, runs, update))
    for run in runs:
        run.look("end")


def _so_far(runs, update):
    return [run.so_far(update) for run in runs]


class _Run:
    """One net on its way through training, and what is recorded of it."""

    def __init__(self, config, data):
        weights, self.batches, dropout, self.order = (
            np.random.default_rng(stream) for stream in np.random.SeedSequence(config.seed).spawn(4)
        )
        self.config, self.data = config, data
        num_classes = int(max(data["y_train"].max(), data["y_val"].max())) + 1
        self.model = nn.FullyConnectedNet(
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
        if self.model.use_dropout:
            self.model.dropout_param["rng"] = dropout
        self.accuracy_of = nn.Solver(self.model, data, verbose=False).check_accuracy
        num_updates = config.num_updates(len(data["y_train"]))
        self.due = _evaluation_updates(num_updates, config.evaluations)
        self.loss = np.full(num_updates, np.nan)
        self.accuracy = {part: np.full(len(self.due), 1 / num_classes) for part in ("train", "val")}
        self.batch_mode = 1 / num_classes
        self.signals = {when: no_signals(config) for when in ("start", "end") if config.signals}
        self.diverged_at = None

    @property
    def is_going(self):
        return self.diverged_at is None

    def record(self, update, loss):
        """Note the loss of an update."""
        if np.isfinite(loss):
            self.loss[update - 1] = loss
        else:
            self.diverged_at = update

    def evaluate(self, update):
        """Measure both accuracies, and at the end also that by batch statistics."""
        data, config = self.data, self.config
        try:
            for part, values in self.accuracy.items():
                values[self.due == update] = self.accuracy_of(
                    data[f"X_{part}"], data[f"y_{part}"], batch_size=EVALUATION_BATCH
                )
            if update == len(self.loss):
                self.batch_mode = batch_mode_accuracy(
                    self.model, data["X_val"], data["y_val"], config.batch_size, self.order
                )
        except nn.NonFiniteError:
            self.diverged_at = update

    def look(self, when):
        """Measure the signals by depth, if the config asks for them."""
        if self.config.signals and self.is_going:
            try:
                self.signals[when] = signals(self.model, self.data)
            except nn.NonFiniteError:
                self.diverged_at = 1 if when == "start" else len(self.loss)

    def so_far(self, update):
        """A history that ends after ``update``; it shares no array with the run."""
        past = self.due <= update
        return replace(
            self.history(),
            loss=self.loss[:update].copy(),
            evaluated_at=self.due[past],
            train_accuracy=self.accuracy["train"][past],
            val_accuracy=self.accuracy["val"][past],
            signals=self.signals | self._signals_now(),
        )

    def _signals_now(self):
        if not (self.config.signals and self.is_going):
            return {}
        try:
            return {"end": signals(self.model, self.data)}
        except nn.NonFiniteError:
            return {}

    def history(self):
        return History(
            self.config, self.loss, self.due, self.accuracy["train"], self.accuracy["val"],
            self.batch_mode, self.signals, self.diverged_at,
        )  # fmt: skip


def _evaluation_updates(num_updates, evaluations):
    """Update numbers, the first and the last among them, increasing."""
    spaced = np.round(np.linspace(0, num_updates, evaluations + 1)).astype(int)
    return np.unique(np.maximum(spaced, 1))
