"""What batch norm does for a net that is not deep: the claims of the template."""

from normlab.ledger.claim import Claim
from normlab.stats.rules import MoreThan

TWO_LAYERS = (
    Claim(
        "bn-train",
        "The training accuracy of batch norm is more than 2 points higher than that of none.",
        MoreThan(0.02),
        lambda r: r.runs.difference("final_train_accuracy", "batchnorm"),
        "yes",
        "ioffe, section 4.2",
    ),
    Claim(
        "bn-test",
        "Batch norm recognizes more than 2 points more of the test images than none.",
        MoreThan(0.02),
        lambda r: r.runs.difference("final_test_accuracy", "batchnorm"),
        "open",
    ),
)
"""``runs`` is a sweep over normalization."""
