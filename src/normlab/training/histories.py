"""What a training run leaves behind."""

from dataclasses import dataclass

import numpy as np

from normlab.training.config import TrainingConfig

SIGNAL_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_FINAL_UPDATES = 100


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
    (E,) in updates; ``train_accuracy``, ``val_accuracy`` and ``test_accuracy`` (E,),
    fractions, at chance once the run has diverged, NaN on test images where there are none;
    ``batch_mode_val_accuracy``, the final accuracy on the validation images when
    minibatches of the training size are standardized by their own statistics; ``signals``
    maps "start" and "end" to {"activation", "gradient"} of LayerSignals; ``diverged_at``, the
    first update whose loss, or the scores after it, were not finite, or None.
    """

    config: TrainingConfig
    loss: np.ndarray
    evaluated_at: np.ndarray
    train_accuracy: np.ndarray
    val_accuracy: np.ndarray
    test_accuracy: np.ndarray
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
    def selected_test_accuracy(self) -> float:
        """Test accuracy where the validation accuracy was highest, at the first of equals."""
        return float(self.test_accuracy[self.val_accuracy.argmax()])

    @property
    def final_train_accuracy(self) -> float:
        """Training accuracy after the last update."""
        return float(self.train_accuracy[-1])

    @property
    def final_val_accuracy(self) -> float:
        """Validation accuracy after the last update."""
        return float(self.val_accuracy[-1])

    @property
    def final_test_accuracy(self) -> float:
        """Test accuracy after the last update."""
        return float(self.test_accuracy[-1])

    @property
    def mode_gap(self) -> float:
        """Final validation accuracy by running statistics minus that by batch statistics."""
        return self.final_val_accuracy - self.batch_mode_val_accuracy
