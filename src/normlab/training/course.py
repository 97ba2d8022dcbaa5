"""One training run: a config and data go in, a history comes out."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from normlab import arithmetic, nn
from normlab.training.config import TrainingConfig
from normlab.training.engine import solver_for
from normlab.training.histories import History
from normlab.training.measures import batch_mode_accuracy, no_signals, signals

EVALUATION_BATCH = 1000  # images in a forward pass
_LENGTHS = {"epochs": None, "updates": 1, "evaluations": 1, "signals": False}


def train(config: TrainingConfig, data: dict, watch: Callable | None = None) -> History:
    """Train one net and record how it went.

    Generators are spawned apart from ``config.seed``: one draws the weights, one the
    minibatches, one the dropout masks, one the order of `batch_mode_accuracy`, one the
    training images. So nets that differ in their normalization alone train on the same images,
    start from the same weights and see the same minibatches. A loss that stops being finite
    ends the run and is recorded, not raised.

    Parameters
    ----------
    config : TrainingConfig
    data : dict
        X_train (N, C, H, W), y_train (N,), X_val, y_val, as `Dataset.arrays` gives them, and
        perhaps X_test, y_test.
    watch : callable, optional
        Called after each update with a function that returns the history so far, in which
        "end" of signals means now. It does not change what comes out; what it raises ends
        training and is raised here.

    Returns
    -------
    History
    """
    return train_course([config], data, watch)[0]


def train_course(configs: list[TrainingConfig], data: dict, watch=None) -> list[History]:
    """Histories of configs of one `course`, from a single training that is as long as the longest.

    Each is what `train` returns for its config alone.
    """
    if len({course(config) for config in configs}) > 1:
        raise ValueError(
            "train_course: the configs differ in more than their length; train those apart"
        )
    # a run that overflows is recorded as diverged
    with np.errstate(all="ignore"), arithmetic.flushed_denormals():
        solver, data, order = _solver(configs[0], data)
        measure = _Measure(solver, data)
        records = [_Record(config, solver, measure, order) for config in configs]
        longest = max(len(record.loss) for record in records)

        def after(update):
            for record in records:
                record.after(update)
            if update < longest and not any(record.is_going(update) for record in records):
                raise nn.NonFiniteError("the scores are not finite")
            if watch:
                watch(lambda: records[0].so_far(update))

        try:
            for record in records:
                record.look("start")
            if any(record.is_going(0) for record in records):
                solver.run(longest, after)
        except nn.NonFiniteError:
            at = len(solver.loss_history) + 1
            for record in records:
                record.diverge(at)
            if watch:
                watch(lambda: records[0].so_far(records[0].diverged_at))
        return [record.history() for record in records]


def course(config: TrainingConfig) -> TrainingConfig:
    """What runs have in common of which the shorter is the beginning of the longer."""
    return replace(config, **_LENGTHS)


def _solver(config, data):
    """The loop that trains the net of a config, its data, and the seed of an order of images."""
    weights, batches, dropout, order, images = np.random.SeedSequence(config.seed).spawn(5)
    if config.num_train:
        chosen = stratified(data["y_train"], config.num_train, np.random.default_rng(images))
        data = data | {name: data[name][chosen] for name in ("X_train", "y_train")}
    model = _model(config, data, np.random.default_rng(weights), np.random.default_rng(dropout))
    for param in model.bn_params if config.eps is not None else ():
        param["eps"] = config.eps
    solver = solver_for(
        model,
        data,
        config.update_rule,
        {"learning_rate": config.learning_rate},
        own_configs=_as_from_reference(config, model) if config.reference_scale else {},
        batch_size=config.batch_size,
        rng=np.random.default_rng(batches),
        verbose=False,
    )
    return solver, data, order


def _model(config, data, weights, dropout):
    """The net of a config, with its generators."""
    common = {
        "num_classes": _num_classes(data),
        "normalization": None if config.normalization == "none" else config.normalization,
        "reg": config.reg,
        "weight_scale": config.weight_scale,
        "dtype": np.dtype(config.dtype).type,
        "rng": weights,
    }
    image = data["X_train"][0]
    if config.filters:
        return nn.ConvNet(config.filters, image.shape, groups=config.groups, **common)
    keep = config.dropout_keep_ratio
    model = nn.FullyConnectedNet(config.hidden_dims, image.size, dropout_keep_ratio=keep, **common)
    if model.use_dropout:
        model.dropout_param["rng"] = dropout
    return model


def stratified(y, number, rng):
    """The numbers of so many examples, (number,), increasing, of each class its share.

    A ValueError if there are fewer.
    """
    if number > len(y):
        raise ValueError(f"num_train is {number:,}; there are {len(y):,} training images")
    order, place = rng.permutation(len(y)), np.empty(len(y))
    for label in np.unique(y):
        members = order[y[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    return np.sort(np.argsort(place, kind="stable")[:number])


def _as_from_reference(config, model):
    """Start the output layer at the reference scale; return how the hidden layers move.

    Weights a times larger, in front of a normalization, have a gradient a times smaller. So
    they move alike, for their size, if an update is a times as large.
    """
    ratio = config.weight_scale / config.reference_scale
    output = f"W{model.num_layers}"
    model.params[output] = (model.params[output] / ratio).astype(model.dtype)
    if config.update_rule in ("rmsprop", "adam"):
        epsilon = nn.UPDATE_RULES[config.update_rule].options["epsilon"].default
        own = {"learning_rate": config.learning_rate * ratio, "epsilon": epsilon / ratio}
    else:
        own = {"learning_rate": config.learning_rate * ratio**2}
    hidden = range(1, model.num_layers)
    return {f"{name}{layer}": dict(own) for layer in hidden for name in "Wb"}


def _num_classes(data):
    return int(max(data[name].max() for name in data if name.startswith("y_"))) + 1


class _Measure:
    """Accuracies after an update, measured once however many records ask."""

    def __init__(self, solver, data):
        self.solver, self.data, self._known = solver, data, {}
        self.parts = [part for part in ("train", "val", "test") if f"X_{part}" in data]

    def accuracy(self, part):
        key = len(self.solver.loss_history), part
        if key not in self._known:
            X, y = self.data[f"X_{part}"], self.data[f"y_{part}"]
            self._known[key] = self.solver.check_accuracy(X, y, batch_size=EVALUATION_BATCH)
        return self._known[key]


class _Record:
    """What is recorded of one run of a course."""

    def __init__(self, config, solver, measure, order):
        self.config, self.solver, self.measure, self.order = config, solver, measure, order
        num_updates = config.num_updates(len(measure.data["y_train"]))
        self.due = _evaluation_updates(num_updates, config.evaluations)
        self.loss = np.full(num_updates, np.nan)
        chance = 1 / _num_classes(measure.data)
        self.accuracy = {part: np.full(len(self.due), chance) for part in measure.parts}
        self.batch_mode = chance
        self.signals = {when: no_signals(config) for when in ("start", "end") if config.signals}
        self.diverged_at = None

    def is_going(self, update):
        """Whether there is more to record after an update."""
        return self.diverged_at is None and update < len(self.loss)

    def after(self, update):
        """Note the loss of an update, and measure what is due after it."""
        if not self.is_going(update - 1):
            return
        last = len(self.loss)
        self.loss[update - 1] = self.solver.loss_history[-1]
        try:
            for part, values in self.accuracy.items() if update in self.due else ():
                values[self.due == update] = self.measure.accuracy(part)
            if update == last:
                self.batch_mode = self._batch_mode_accuracy()
        except nn.NonFiniteError:
            self.diverged_at = update
        if update == last:
            self.look("end")

    def _batch_mode_accuracy(self):
        """That of test mode where no layer has another mode."""
        model, data = self.solver.model, self.measure.data
        if not any(node.layer.options.memory for node in model.flat_nodes()):
            return self.measure.accuracy("val")
        rng = np.random.default_rng(self.order)
        return batch_mode_accuracy(model, data["X_val"], data["y_val"], self.config.batch_size, rng)

    def diverge(self, update):
        """Note that there is no update from here on, if this run would have gone so far."""
        if self.is_going(update - 1):
            self.diverged_at = update

    def look(self, when):
        """Measure the signals by depth, if the config asks for them."""
        if self.config.signals and self.diverged_at is None:
            try:
                self.signals[when] = signals(self.solver.model, self.measure.data)
            except nn.NonFiniteError:
                self.diverged_at = 1 if when == "start" else len(self.loss)

    def so_far(self, update):
        """A history that ends after ``update``; it shares no array with the run."""
        past = self.due <= update
        return replace(
            self.history(),
            loss=self.loss[:update].copy(),
            evaluated_at=self.due[past],
            **self._accuracies(past),
            signals=self.signals | self._signals_now(),
        )

    def _signals_now(self):
        if not (self.config.signals and self.diverged_at is None):
            return {}
        try:
            return {"end": signals(self.solver.model, self.measure.data)}
        except nn.NonFiniteError:
            return {}

    def _accuracies(self, past=slice(None)):
        accuracy = {"test": np.full(len(self.due), np.nan)} | self.accuracy
        return {f"{part}_accuracy": values[past] for part, values in accuracy.items()}

    def history(self):
        return History(
            config=self.config,
            loss=self.loss,
            evaluated_at=self.due,
            **self._accuracies(),
            batch_mode_val_accuracy=self.batch_mode,
            signals=self.signals,
            diverged_at=self.diverged_at,
        )


def _evaluation_updates(num_updates, evaluations):
    """Update numbers, the first and the last among them, increasing."""
    spaced = np.round(np.linspace(0, num_updates, evaluations + 1)).astype(int)
    return np.unique(np.maximum(spaced, 1))
