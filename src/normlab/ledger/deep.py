"""What normalization does for a net of six layers."""

import numpy as np

from normlab.ledger.claim import Claim
from normlab.stats.intervals import smooth, updates_to_reach
from normlab.stats.rules import MoreThan, Within

_SMOOTHED = 3  # evaluations


def lead_after(runs, updates, method="batchnorm"):
    """How far training accuracy is ahead of that without normalization, (seeds,)."""
    place = int(np.abs(runs.updates - updates).argmin())
    return runs.difference("train_accuracy", method)[:, place]


def share_of_updates(runs, method="batchnorm", rival="none"):
    """Updates to the best validation accuracy of a rival, as a share of those it needs itself.

    Validation accuracy is that of three evaluations in a row, so that one lucky evaluation
    decides nothing. Where the accuracy is never reached, the whole run counts.
    """
    theirs = smooth(runs.values("val_accuracy", normalization=rival), _SMOOTHED)
    ours = smooth(runs.values("val_accuracy", normalization=method), _SMOOTHED)
    best = theirs.max(axis=1)
    needed = (updates_to_reach(each, runs.updates, best) for each in (ours, theirs))
    return np.divide(*needed)


def _growth(results, method):
    return results.runs.decades_along_depth("start", "activation", normalization=method)


def _shrinkage(results):
    """Decades that activations lose without normalization, beyond those of He's equation."""
    config = results.runs.config
    widths = np.array(config.hidden_dims[:-1])
    predicted = np.log10(widths / 2 * config.weight_scale**2).sum() / 2
    return _growth(results, "none") - predicted


DEEP = (
    Claim(
        "bn-first-epoch",
        "After one epoch, batch norm is more than 10 points ahead of none in training accuracy.",
        MoreThan(0.10),
        lambda r: lead_after(r.runs, r.epoch),
        "yes",
        "ioffe, section 4.2",
    ),
    Claim(
        "bn-train",
        "At the end, the training accuracy of batch norm is more than 2 points higher than that "
        "of none.",
        MoreThan(0.02),
        lambda r: r.runs.difference("final_train_accuracy", "batchnorm"),
        "yes",
        "ioffe, section 4.2",
    ),
    Claim(
        "ln-train",
        "At the end, the training accuracy of layer norm is more than 2 points higher than that "
        "of none.",
        MoreThan(0.02),
        lambda r: r.runs.difference("final_train_accuracy", "layernorm"),
        "yes",
        "ba, section 6.6",
    ),
    Claim(
        "bn-half",
        "Batch norm needs less than half of the updates that none needs, to the best validation "
        "accuracy of none.",
        MoreThan(0.5, "of the updates saved", equivalence=False),
        lambda r: 1 - share_of_updates(r.runs),
        "yes",
        "ioffe, section 4.2.2",
    ),
    Claim(
        "bn-test",
        "Batch norm recognizes more than 1 point more of the test images than none.",
        MoreThan(0.01),
        lambda r: r.runs.difference("selected_test_accuracy", "batchnorm"),
        "open",
        "ioffe, section 4.2",
    ),
    Claim(
        "ln-test",
        "Layer norm recognizes as many of the test images as batch norm, within 2 points.",
        Within(0.02),
        lambda r: r.runs.difference("selected_test_accuracy", "layernorm", "batchnorm"),
        "open",
    ),
    Claim(
        "none-shrinks",
        "At the start and without normalization, activations shrink from the first hidden layer to "
        "the last as He's equation has it, within a tenth of a decade.",
        Within(0.1, "decades"),
        _shrinkage,
        "yes",
        "he, equation 10",
    ),
    Claim(
        "bn-keeps",
        "At the start, with batch norm, activations change from the first hidden layer to the last "
        "by less than a factor of two.",
        Within(0.3, "decades"),
        lambda r: _growth(r, "batchnorm"),
        "yes",
    ),
)
"""Of the page on deep networks; ``runs`` is a sweep over normalization, ``epoch`` in updates."""
