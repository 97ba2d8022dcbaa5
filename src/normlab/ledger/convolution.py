"""What normalization does in a net of convolutions."""

import numpy as np

from normlab import nn
from normlab.ledger.batch_sizes import loss_on
from normlab.ledger.claim import Claim
from normlab.stats.rules import AtMost, MoreThan, Within

_WU = "wu, table 2"


def lead_lost(sweep, results):
    """What the lead of batch norm over the plain network loses from large batches to small."""
    return loss_on(sweep, results, "batchnorm", "none")


def lead_of_groups(results, groups, rival):
    """By how much so many groups are ahead of another number of them in test accuracy."""
    ours, theirs = (
        results.by_groups.values("final_test_accuracy", groups=number) for number in (groups, rival)
    )
    return ours - theirs


def family(X):
    """How far norms of images, (N, C, H, W), are from those of rows that they should be.

    Group norm from layer norm of a row an example, and of a row a channel; batch norm from batch
    norm of a row a pixel. The largest difference.
    """
    n, channels = X.shape[:2]
    X = X.astype(np.float64)
    ones, zeros = np.ones((1, channels, 1, 1)), np.zeros((1, channels, 1, 1))
    differences = []
    for groups in (1, channels):
        rows = X.reshape(n * groups, -1)
        width = rows.shape[1]
        expected, _ = nn.layernorm_forward(rows, np.ones(width), np.zeros(width), {})
        found, _ = nn.spatial_groupnorm_forward(X, ones, zeros, groups, {})
        differences.append(np.abs(found - expected.reshape(X.shape)).max())
    gamma, beta = ones.ravel(), zeros.ravel()
    pixels = X.transpose(0, 2, 3, 1)
    rows = pixels.reshape(-1, channels)
    expected, _ = nn.batchnorm_forward(rows, gamma, beta, {"mode": "train"})
    found, _ = nn.spatial_batchnorm_forward(X, gamma, beta, {"mode": "train"})
    expected = expected.reshape(pixels.shape).transpose(0, 3, 1, 2)
    differences.append(np.abs(found - expected).max())
    return float(max(differences))


CONVOLUTION = (
    Claim(
        "bn-small",
        "From batch size {large} to {small}, batch norm loses more than 10 points more of test "
        "accuracy than group norm does.",
        MoreThan(0.10),
        lambda r: loss_on(r.by_size, r, rival="groupnorm"),
        "yes",
        _WU,
    ),
    Claim(
        "bn-harm",
        "At batch size {small}, batch norm and the plain network of convolutions recognize as many "
        "test images, within 5 points.",
        Within(0.05),
        lambda r: r.by_size.difference("final_test_accuracy", "batchnorm", batch_size=r.small),
    ),
    Claim(
        "fc-small",
        "From batch size {large} to {small}, the lead of batch norm over the plain network falls "
        "by more than 10 points more in the fully connected network than in that of convolutions.",
        MoreThan(0.10),
        lambda r: lead_lost(r.connected, r) - lead_lost(r.by_size, r),
        "yes",
    ),
    Claim(
        "gn-small",
        "From batch size {large} to {small}, group norm loses as much test accuracy as the plain "
        "network does, within 5 points.",
        Within(0.05),
        lambda r: loss_on(r.by_size, r, "groupnorm", "none"),
        "yes",
    ),
    Claim(
        "scatter",
        "At batch size {small}, the variance of a channel of a convolution scatters less than a "
        "third as far from minibatch to minibatch as that of a unit of a fully connected layer.",
        MoreThan(2 / 3, "of the scatter saved", equivalence=False),
        lambda r: 1 - r.scatter.values("channel")[:, 0] / r.scatter.values("unit")[:, 0],
        "yes",
    ),
    Claim(
        "family",
        "Group norm with one group is layer norm of an example, with a channel a group it is layer "
        "norm of each channel, and batch norm of images is batch norm of a row a pixel: no entry "
        "differs by more than 1e-12.",
        AtMost(1e-12),
        lambda r: family(r.features),
        "yes",
        "wu, section 3",
    ),
    Claim(
        "bn-lead",
        "At batch size {large}, batch norm recognizes more than 3 points more of the test images "
        "than the plain network.",
        MoreThan(0.03),
        lambda r: r.by_size.difference("final_test_accuracy", "batchnorm", batch_size=r.large),
        "yes",
        "ioffe, section 4.2",
    ),
    Claim(
        "bn-gn",
        "At batch size {large}, batch norm and group norm recognize as many test images, within 3 "
        "points.",
        Within(0.03),
        lambda r: r.by_size.difference(
            "final_test_accuracy", "batchnorm", "groupnorm", batch_size=r.large
        ),
        "yes",
        _WU,
    ),
    Claim(
        "mode-gap",
        "At batch size {small}, batch norm recognizes more than 2 points more images by running "
        "statistics than by those of the batch.",
        MoreThan(0.02),
        lambda r: r.by_size.values("mode_gap", normalization="batchnorm", batch_size=r.small),
        "yes",
        "renorm, abstract",
    ),
    Claim(
        "groups",
        "Group norm with {some} groups recognizes more than 2 points more of the test images than "
        "with one, which is layer norm.",
        MoreThan(0.02),
        lambda r: lead_of_groups(r, r.some, 1),
        "yes",
        "wu, table 3",
    ),
    Claim(
        "instance",
        "Group norm with {some} groups recognizes more than 2 points more of the test images than "
        "with {most}, a channel each, which is instance norm.",
        MoreThan(0.02),
        lambda r: lead_of_groups(r, r.some, r.most),
        "yes",
        "wu, table 3",
    ),
)
"""Of the page on convolution.

``by_size`` and ``connected`` are sweeps over normalization and batch_size, of a net of
convolutions and of a fully connected one, ``by_groups`` one over groups; ``large`` and ``small``
are batch sizes, ``some`` and ``most`` numbers of groups; ``scatter`` is Measured of
`normlab.experiments.convolution.scatter`, and ``features`` are images of several channels.
"""
