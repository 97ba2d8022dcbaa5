"""Many runs: every combination of some config fields, each with several seeds."""

import itertools
import math
import os
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from normlab.handover import MAX_RUNS
from normlab.messages import unknown_name
from normlab.runs.dispatch import run_all
from normlab.runs.store import store_of_this_process
from normlab.training.config import FIELDS, TrainingConfig
from normlab.training.histories import SIGNAL_QUANTILES

_MOST = 1_000_000  # runs in a sweep


@dataclass(frozen=True, eq=False)
class Sweep:
    """Histories on a grid: one axis a swept field, in the order given, then the seeds."""

    fields: dict[str, tuple]
    seeds: tuple[int, ...]
    histories: np.ndarray

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
        return self._each(lambda history: getattr(history, measure), fixed)

    def signals(self, when: str, kind: str, part: str, **fixed):
        """``part`` ("quantiles" or "zeros") of a signal; axes as in `values`, then depth."""
        return self._each(lambda history: getattr(history.signals[when][kind], part), fixed)

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

    def _each(self, take, fixed):
        """What ``take`` gives for each history at the values that are ``fixed``."""
        for name, value in fixed.items():
            if name not in self.fields:
                raise ValueError("Sweep: " + unknown_name("field", name, self.fields))
            if value not in self.fields[name]:
                raise ValueError(
                    f"Sweep: {name} {value!r} was not swept; choose from {self.fields[name]}"
                )
        place = tuple(
            values.index(fixed[name]) if name in fixed else slice(None)
            for name, values in self.fields.items()
        )
        selected = self.histories[place]
        values = [take(history) for history in selected.flat]
        return np.array(values).reshape(selected.shape + np.shape(values[0]))


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
    if isinstance(seeds, int):
        _check_number(seeds)
    seeds = tuple(range(seeds)) if isinstance(seeds, int) else _values("seeds", seeds)
    if len(seeds) < 2:
        raise ValueError(f"sweep: {len(seeds)} seed; expected two or more, for an error bar")
    for name in fields:
        if name not in FIELDS or name == "seed":
            swept = (field for field in FIELDS if field != "seed")
            raise ValueError("sweep: " + unknown_name("field of TrainingConfig", name, swept))
    fields = {name: _values(name, values) for name, values in fields.items()}
    bases = [base] if isinstance(base, TrainingConfig) else list(base)
    shape = (*(len(values) for values in fields.values()), len(seeds))
    _check_number(len(bases) * math.prod(shape))
    seeds = tuple(seed.item() if isinstance(seed, np.generic) else seed for seed in seeds)
    configs = [
        replace(each, **dict(zip(fields, point, strict=True)), seed=seed)
        for each in bases
        for *point, seed in itertools.product(*fields.values(), seeds)
    ]
    histories = np.empty(len(configs), dtype=object)
    histories[:] = run_all(configs, data, executor, store_of_this_process())
    sweeps = [Sweep(fields, seeds, part) for part in histories.reshape(len(bases), *shape)]
    return sweeps[0] if isinstance(base, TrainingConfig) else sweeps


def _check_number(runs):
    """Refuse a sweep with more runs than the pipeline allows, or than anybody would wait for."""
    most = int(os.environ.get(MAX_RUNS, _MOST))
    if runs > most:
        way = "allow more by --max-runs" if MAX_RUNS in os.environ else "part it into several"
        raise ValueError(f"sweep: {runs:,} runs, and {most:,} are allowed; {way}")


def _values(name, values):
    """The values of a field as a tuple; refuses what is no list of different values."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"sweep: {name} is {values!r}; expected a list of values")
    values = tuple(itertools.islice(values, _MOST + 1))  # it may go on for ever
    _check_number(len(values))
    if not values:
        raise ValueError(f"sweep: {name} has no values; give at least one")
    known = {tuple(value) if isinstance(value, Iterable) else value for value in values}
    if len(known) < len(values):
        raise ValueError(f"sweep: {name} {values} names a value twice; give each once")
    return values
