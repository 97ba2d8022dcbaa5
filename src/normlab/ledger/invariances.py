"""What normalization leaves as it is, and what follows from it for training."""

import numpy as np

from normlab.ledger.claim import Claim
from normlab.stats.rules import AtMost, MoreThan

KEPT, CHANGED = 1e-10, 1e-2  # relative change of an output that is kept, and that is not

# Which of six changes each normalization does not notice: all weights × 10, all weights + a
# vector, weights of a unit × 10, data × 10, data + a vector, an example × 10.
TABLE = {
    "batchnorm": "YNYYYN",
    "weightnorm": "YNYNNN",
    "layernorm": "YYNYNY",
    "rmsnorm": "YNNYNY",
    "groupnorm": "YYNYNY",
    "dyt": "NNNNNN",
}


def disagreements(change, norms):
    """How many cells of a table of relative changes are not as in TABLE.

    Parameters
    ----------
    change : array, (norms, changes, seeds)
        In the order of TABLE.
    norms : sequence of str
        Those that are looked at.
    """
    number = 0
    for norm, row in zip(TABLE, change, strict=True):
        if norm not in norms:
            continue
        for expected, values in zip(TABLE[norm], row, strict=True):
            right = values.max() <= KEPT if expected == "Y" else values.min() >= CHANGED
            number += not right
    return number


def _worst(name):
    return lambda r: np.max(r.identities.values(name))


def _change(r):
    return np.moveaxis(r.changes.values("change"), 0, -1)


def _late(curves):
    return curves[..., -50:].mean(axis=-1)


INVARIANCES = (
    Claim(
        "papers-table",
        "Of the 24 cells in which Ba et al. and Zhang & Sennrich say what batch, weight, layer and "
        "RMS norm do not notice, none is otherwise: the output changes by less than 10⁻¹⁰ where "
        "they say so, and by more than 0.01 elsewhere.",
        AtMost(0),
        lambda r: disagreements(_change(r), ("batchnorm", "weightnorm", "layernorm", "rmsnorm")),
        "yes",
        "ba, table 1",
    ),
    Claim(
        "own-rows",
        "Group norm notices what layer norm notices, and dynamic tanh notices all six changes: of "
        "these 12 cells none is otherwise.",
        AtMost(0),
        lambda r: disagreements(_change(r), ("groupnorm", "dyt")),
        "yes",
    ),
    Claim(
        "eps",
        "With ε = 10⁻⁵, ten times larger weights change the output of batch norm by the factor "
        "√((v + ε) / (v + ε / 100)) of each unit's variance v, up to 10⁻¹⁰.",
        AtMost(1e-10),
        _worst("eps"),
        "yes",
    ),
    Claim(
        "rows",
        "The gradient that layer norm passes back sums to zero over the features of an example, "
        "and its product with the standardized input is a term in ε, up to 10⁻¹⁰.",
        AtMost(1e-10),
        _worst("rows"),
        "yes",
    ),
    Claim(
        "outlier",
        "No standardized value of N examples is larger than √(N − 1), however heavy the tails: the "
        "ratio is at most 1.",
        AtMost(1 + 1e-12),
        _worst("outlier"),
        "yes",
        "samuelson",
    ),
    Claim(
        "length",
        "The squared length of the gradient that batch norm passes back is γ² / v times what is "
        "left of the incoming one without its mean and its part along the output, up to 10⁻¹⁰.",
        AtMost(1e-10),
        _worst("length"),
        "yes",
        "santurkar, theorem 4.1",
    ),
    Claim(
        "running",
        "Of a batch that comes again and again, running statistics become its own, so that test "
        "and train mode give the same up to 10⁻¹⁰: the running variance is uncorrected.",
        AtMost(1e-10),
        _worst("running"),
        "yes",
        "ioffe, algorithm 2",
        says="open",
    ),
    Claim(
        "first-step",
        "The first step of Adam is the learning rate, up or down, whatever the size of the "
        "gradient, up to 10⁻¹⁰.",
        AtMost(1e-10),
        _worst("first_step"),
        "yes",
        "kingma, section 2.1",
    ),
    Claim(
        "scale-is-rate",
        "Hidden weights a times larger at a rate a² times larger give the same losses, for a from "
        "0.01 to 100: none of 300 differs by more than 10⁻⁹.",
        AtMost(1e-9),
        lambda r: np.abs(
            r.scales.values("matched") - r.scales.values("plain", scale=1.0)[None]
        ).max(),
        "yes",
        "van-laarhoven",
    ),
    Claim(
        "growth",
        "Without decay each step adds rate² times the squared gradient to the squared length of "
        "the weights, up to 10⁻¹⁰.",
        AtMost(1e-10),
        lambda r: np.max(r.decays.values("growth_error")),
        "yes",
        "van-laarhoven",
    ),
    Claim(
        "decay-is-rate",
        "Weight decay at a constant rate gives the same losses as no decay at a rate that grows by "
        "(1 − rate · decay)⁻² a step: none of 300 differs by more than 10⁻⁹.",
        AtMost(1e-9),
        lambda r: np.abs(r.decays.values("loss") - r.decays.values("loss_growing")).max(),
        "yes",
        "li",
    ),
    Claim(
        "inert-bias",
        "Random biases in front of batch norm change no loss of 200 by more than 10⁻¹⁰.",
        AtMost(1e-10),
        lambda r: np.max(r.biases.values("difference")),
        "yes",
        "ioffe, section 3.2",
    ),
    Claim(
        "xor-four",
        "After layer norm of four neurons a plane parts the classes of XOR in every draw of random "
        "weights: the share without one is 0.",
        AtMost(0),
        lambda r: 1 - np.min(r.xor.values("parted", norm="layernorm", width=4)),
        "yes",
    ),
    Claim(
        "xor-batchnorm",
        "After batch norm in test mode no plane parts the classes of XOR, at any width: the "
        "largest share of draws is 0.",
        AtMost(0),
        lambda r: np.max(r.xor.values("parted", norm="batchnorm")),
        "yes",
    ),
    Claim(
        "xor-three",
        "With three neurons a plane parts them in some draws: each seed has at least one, so that "
        "0 have none.",
        AtMost(0),
        lambda r: np.sum(r.xor.values("parted", norm="layernorm", width=3) == 0),
        "yes",
        "ni, abstract",
    ),
    Claim(
        "two-examples",
        "In the assignment's gradient check on two examples, batch norm keeps back more than 99 % "
        "of the gradient in more than three quarters of the units.",
        MoreThan(0.75, "of the units", equivalence=False),
        lambda r: (r.two.values("passed") < 0.01).mean(axis=-1),
        "yes",
    ),
    Claim(
        "bias-walks",
        "In float32, Adam moves a bias that has no effect by more than 0.005 in 200 steps.",
        MoreThan(0.005, ""),
        lambda r: r.biases.values("walk"),
        "yes",
    ),
    Claim(
        "scale-matters",
        "At the same rate, hidden weights ten times larger raise the late training loss by more "
        "than 0.1.",
        MoreThan(0.1, ""),
        lambda r: (
            _late(r.scales.values("plain", scale=10.0)) - _late(r.scales.values("plain", scale=1.0))
        ),
        "yes",
    ),
    Claim(
        "decay-matters",
        "Weight decay raises the late training loss by more than 0.02, although it cannot change "
        "what the net computes from a given direction of its weights.",
        MoreThan(0.02, ""),
        lambda r: _late(r.decays.values("loss")) - _late(r.decays.values("loss_without")),
        "yes",
        "van-laarhoven",
    ),
)
"""Of the page on invariances: grids of the experiments in `normlab.experiments`.

``changes``, ``identities``, ``two`` and ``biases`` are over seeds alone, ``scales`` is over scale,
``decays`` over seeds, and ``xor`` over norm and width.
"""
