"""What normalization does to signal and gradient along a deep net, before any training."""

import numpy as np

from normlab.ledger.claim import Claim
from normlab.ledger.depth_measures import (
    above_linear,
    cluster,
    correlations,
    cosines,
    doublings,
    eighths,
    explosion,
    gap_slopes,
    near_one,
    per_hundred,
    quarter_circle,
    rank_ratios,
    rates,
    scaled_branches,
    signal_rates,
    skip_growth,
    skip_share,
    squares,
)
from normlab.ledger.mean_field import limit_rate
from normlab.stats.rules import AtMost, MoreThan, Within

DEPTH = (
    Claim(
        "explosion",
        "With batch norm, the squared gradient grows from layer to layer by the rate that the "
        "formula for small batches gives, within 2 %: for each activation and each batch size.",
        Within(0.02, "of the predicted rate"),
        explosion,
        "yes",
        "yang, abstract",
    ),
    Claim(
        "official-size",
        "With relu, 100 units and batches of 50, that rate is π/(π − 1), the one of large batches, "
        "within 3 %.",
        Within(0.03, "of that rate"),
        lambda r: rates(r.official.values("gradient")) / limit_rate("relu") - 1,
        "yes",
    ),
    Claim(
        "linear-least",
        "With batch norm and batches of {large}, the gradient grows faster with relu, tanh and "
        "sigmoid than in a linear net: the smallest of the three leads is above 0.",
        MoreThan(0.0, "in the logarithm", equivalence=False),
        lambda r: above_linear(r).min(axis=0),
        "yes",
        "yang, abstract",
    ),
    Claim(
        "no-cure",
        "For large batches none of four activations, relu, tanh, sigmoid and linear, has a rate "
        "below 1: the smallest is below it by no more than 1e-9, by a sum over a fine grid.",
        AtMost(1e-9),
        lambda r: 1 - min(map(limit_rate, r.normalized.fields["activation"])),
        "yes",
        "yang, abstract",
    ),
    Claim(
        "no-explosion",
        "With relu and He's weights, the squared gradient grows by the factor 1 a layer within "
        "3 %, both without normalization and with layer norm.",
        Within(0.03, "of that factor"),
        lambda r: np.array(
            [
                rates(r.methods.values("gradient", normalization=name)) - 1
                for name in ("none", "layernorm")
            ]
        ),
        "yes",
        "he",
    ),
    Claim(
        "signal",
        "Without normalization, a relu layer multiplies the squared signal by 1 with weights of "
        "variance 2/n, and by 1/2 with those of variance 1/n, within 3 %.",
        Within(0.03, "of that factor"),
        signal_rates,
        "yes",
        "he",
    ),
    Claim(
        "cosine",
        "After {depth} relu layers, the cosine of two examples is the one predicted within 0.02: "
        "near 1 without normalization and with layer norm, near 1/π with batch norm.",
        Within(0.02, "in the cosine"),
        cosines,
        "yes",
    ),
    Claim(
        "rank-relu",
        "After {depth} relu layers, the effective rank of the examples is more than 3 times "
        "as large with batch norm as without.",
        MoreThan(3, "times", equivalence=False),
        lambda r: rank_ratios(r, "batchnorm", "relu"),
        "yes",
        "daneshmand-rank, abstract",
    ),
    Claim(
        "rank-linear",
        "After {depth} linear layers, the effective rank of the examples is more than 3 times "
        "as large with batch norm as without.",
        MoreThan(3, "times", equivalence=False),
        lambda r: rank_ratios(r, "batchnorm", "linear"),
        "yes",
        "daneshmand-rank, abstract",
    ),
    Claim(
        "layernorm-collapses",
        "Layer norm does not avoid the collapse: with relu its effective rank is that without "
        "normalization, within a tenth.",
        Within(0.1, "of that rank"),
        lambda r: rank_ratios(r, "layernorm", "relu") - 1,
        "yes",
    ),
    Claim(
        "orthogonal",
        "The orthogonality gap of linear layers with batch norm that does not center falls with "
        "the width to the power −0.5, within 0.1.",
        Within(0.1, "in the power"),
        lambda r: gap_slopes(r) + 0.5,
        "yes",
        "daneshmand, introduction",
    ),
    Claim(
        "skip-linear",
        "After {blocks} residual blocks the squared signal is {blocks} + 1 times that of the "
        "input within 10 %, with batch norm and with layer norm.",
        Within(0.1, "of that square"),
        skip_growth,
        "yes",
        "de, abstract",
    ),
    Claim(
        "skip-share",
        "With batch norm the branch of block l makes up 1/(l + 1) of the squared signal, within "
        "10 %, at an eighth and at half of the blocks.",
        Within(0.1, "of that share"),
        skip_share,
        "yes",
        "de, abstract",
    ),
    Claim(
        "skip-double",
        "Without normalization the squared signal doubles in each residual block: the power of 2 "
        "is 1 a block within 10 %.",
        Within(0.1, "of that power"),
        doublings,
        "yes",
    ),
    Claim(
        "skip-scaled",
        "With branches multiplied by 1/√depth, and no normalization, the squared signal grows "
        "by the factor (1 + 1/depth)^depth in all, within 10 %.",
        Within(0.1, "of that factor"),
        scaled_branches,
        "yes",
    ),
    Claim(
        "pre-norm-linear",
        "With layer norm in front of each branch, the squared signal after l blocks is 1 + l "
        "within 5 %, at four places: it grows linearly.",
        Within(0.05, "of that square"),
        lambda r: squares(r, eighths(r.blocks)),
        "yes",
        "curse, abstract",
        "open",
    ),
    Claim(
        "pre-norm-scaled",
        "With that norm multiplied by 1/√l in block l, the squared signal after l blocks is "
        "1 + 1 + 1/2 + … + 1/l within 5 %, at four places.",
        Within(0.05, "of that square"),
        lambda r: squares(r, eighths(r.blocks), "block"),
        "yes",
    ),
    Claim(
        "statistics",
        "The mean and the variance of Gaussian minibatches scatter as σ²/N and 2σ⁴(N − 1)/N², and "
        "the variance is on average (N − 1)/N σ², within 3 %, at each batch size.",
        Within(0.03, "of the predicted value"),
        lambda r: np.concatenate(np.moveaxis(r.statistics.values("ratios"), -1, 1)) - 1,
        "yes",
    ),
    Claim(
        "isometry",
        "At least 90 % of the singular values of a layer with standardized inputs and outputs lie "
        "between 0.9 and 1.1.",
        MoreThan(0.9, "of the singular values", equivalence=False),
        near_one,
        "no",
        "ioffe, section 3.3",
    ),
    Claim(
        "quarter-circle",
        "Instead they follow the quarter circle law: the parts between 0.9 and 1.1 and below 0.5 "
        "are as it has them, within 0.01.",
        Within(0.01, "of all singular values"),
        quarter_circle,
        "yes",
    ),
    Claim(
        "shattered",
        "In a plain net of 24 relu layers with batch norm, neighbouring gradients are not "
        "correlated: the correlation is 0 within 0.1.",
        Within(0.1, "in correlation"),
        lambda r: correlations(r, "plain", 24),
        "yes",
        "balduzzi, abstract",
    ),
    Claim(
        "residual-whole",
        "In a residual net of 50 layers with batch norm, the correlation of neighbouring gradients "
        "is more than 0.9.",
        MoreThan(0.9, "in correlation", equivalence=False),
        lambda r: correlations(r, "residual", 50),
        "yes",
    ),
    Claim(
        "residual-resists",
        "At 50 layers with batch norm, that correlation is more than 0.5 larger in the residual "
        "net than in the plain one.",
        MoreThan(0.5, "in correlation"),
        lambda r: correlations(r, "residual", 50) - correlations(r, "plain", 50),
        "yes",
        "balduzzi, abstract",
    ),
    Claim(
        "orthogonal-bounded",
        "In linear layers with orthogonal weights and batch norm that does not center, the "
        "logarithm of the squared gradient grows by less than 0.1 in 100 layers, beyond the first "
        "100.",
        Within(0.1, "per 100 layers"),
        lambda r: per_hundred(r, "orthogonal"),
        "yes",
        "meterez, abstract",
    ),
    Claim(
        "gaussian-unbounded",
        "With Gaussian weights, and otherwise alike, it grows by more than 1 in 100 layers.",
        MoreThan(1.0, "per 100 layers"),
        lambda r: per_hundred(r, "gaussian"),
        "yes",
        "yang, abstract",
    ),
    Claim(
        "odd-centered",
        "In relu layers that are centered but not rescaled, one example stands apart: the others "
        "have a mean cosine more than 0.5 larger among themselves than with it.",
        MoreThan(0.5, "in the cosine"),
        lambda r: cluster(r, False),
        "yes",
        "nachum, abstract",
    ),
    Claim(
        "odd-batchnorm",
        "In relu layers with the whole of batch norm no example stands apart: that difference is "
        "less than 0.1.",
        Within(0.1, "in the cosine"),
        lambda r: cluster(r, True),
        "yes",
    ),
)
"""Of the page on signal and gradient by depth, before training.

The results are grids of `normlab.experiments.depth` and `normlab.experiments.collapse`:
``normalized`` over activation and batch, ``official``, ``methods`` over normalization, ``gains``
over gain, ``ranks`` over activation and normalization, ``gaps`` over width, ``residual`` over
normalization, ``scaled`` and ``skip_init``, ``statistics`` over batch, ``jacobian``, ``shattered``
over kind, normalization and depth, ``chain`` over weights, and ``odd`` over rescaled. ``large`` is
the largest batch, ``depth`` that of ``methods`` and ``ranks``, ``blocks`` that of ``residual``.
"""
