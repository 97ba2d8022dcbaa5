"""Does dynamic tanh do what the normalizations do?"""

import numpy as np

from normlab import nn
from normlab.ledger.claim import Claim
from normlab.stats.intervals import decades_that_train
from normlab.stats.rules import AtMost, MoreThan, Within

TRAINS = 0.2
"""A net trains if it gets this training accuracy: twice that of guessing on ten classes."""
_TINY = 1e-30  # an eps so small that it does not count
_RIVALS = ("rmsnorm", "batchnorm", "none")


def change_by_scale(method, times=10.0, alpha=0.5):
    """How far the output of a layer moves when its input is so many times larger.

    ``method`` is "layernorm", "rmsnorm" or "dyt"; with "dyt, alpha" dynamic tanh divides its
    alpha by ``times`` as well. The largest difference of an entry, on 16 examples of 100 features
    from a standard normal distribution, in float64, with next to no eps.
    """
    x = np.random.default_rng(0).standard_normal((16, 100))
    divided = alpha / times if method == "dyt, alpha" else alpha
    return float(np.abs(_out(method, times * x, divided) - _out(method, x, alpha)).max())


def _out(method, x, alpha):
    ones, zeros = np.ones(x.shape[1]), np.zeros(x.shape[1])
    if method == "layernorm":
        return nn.layernorm_forward(x, ones, zeros, {"eps": _TINY})[0]
    if method == "rmsnorm":
        return nn.LAYERS["rmsnorm"].forward(x, ones, {"eps": _TINY})[0]
    return nn.LAYERS["dyt"].forward(x, np.array([alpha]), ones, zeros)[0]


def lead(sweep, rival, split="test", method="dyt", **fixed):
    """By how much a method is ahead of a rival in accuracy at the end, paired by seed."""
    return sweep.difference(f"final_{split}_accuracy", method, rival, **fixed)


def leads(sweep, split, rivals=_RIVALS):
    """`lead` of dynamic tanh over each of some rivals, (rivals, seeds)."""
    return np.array([lead(sweep, rival, split) for rival in rivals])


def decades(scales, method):
    """Decades of weight scale over which a method trains, (seeds,)."""
    accuracy = scales.values("final_train_accuracy", normalization=method)
    return decades_that_train(scales.fields["weight_scale"], accuracy, TRAINS)


def largest_rate(rates, method):
    """log10 of the largest learning rate at which a method trains, (seeds,).

    That of the smallest rate where it trains at none.
    """
    tried = np.log10(rates.fields["learning_rate"])
    trains = rates.values("final_train_accuracy", normalization=method) >= TRAINS
    return np.where(trains, tried[:, None], tried.min()).max(axis=0)


def slope(sizes):
    """What the lead over layer norm gains where the training images become ten times as many.

    The slope of a straight line through the leads, against log10 of the images, (seeds,).
    """
    images = np.log10(sizes.fields["num_train"])
    centred = images - images.mean()
    return centred @ lead(sizes, "layernorm") / (centred @ centred)


def lead_of_alpha(alphas, alpha, usual=0.5):
    """What another start of alpha than the usual one changes in test accuracy, (seeds,)."""
    ours, theirs = (alphas.values("test_accuracy", alpha=start)[0] for start in (alpha, usual))
    return ours - theirs


WITHOUT = (
    Claim(
        "fits-less",
        "DyT recognizes more than 2 points fewer of its training images than layer norm.",
        MoreThan(0.02),
        lambda r: -lead(r.main, "layernorm", "train"),
        "yes",
    ),
    Claim(
        "fits-less-than-all",
        "DyT recognizes more than 2 points fewer of its training images than RMS norm, than batch "
        "norm, and than none.",
        MoreThan(0.02),
        lambda r: -leads(r.main, "train"),
        "yes",
    ),
    Claim(
        "as-layer-norm",
        "DyT and layer norm recognize as many test images, within 1.5 points.",
        Within(0.015),
        lambda r: lead(r.main, "layernorm"),
        "yes",
        "zhu, abstract",
    ),
    Claim(
        "as-all",
        "DyT recognizes as many test images as RMS norm, as batch norm, and as none, each within "
        "1.5 points.",
        Within(0.015),
        lambda r: leads(r.main, "test"),
        "yes",
    ),
    Claim(
        "rms-as-layer-norm",
        "RMS norm and layer norm recognize as many test images, within 1.5 points.",
        Within(0.015),
        lambda r: lead(r.main, "layernorm", method="rmsnorm"),
        "yes",
        "zhang, abstract",
    ),
    Claim(
        "scale-free",
        "Ten times the input gives the same output of layer norm and of RMS norm: no entry differs "
        "by more than 10⁻¹².",
        AtMost(1e-12),
        lambda r: max(change_by_scale("layernorm"), change_by_scale("rmsnorm")),
        "yes",
        "zhang, abstract",
    ),
    Claim(
        "dyt-scale",
        "Ten times the input gives the same output of DyT: no entry differs by more than 10⁻¹².",
        AtMost(1e-12),
        lambda r: change_by_scale("dyt"),
        "no",
    ),
    Claim(
        "dyt-alpha",
        "Ten times the input with a tenth of α gives the same output of DyT: no entry differs by "
        "more than 10⁻¹².",
        AtMost(1e-12),
        lambda r: change_by_scale("dyt, alpha"),
        "yes",
    ),
    Claim(
        "range",
        "Layer norm trains, that is, has a training accuracy of 20 % or more, over a range of "
        "weight scales more than a decade wider than DyT.",
        MoreThan(1, "decades"),
        lambda r: decades(r.scales, "layernorm") - decades(r.scales, "dyt"),
        "yes",
    ),
    Claim(
        "range-none",
        "DyT trains, in the same sense, over a range of weight scales more than half a decade "
        "wider than none.",
        MoreThan(0.5, "decades"),
        lambda r: decades(r.scales, "dyt") - decades(r.scales, "none"),
        "no",
    ),
    Claim(
        "pixels",
        "With pixels from 0 to 255, not divided, DyT recognizes more than 2 points fewer of the "
        "test images than layer norm.",
        MoreThan(0.02),
        lambda r: -lead(r.undivided, "layernorm"),
        "yes",
    ),
    Claim(
        "scarce",
        "The more training images there are, the less DyT is ahead of layer norm on test images: "
        "for ten times as many, its lead falls by more than 0 points.",
        MoreThan(0.0, equivalence=False),
        lambda r: -slope(r.sizes),
        "yes",
        "verma, abstract",
    ),
    Claim(
        "rate",
        "Under plain SGD, the largest learning rate at which layer norm trains is more than twice "
        "that of DyT, which is 0.3 decades.",
        MoreThan(0.3, "decades"),
        lambda r: largest_rate(r.rates, "layernorm") - largest_rate(r.rates, "dyt"),
        "yes",
    ),
    Claim(
        "deep",
        "In a network of {layers} layers, DyT and layer norm recognize as many test images, within "
        "1.5 points.",
        Within(0.015),
        lambda r: lead(r.deep_runs, "layernorm"),
        "no",
        "byun, abstract",
        "no",
    ),
    Claim(
        "alpha-one",
        "An α of 1 at the start, instead of 0.5, changes the test accuracy of DyT by less than 1.5 "
        "points.",
        Within(0.015),
        lambda r: lead_of_alpha(r.alphas, 1.0),
        "yes",
    ),
    Claim(
        "alpha-tenth",
        "An α of 0.1 at the start, instead of 0.5, changes the test accuracy of DyT by less than "
        "1.5 points.",
        Within(0.015),
        lambda r: lead_of_alpha(r.alphas, 0.1),
        "no",
    ),
    Claim(
        "deep-alpha",
        "In the network of {layers} layers, an α of 1 at the start, instead of 0.5, adds more than "
        "5 points to the test accuracy of DyT.",
        MoreThan(0.05),
        lambda r: lead_of_alpha(r.deep_alphas, 1.0),
        "yes",
    ),
)
"""Of the page on dynamic tanh.

``main`` is a sweep over normalization, and ``undivided`` one on pixels from 0 to 255; ``scales``,
``sizes`` and ``rates`` are sweeps over normalization and weight_scale, num_train or
learning_rate; ``deep_runs`` is one over normalization, of the net of ``layers`` layers. ``alphas``
and ``deep_alphas`` are grids of `train_from_alpha` over alpha, of the usual net and the deep one.
"""
