"""One training run: a config and data go in, a history comes out."""

import copy

import numpy as np

from normlab import nn
from normlab.training.config import TrainingConfig
from normlab.training.histories import SIGNAL_QUANTILES, History, LayerSignals

SIGNAL_EXAMPLES = 200


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
