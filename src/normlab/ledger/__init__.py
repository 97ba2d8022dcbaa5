"""Claims, a file a family: a sentence, who says so, and the test that decides it."""

from normlab.ledger.batch_sizes import BATCH_SIZES
from normlab.ledger.claim import Claim, Verdict, judge
from normlab.ledger.convolution import CONVOLUTION
from normlab.ledger.deep import DEEP
from normlab.ledger.depth import DEPTH
from normlab.ledger.depth_measures import rates
from normlab.ledger.exact import GRADIENTS
from normlab.ledger.invariances import INVARIANCES
from normlab.ledger.mean_field import limit_rate, moments
from normlab.ledger.scales import SCALES
from normlab.ledger.sources import SOURCES
from normlab.ledger.trained import TRAINED
from normlab.ledger.trained_measures import (
    TRAINS,
    at_best_rate,
    largest_rate,
    less_shift,
    spread_and_centre,
)
from normlab.ledger.two_layers import TWO_LAYERS
from normlab.ledger.without import WITHOUT

__all__ = [
    "BATCH_SIZES",
    "CONVOLUTION",
    "DEEP",
    "DEPTH",
    "GRADIENTS",
    "INVARIANCES",
    "SCALES",
    "SOURCES",
    "TRAINED",
    "TRAINS",
    "TWO_LAYERS",
    "WITHOUT",
    "Claim",
    "Verdict",
    "at_best_rate",
    "judge",
    "largest_rate",
    "less_shift",
    "limit_rate",
    "moments",
    "rates",
    "spread_and_centre",
]
