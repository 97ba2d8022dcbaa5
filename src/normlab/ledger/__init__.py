"""Claims, a file a family: a sentence, who says so, and the test that decides it."""

from normlab.ledger.batch_sizes import BATCH_SIZES
from normlab.ledger.claim import Claim, Verdict, judge
from normlab.ledger.convolution import CONVOLUTION
from normlab.ledger.deep import DEEP
from normlab.ledger.exact import GRADIENTS
from normlab.ledger.invariances import INVARIANCES
from normlab.ledger.scales import SCALES
from normlab.ledger.sources import SOURCES
from normlab.ledger.two_layers import TWO_LAYERS

__all__ = [
    "BATCH_SIZES",
    "CONVOLUTION",
    "DEEP",
    "GRADIENTS",
    "INVARIANCES",
    "SCALES",
    "SOURCES",
    "TWO_LAYERS",
    "Claim",
    "Verdict",
    "judge",
]
