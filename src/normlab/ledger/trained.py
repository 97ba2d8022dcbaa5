"""What published statements say of training with a normalization."""

import numpy as np

from normlab.ledger.claim import Claim
from normlab.ledger.trained_measures import (
    at_best_rate,
    cost_of_one_class,
    difference,
    dropout_effect,
    largest_rate,
    less_shift,
    moved,
    noise_effect,
    reduced,
    rounding_share,
)
from normlab.stats.rules import MoreThan, Within

_SANTURKAR = "santurkar, abstract"
_FRANKLE = "frankle, abstract"


TRAINED = (
    Claim(
        "rates-tolerated",
        "The largest learning rate at which batch norm trains is more than 2 times that of the "
        "plain network.",
        MoreThan(1, "doublings"),
        lambda r: np.log2(largest_rate(r.rates, "batchnorm") / largest_rate(r.rates, "none")),
        "yes",
        "bjorck, abstract",
    ),
    Claim(
        "best-rate",
        "Each at its own best learning rate, batch norm recognizes more than 1 point more of the "
        "test images than the plain network.",
        MoreThan(0.01),
        lambda r: at_best_rate(r.rates, "batchnorm") - at_best_rate(r.rates, "none"),
        "no",
        "bjorck, abstract",
    ),
    Claim(
        "sigmoid-plain",
        "With sigmoids, the plain network at its best learning rate stays within 5 points of "
        "guessing.",
        Within(0.05),
        lambda r: at_best_rate(r.sigmoid, "none") - r.chance,
        "yes",
        "ioffe, section 4.2.2",
    ),
    Claim(
        "sigmoid-bn",
        "With sigmoids, batch norm at its best learning rate recognizes more than 60 points more "
        "of the test images than guessing.",
        MoreThan(0.60),
        lambda r: at_best_rate(r.sigmoid, "batchnorm") - r.chance,
        "yes",
        "ioffe, section 4.2.2",
    ),
    Claim(
        "one-class-bn",
        "From batches of all classes to batches of one class, batch norm loses more than 20 points "
        "of test accuracy.",
        MoreThan(0.20),
        lambda r: cost_of_one_class(r, "batchnorm"),
        "yes",
        "renorm, abstract",
    ),
    Claim(
        "one-class-ln",
        "From batches of all classes to batches of one class, the test accuracy of layer norm "
        "stays the same, within 3 points.",
        Within(0.03),
        lambda r: cost_of_one_class(r, "layernorm"),
        "yes",
    ),
    Claim(
        "norms-only",
        "Training only γ and β recognizes more than 2 points more of the test images than training "
        "as many weights drawn at random.",
        MoreThan(0.02),
        lambda r: difference(r.parts, {"part": "norms"}, {"part": "weights"}),
        "yes",
        _FRANKLE,
    ),
    Claim(
        "a-third-disabled",
        "Training only γ and β disables a third of the features, within 10 points: their γ ends "
        "below one hundredth in size.",
        Within(0.10),
        lambda r: r.parts.values("disabled", part="norms") - 1 / 3,
        "no",
        _FRANKLE,
    ),
    Claim(
        "shift-low",
        "At the learning rate {low}, batch norm reduces the internal covariate shift by more than "
        "5 % of the gradient.",
        MoreThan(0.05, "of the gradient"),
        lambda r: less_shift(r.along, r.low),
        "no",
        "santurkar, abstract",
        "open",
    ),
    Claim(
        "shift-high",
        "At the learning rate {high}, batch norm reduces the internal covariate shift by more than "
        "5 % of the gradient.",
        MoreThan(0.05, "of the gradient"),
        lambda r: less_shift(r.along, r.high),
        "no",
        "santurkar, abstract",
        "open",
    ),
    Claim(
        "range-low",
        "At the learning rate {low}, batch norm takes more than a quarter, 25 %, off the range of "
        "the loss along the gradient.",
        MoreThan(0.25, "of the range", equivalence=False),
        lambda r: reduced(r.along, "range", r.low),
        "yes",
        _SANTURKAR,
        "open",
    ),
    Claim(
        "range-high",
        "At the learning rate {high}, batch norm takes more than a quarter, 25 %, off the range of "
        "the loss along the gradient.",
        MoreThan(0.25, "of the range", equivalence=False),
        lambda r: reduced(r.along, "range", r.high),
        "yes",
        _SANTURKAR,
    ),
    Claim(
        "steepest-change",
        "At the learning rate {high}, batch norm takes more than a quarter, 25 %, off the largest "
        "change of the gradient for the length of the step.",
        MoreThan(0.25, "of the change", equivalence=False),
        lambda r: reduced(r.along, "beta", r.high),
        "no",
        _SANTURKAR,
        "open",
    ),
    Claim(
        "input-spread",
        "Over the training of a network of sigmoids, the spread of the inputs of the last sigmoid "
        "changes by more than 1 doubling more without batch norm than with it.",
        MoreThan(1, "doublings"),
        lambda r: moved(r, 0),
        "yes",
        "ioffe, section 4.1",
    ),
    Claim(
        "input-centre",
        "Over the same training, the median of these inputs moves by more than a tenth, 0.1, of "
        "their spread further without batch norm than with it.",
        MoreThan(0.1, "spreads"),
        lambda r: moved(r, 1),
        "no",
        "ioffe, section 4.1",
    ),
    Claim(
        "bn-regularizes",
        "Trained until it fits, without dropout, batch norm recognizes more than 1 point more of "
        "the test images than the plain network.",
        MoreThan(0.01),
        lambda r: dropout_effect(r, ("batchnorm", 1.0), ("none", 1.0)),
        "no",
        "ioffe, section 3.4",
    ),
    Claim(
        "dropout-adds",
        "With batch norm, dropout adds more than 1 point of test accuracy.",
        MoreThan(0.01),
        lambda r: dropout_effect(r, ("batchnorm", r.keep), ("batchnorm", 1.0)),
        "yes",
        "ioffe, section 4.2.1",
        "no",
    ),
    Claim(
        "weak-noise",
        "Noise of a strength of {weak} behind batch norm costs more than 2 points of test "
        "accuracy.",
        MoreThan(0.02),
        lambda r: -noise_effect(r, r.weak),
        "no",
        "santurkar, section 2.1",
        "no",
    ),
    Claim(
        "strong-noise",
        "Noise of a strength of {strong} behind batch norm costs more than 2 points of test "
        "accuracy.",
        MoreThan(0.02),
        lambda r: -noise_effect(r, r.strong),
        "no",
        "santurkar, section 2.1",
        "open",
    ),
    Claim(
        "rms-ln",
        "RMS norm and layer norm recognize as many test images, within 1.5 points.",
        Within(0.015),
        lambda r: difference(r.rms, {"normalization": "rmsnorm"}, {"normalization": "layernorm"}),
        "yes",
        "zhang, abstract",
    ),
    Claim(
        "rounding",
        "The same seed in another arithmetic, float64 for float32, moves test accuracy by more "
        "than a third of what another seed does.",
        MoreThan(1 / 3, "of what a seed does", equivalence=False),
        lambda r: rounding_share(r.rounding),
        "yes",
    ),
    Claim(
        "rotation",
        "Under AdamW, the weights of a unit turn at an update by the predicted angle, within 5 % "
        "of it: the root mean square over units and updates.",
        Within(0.05, "of the angle"),
        lambda r: r.rotation.values("ratio") - 1,
        "yes",
        "kosson",
    ),
)
"""Of the page on what training shows.

``rates`` and ``sigmoid`` are Measured of `at_rate` over normalization and learning_rate, ``rms``
over normalization alone; ``classes``, over normalization and increasing classes, ``parts``,
``noise`` over normalization and strength, and ``dropout`` over normalization and keep are of the
experiments of those names, ``along``, ``inputs`` and ``rotation`` of `smoothness`, and
``rounding`` is a Sweep over dtype. ``low`` and ``high`` are learning rates, ``weak``, ``strong``
and ``silent`` strengths of noise, ``keep`` is what dropout keeps, ``chance`` the accuracy of
guessing.
"""
