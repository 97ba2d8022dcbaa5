"""Experiments that are no training runs: pure functions, called on a grid and kept like runs."""

import inspect
import itertools
import math
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from normlab.messages import unknown_name
from normlab.runs.dispatch import run_all
from normlab.runs.grids import Grid, check_number, seeds_of, values_of
from normlab.runs.store import store_of_this_process
from normlab.runs.trials import Trial


@dataclass(frozen=True, eq=False)
class Measured(Grid):
    """Outcomes on a grid: one axis a swept argument, in the order given, then the seeds."""

    def values(self, name: str, **fixed):
        """The array called ``name`` of each outcome; axes as of the grid, then its own.

        Arguments that are ``fixed`` to one of their values lose their axis.
        """
        return self.each(lambda outcome: outcome.arrays[name], fixed)


def experiment(
    function: Callable,
    seeds: int | Iterable[int] = 20,
    data: dict | None = None,
    executor: Executor | None = None,
    fixed: dict | None = None,
    **fields: Iterable,
) -> Measured:
    """Call an experiment for every combination of ``fields`` and every seed.

    Outcomes that are in the run store are taken from there, and new ones are put there at once,
    under the hash of all code that the function reaches.

    Parameters
    ----------
    function : callable
        At the top of a module of normlab: ``function(seed, ...)`` returns a dict of arrays or
        numbers, and depends on its arguments alone.
    seeds : int or iterable of int
        20 means seeds 0 to 19; two or more.
    data : dict, optional
        Arrays as `train` takes them, for an experiment with an argument ``data``.
    executor : concurrent.futures.Executor, optional
        As of `sweep`.
    fixed : dict, optional
        Arguments that are the same in every call.
    **fields : iterable
        Values for other arguments: numbers, texts, or tuples of them.

    Returns
    -------
    Measured
    """
    where, full = "experiment", f"{function.__module__}.{function.__qualname__}"
    if not full.startswith("normlab."):
        raise ValueError(f"{where}: {full} is no function of normlab; put it into src/normlab/")
    known = [name for name in inspect.signature(function).parameters if name != "data"]
    for name in (*fields, *(fixed or {})):
        if name not in known or name == "seed":
            raise ValueError(f"{where}: " + unknown_name(f"argument of {full}", name, known))
    seeds = seeds_of(where, seeds)
    fields = {name: values_of(where, name, values) for name, values in fields.items()}
    shape = (*(len(values) for values in fields.values()), len(seeds))
    check_number(where, math.prod(shape))
    shared = tuple((name, _plain(value)) for name, value in (fixed or {}).items())
    trials = [
        Trial(full, (*shared, *zip(fields, map(_plain, point), strict=True), ("seed", seed)))
        for *point, seed in itertools.product(*fields.values(), seeds)
    ]
    outcomes = np.empty(len(trials), dtype=object)
    outcomes[:] = run_all(trials, data or {}, executor, store_of_this_process())
    return Measured(fields, seeds, outcomes.reshape(shape))


def _plain(value):
    """A value as JSON can hold it, lists as tuples."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return value.item() if isinstance(value, np.generic) else value
