"""Many runs: every combination of some config fields, each with several seeds."""

import itertools
import math
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from normlab.messages import unknown_name
from normlab.runs.dispatch import run_all
from normlab.runs.grids import Grid, check_number, seeds_of, values_of
from normlab.runs.store import store_of_this_process
from normlab.training.config import FIELDS, TrainingConfig
from normlab.training.histories import SIGNAL_QUANTILES


@dataclass(frozen=True, eq=False)
class Sweep(Grid):
    """Histories on a grid: one axis a swept field, in the order given, then the seeds."""

    @property
    def histories(self) -> np.ndarray:
        """The results under the name that those of runs have."""
        return self.results

    def values(self, measure: str, **fixed):
        """One attribute of each history, such as "best_val_accuracy" or "loss".

        Parameters
        ----------
        measure : str
            Name of an attribute of History.
        **fixed
            Fields to hold at one value, such as ``normalization="batchnorm"``.

        Returns
        -------
        array, (fields that are not fixed ..., seeds), and a last axis for curves
        """
        return self.each(lambda history: getattr(history, measure), fixed)

    def signals(self, when: str, kind: str, part: str, **fixed):
        """``part`` ("quantiles" or "zeros") of a signal; axes as in `values`, then depth."""
        return self.each(lambda history: getattr(history.signals[when][kind], part), fixed)

    def difference(self, measure: str, method: str, rival: str = "none", **fixed):
        """`values` of one normalization minus those of another, paired by seed."""
        return self.values(measure, normalization=method, **fixed) - self.values(
            measure, normalization=rival, **fixed
        )

    def medians(self, when: str, kind: str, **fixed):
        """Median of the nonzero magnitudes of a signal; axes as in `values`, then depth."""
        return self.signals(when, kind, "quantiles", **fixed)[..., SIGNAL_QUANTILES.index(0.5)]

    def decades_along_depth(self, when: str, kind: str, **fixed):
        """How far a signal grows from the first hidden layer to the last, in decades.

        It is log10 of the ratio of the medians, negative where the signal shrinks; ``when`` is
        "start" or "end" of training, ``kind`` "activation" or "gradient". Axes as in `values`.
        """
        median = self.medians(when, kind, **fixed)
        return np.log10(median[..., -1] / median[..., 0])

    @property
    def config(self) -> TrainingConfig:
        """That of the first run, for what all have in common."""
        return self.histories.flat[0].config

    @property
    def updates(self) -> np.ndarray:
        """When accuracy was measured, in updates; the same for runs of one length."""
        return self.histories.flat[0].evaluated_at

    @property
    def num_diverged(self) -> int:
        """How many runs met a loss or scores that were not finite."""
        return sum(history.diverged_at is not None for history in self.histories.flat)


def sweep(
    base: TrainingConfig | list[TrainingConfig],
    data: dict,
    seeds: int | Iterable[int] = 10,
    executor: Executor | None = None,
    **fields: Iterable,
) -> Sweep | list[Sweep]:
    """Train a net for every combination of ``fields`` and every seed.

    Runs that are in the run store (see `normlab.runs.store`) are taken from there, and
    those that finish are put there at once.

    Parameters
    ----------
    base : TrainingConfig, or a list of them
        What all runs share. With a list there is a sweep for each, and runs that differ in
        nothing but their length are trained once, as far as the longest.
    data : dict
        As `train` takes it.
    seeds : int or iterable of int
        10 means seeds 0 to 9; two or more, since one run has no error bar.
    executor : concurrent.futures.Executor, optional
        Where the runs go; by default to the cluster that the environment variable
        NORMLAB_SCHEDULER names, or to worker processes of this machine, one a core.
    **fields : iterable
        Values for fields of TrainingConfig, such as ``normalization=("none", "batchnorm")``.

    Returns
    -------
    Sweep, or a list of them
    """
    seeds = seeds_of("sweep", seeds)
    for name in fields:
        if name not in FIELDS or name == "seed":
            swept = (field for field in FIELDS if field != "seed")
            raise ValueError("sweep: " + unknown_name("field of TrainingConfig", name, swept))
    fields = {name: values_of("sweep", name, values) for name, values in fields.items()}
    bases = [base] if isinstance(base, TrainingConfig) else list(base)
    shape = (*(len(values) for values in fields.values()), len(seeds))
    check_number("sweep", len(bases) * math.prod(shape))
    configs = [
        replace(each, **dict(zip(fields, point, strict=True)), seed=seed)
        for each in bases
        for *point, seed in itertools.product(*fields.values(), seeds)
    ]
    histories = np.empty(len(configs), dtype=object)
    histories[:] = run_all(configs, data, executor, store_of_this_process())
    sweeps = [Sweep(fields, seeds, part) for part in histories.reshape(len(bases), *shape)]
    return sweeps[0] if isinstance(base, TrainingConfig) else sweeps
