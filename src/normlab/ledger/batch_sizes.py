"""What the size of the minibatch and the width of a layer do to normalization."""

from normlab.ledger.claim import Claim
from normlab.stats.rules import MoreThan, Within

_WU = "wu, table 2"


def loss_on(sweep, results, method="batchnorm", rival=None, measure="final_test_accuracy"):
    """What a method loses from the large batch to the small one, beside what a rival loses."""
    large, small = (
        sweep.values(measure, normalization=method, batch_size=size)
        - (sweep.values(measure, normalization=rival, batch_size=size) if rival else 0)
        for size in (results.large, results.small)
    )
    return large - small


def lead_at_width(results, width, method, rival):
    """By how much one method is ahead of another in training accuracy at a width."""
    widths = results.widths.fields["hidden_dims"]
    dims = min(widths, key=lambda dims: abs(dims[0] - width))
    return results.widths.difference("final_train_accuracy", method, rival, hidden_dims=dims)


BATCH_SIZES = (
    Claim(
        "bn-epochs",
        "At equal epochs, batch norm loses more than 10 points more than layer norm does, in test "
        "accuracy, from batch size {large} to {small}.",
        MoreThan(0.10),
        lambda r: loss_on(r.by_epochs, r, rival="layernorm"),
        "yes",
        _WU,
    ),
    Claim(
        "bn-updates",
        "At equal updates, batch norm loses more than 10 points more than layer norm does, in test "
        "accuracy, from batch size {large} to {small}.",
        MoreThan(0.10),
        lambda r: loss_on(r.by_updates, r, rival="layernorm"),
        "yes",
        _WU,
    ),
    Claim(
        "bn-middle",
        "At equal epochs, batch norm and layer norm recognize as many test images at batch size "
        "{large}, within 2 points.",
        Within(0.02),
        lambda r: r.by_epochs.difference(
            "final_test_accuracy", "batchnorm", "layernorm", batch_size=r.large
        ),
        "yes",
        _WU,
    ),
    Claim(
        "ln-updates",
        "At equal updates, layer norm recognizes as many test images at batch size {small} as at "
        "{large}, within 2 points.",
        Within(0.02),
        lambda r: -loss_on(r.by_updates, r, "layernorm"),
        "yes",
        "ba, section 6.6",
    ),
    Claim(
        "none-updates",
        "At equal updates, the plain network recognizes as many test images at batch size {small} "
        "as at {large}, within 2 points.",
        Within(0.02),
        lambda r: -loss_on(r.by_updates, r, "none"),
        "yes",
    ),
    Claim(
        "mode-gap",
        "At batch size {small} and equal updates, batch norm recognizes more than 2 points more "
        "images by running statistics than by those of the batch.",
        MoreThan(0.02),
        lambda r: r.by_updates.values("mode_gap", normalization="batchnorm", batch_size=r.small),
        "yes",
        "renorm, abstract",
    ),
    Claim(
        "ln-narrow",
        "In layers {narrow} wide, the training accuracy of layer norm is more than 2 points below "
        "that of batch norm.",
        MoreThan(0.02),
        lambda r: lead_at_width(r, r.narrow, "batchnorm", "layernorm"),
        "yes",
    ),
    Claim(
        "ln-wide",
        "In layers {wide} wide, the training accuracies of layer norm and batch norm are the same, "
        "within 5 points.",
        Within(0.05),
        lambda r: lead_at_width(r, r.wide, "batchnorm", "layernorm"),
        "yes",
    ),
)
"""Of the page on batch size.

``by_epochs`` and ``by_updates`` are sweeps over normalization and batch_size, ``large`` and
``small`` two of these sizes; ``widths`` one over normalization and hidden_dims, ``narrow`` and
``wide`` widths.
"""
