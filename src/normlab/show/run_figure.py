"""One run, finished or on its way: its loss, its accuracy and its activations by depth."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from normlab.show.drawing import styled
from normlab.show.methods import INK, look
from normlab.stats.intervals import smooth
from normlab.training.histories import SIGNAL_QUANTILES

_MOST_POINTS = 1000


@styled
def run_figure(history, num_train):
    """Draw one run, with axes that reach to its end from the beginning.

    Its ``history`` has signals; ``num_train`` images make an epoch.
    """
    figure = Figure(figsize=(9, 3), layout="none")  # axes that stay where they are, drawn faster
    figure.subplots_adjust(0.07, 0.16, 0.99, 0.9, wspace=0.3)
    loss, accuracy, activations = figure.subplots(1, 3)
    config = history.config
    epoch = config.batch_size / num_train
    end = config.num_updates(num_train) * epoch
    color = look(config.normalization).color
    _draw_loss(loss, history, epoch, color)
    _draw_accuracy(accuracy, history, epoch, color)
    for axis in (loss, accuracy):
        axis.set(xlim=(0, end), xlabel="epochs")
    _draw_activations(activations, history, color)
    return figure


def _draw_loss(axis, history, epoch, color):
    """Of a long run only some of the losses, lest the drawing grow with it."""
    number = len(history.loss)
    some = np.unique(np.linspace(0, number - 1, _MOST_POINTS).astype(int))
    mean = smooth(history.loss, max(10, number // 50))
    axis.plot((some + 1) * epoch, history.loss[some], color=color, lw=0.5, alpha=0.4)
    axis.plot((some + 1) * epoch, mean[some], color=color)
    axis.set(title="training loss", yscale="log" if np.isfinite(history.loss).any() else "linear")


def _draw_accuracy(axis, history, epoch, color):
    epochs = history.evaluated_at * epoch
    style = {"color": color, "marker": "o", "ms": 3}
    axis.plot(epochs, history.train_accuracy, label="training", **style)
    axis.plot(epochs, history.val_accuracy, label="validation", ls=":", **style)
    axis.set(title="accuracy", ylim=(0, 1))
    axis.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axis.legend(loc="lower right")


def _draw_activations(axis, history, color):
    """Medians of the nonzero sizes, in bands from the 5 % to the 95 % quantile."""
    low, middle, high = (SIGNAL_QUANTILES.index(q) for q in (0.05, 0.5, 0.95))
    looks = {"start": {"color": INK, "ls": ":"}, "end": {"color": color}}
    for (when, style), label in zip(looks.items(), ("at the start", "now"), strict=True):
        quantiles = history.signals[when]["activation"].quantiles
        depth = np.arange(1, len(quantiles) + 1)
        axis.plot(depth, quantiles[:, middle], label=label, marker="o", ms=3, **style)
        axis.fill_between(
            depth, quantiles[:, low], quantiles[:, high], color=style["color"], alpha=0.15, lw=0
        )
    drawable = np.isfinite(history.signals["start"]["activation"].quantiles).any()
    axis.set(title="size of activations", xlabel="hidden layer")
    axis.set_yscale("log" if drawable else "linear")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend(loc="lower left", frameon=True, framealpha=0.8, edgecolor="none")
