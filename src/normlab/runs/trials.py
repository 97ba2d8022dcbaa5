"""A call of an experiment, a pure function of arguments that gives arrays; kept like a run."""

import importlib
from dataclasses import dataclass

import numpy as np

from normlab import arithmetic


@dataclass(frozen=True)
class Trial:
    """A call of an experiment, by which its outcome is made, found and stored.

    ``experiment`` is the full name of a function of normlab, ``arguments`` are those of the call:
    pairs of a name and a value that JSON can hold, with the seed among them.
    """

    experiment: str
    arguments: tuple

    @property
    def rooms(self) -> tuple[str, ...]:
        """The modules whose code counts: that of the function, and all that it names."""
        return (self.experiment.rpartition(".")[0],)

    def perform(self, data: dict) -> "Outcome":
        """Call the function, with ``data`` if there are any."""
        module, _, name = self.experiment.rpartition(".")
        function = getattr(importlib.import_module(module), name)
        given = dict(self.arguments) | ({"data": data} if data else {})
        with np.errstate(all="ignore"), arithmetic.flushed_denormals():
            arrays = function(**given)
        return Outcome(self, {key: np.asarray(value) for key, value in arrays.items()})


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a trial gave: arrays by name. Its ``config`` is the trial, as that of a run is its."""

    config: Trial
    arrays: dict
