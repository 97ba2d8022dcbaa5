"""Results on a grid: every combination of some values, each with several seeds."""

import itertools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from normlab.handover import MAX_RUNS
from normlab.messages import unknown_name

_MOST = 1_000_000  # runs in a sweep


@dataclass(frozen=True, eq=False)
class Grid:
    """Results on a grid: one axis a field, in the order given, then the seeds."""

    fields: dict[str, tuple]
    seeds: tuple[int, ...]
    results: np.ndarray

    def each(self, take: Callable, fixed: dict):
        """What ``take`` gives for each result at the values that are ``fixed``."""
        where = type(self).__name__
        for name, value in fixed.items():
            if name not in self.fields:
                raise ValueError(f"{where}: " + unknown_name("field", name, self.fields))
            if value not in self.fields[name]:
                raise ValueError(
                    f"{where}: {name} {value!r} was not swept; choose from {self.fields[name]}"
                )
        place = tuple(
            values.index(fixed[name]) if name in fixed else slice(None)
            for name, values in self.fields.items()
        )
        selected = self.results[place]
        values = [take(result) for result in selected.flat]
        return np.array(values).reshape(selected.shape + np.shape(values[0]))


def seeds_of(where: str, seeds: int | Iterable[int]) -> tuple[int, ...]:
    """Seeds as a tuple, 10 meaning 0 to 9; two or more, since one run has no error bar."""
    if isinstance(seeds, int):
        check_number(where, seeds)
    seeds = tuple(range(seeds)) if isinstance(seeds, int) else values_of(where, "seeds", seeds)
    if len(seeds) < 2:
        raise ValueError(f"{where}: {len(seeds)} seed; expected two or more, for an error bar")
    return tuple(seed.item() if isinstance(seed, np.generic) else seed for seed in seeds)


def check_number(where: str, runs: int) -> None:
    """Refuse more runs than the pipeline allows, or than anybody would wait for."""
    most = int(os.environ.get(MAX_RUNS, _MOST))
    if runs > most:
        way = "allow more by --max-runs" if MAX_RUNS in os.environ else "part it into several"
        raise ValueError(f"{where}: {runs:,} runs, and {most:,} are allowed; {way}")


def values_of(where: str, name: str, values) -> tuple:
    """The values of a field as a tuple; refuses what is no list of different values."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"{where}: {name} is {values!r}; expected a list of values")
    values = tuple(itertools.islice(values, _MOST + 1))  # it may go on for ever
    check_number(where, len(values))
    if not values:
        raise ValueError(f"{where}: {name} has no values; give at least one")
    known = {tuple(value) if isinstance(value, Iterable) else value for value in values}
    if len(known) < len(values):
        raise ValueError(f"{where}: {name} {values} names a value twice; give each once")
    return values
