"""How a net of eight layers depends on the scale of its initial weights, and why."""

import numpy as np

from normlab.ledger.claim import Claim
from normlab.stats.intervals import decades_that_train
from normlab.stats.rules import AtMost, MoreThan, Within

REQUIRED = np.round(np.arange(0.2, 0.81, 0.05), 2)
"""Training accuracies that may be asked for, from twice that of guessing on ten classes."""


def decades(runs, method, required=REQUIRED):
    """Decades of scale over which training accuracy reaches each required one, (R, seeds)."""
    scales = runs.fields["weight_scale"]
    accuracy = runs.values("best_train_accuracy", normalization=method)
    return np.array([decades_that_train(scales, accuracy, each) for each in required])


def selected_by_validation(runs, measure, method):
    """A measure at the scale whose validation accuracy is highest, (seeds,)."""
    val = runs.values("best_val_accuracy", normalization=method)
    values = runs.values(measure, normalization=method)
    return np.take_along_axis(values, val.argmax(axis=0)[None], axis=0)[0]


def _wider(results, method):
    """By how much a range is wider than without normalization, where it is least so."""
    differences = decades(results.runs, method) - decades(results.runs, "none")
    return differences[differences.mean(axis=1).argmin()]


def _accuracy(results, method, scale, eps, reference):
    at = {"weight_scale": scale, "eps": eps, "reference_scale": reference}
    return results.ablation.values("final_train_accuracy", normalization=method, **at)


def _gain(results, method, near, eps=False, steps=False):
    """What a tiny eps, steps in proportion or both change at a scale."""
    scale = min(results.ablation.fields["weight_scale"], key=lambda scale: abs(scale - near))
    usual, tiny = results.ablation.fields["eps"]
    own = {"eps": tiny if eps else usual, "reference": results.reference if steps else None}
    return _accuracy(results, method, scale, **own) - _accuracy(results, method, scale, usual, None)


def _slope(results, method):
    """Accuracy at the smallest scale minus that at the largest, without eps, steps scaled."""
    first, *_, last = results.ablation.fields["weight_scale"]
    own = (results.ablation.fields["eps"][1], results.reference)
    return _accuracy(results, method, first, *own) - _accuracy(results, method, last, *own)


def _deviation(results):
    """How far the losses of runs from several scales are apart, the largest over all updates."""
    loss = results.exact.values("loss", normalization="batchnorm")
    return float(np.ptp(loss, axis=0).max())


SCALES = (
    Claim(
        "bn-range",
        "Whatever training accuracy is asked for, from 20 to 80 %, batch norm reaches it over a "
        "range of scales more than half a decade wider than none.",
        MoreThan(0.5, "decades"),
        lambda r: _wider(r, "batchnorm"),
        "yes",
        "ioffe, abstract",
    ),
    Claim(
        "ln-range",
        "Whatever training accuracy is asked for, from 20 to 80 %, layer norm reaches it over a "
        "range of scales more than half a decade wider than none.",
        MoreThan(0.5, "decades"),
        lambda r: _wider(r, "layernorm"),
        "yes",
    ),
    Claim(
        "bn-at-he",
        "At the scale next to He's, {nearest:.2g}, batch norm recognizes more than 10 points more "
        "of the test images than none.",
        MoreThan(0.10),
        lambda r: r.runs.difference("selected_test_accuracy", "batchnorm", weight_scale=r.nearest),
        "no",
        "he, section 2.2",
    ),
    Claim(
        "bn-tuned",
        "With the scale that is best on validation for each, batch norm recognizes more than 1 "
        "point more of the test images than none.",
        MoreThan(0.01),
        lambda r: np.subtract(
            *(
                selected_by_validation(r.runs, "selected_test_accuracy", method)
                for method in ("batchnorm", "none")
            )
        ),
        "open",
    ),
    Claim(
        "ln-eps",
        "At a scale of about 10⁻³, ε = 10⁻¹² instead of 10⁻⁵ alone changes the training accuracy "
        "of layer norm by less than 15 points.",
        Within(0.15),
        lambda r: _gain(r, "layernorm", 1e-3, eps=True),
        "yes",
    ),
    Claim(
        "ln-steps",
        "At a scale of about 10⁻³, steps in proportion to the weights, with ε as usual, raise the "
        "training accuracy of layer norm by more than 50 points.",
        MoreThan(0.50),
        lambda r: _gain(r, "layernorm", 1e-3, steps=True),
        "yes",
        "van-laarhoven",
    ),
    Claim(
        "ln-smallest",
        "At the smallest scale, steps in proportion to the weights, with ε as usual, change the "
        "training accuracy of layer norm by less than 15 points.",
        Within(0.15),
        lambda r: _gain(r, "layernorm", 0, steps=True),
    ),
    Claim(
        "ln-both",
        "At the smallest scale, steps in proportion and ε = 10⁻¹² together raise the training "
        "accuracy of layer norm by more than 50 points.",
        MoreThan(0.50),
        lambda r: _gain(r, "layernorm", 0, eps=True, steps=True),
        "yes",
    ),
    Claim(
        "bn-eps",
        "At the smallest scale, ε = 10⁻¹² instead of 10⁻⁵ alone raises the training accuracy of "
        "batch norm by more than 2 points.",
        MoreThan(0.02),
        lambda r: _gain(r, "batchnorm", 0, eps=True),
        "yes",
    ),
    Claim(
        "bn-flat",
        "With steps in proportion to the weights and ε = 10⁻¹², batch norm trains as well from "
        "the smallest scale as from the largest, within 3 points.",
        Within(0.03),
        lambda r: _slope(r, "batchnorm"),
        "yes",
        "ioffe, section 3.3",
    ),
    Claim(
        "bn-exact",
        "In float64, with steps in proportion to the weights and next to no ε, the losses of "
        "batch norm over a whole run are the same from every scale, to 10⁻⁹.",
        AtMost(1e-9),
        _deviation,
        "yes",
        "ioffe, section 3.3",
    ),
)
"""Of the page on weight initialization.

``runs`` is a sweep over normalization and weight_scale, with ``nearest`` the scale next to He's;
``ablation`` one over normalization, weight_scale, eps (the usual one and a tiny one) and
reference_scale (None and ``reference``); ``exact`` one of batch norm over weight_scale, in float64.
"""
