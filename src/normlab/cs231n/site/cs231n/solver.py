"""The Solver, which draws from the global generator."""

from normlab import nn
from normlab.cs231n.legacy import GLOBAL


class Solver(nn.Solver):
    """As of normlab.nn."""

    def __init__(self, model, data, **options):
        super().__init__(model, data, **{"rng": GLOBAL} | options)


__all__ = ["Solver"]
