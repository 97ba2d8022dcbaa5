"""Many runs: every combination of some config fields, each with several seeds."""

import contextlib
import itertools
import math
import os
from collections.abc import Iterable
from concurrent.futures import Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

import numpy as np

from normlab import arithmetic
from normlab.handover import MAX_RUNS
from normlab.messages import unknown_name
from normlab.runs.facts import READ, facts, worker
from normlab.runs.progress import note, progress
from normlab.runs.store import run_keys, store_of_this_process
from normlab.runs.workers import make_runs, make_shared, worker_processes
from normlab.training import engine
from normlab.training.config import FIELDS, TrainingConfig
from normlab.training.course import course
from normlab.training.histories import SIGNAL_QUANTILES

_MOST = 1_000_000  # runs in a sweep
_UPDATE_COST = 60  # of a weight in the update rule, in multiplications


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
        Where the runs go; by default worker processes with one BLAS thread each,
        one a core.
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


@contextlib.contextmanager
def _telling_of_killed_workers():
    try:
        yield
    except BrokenProcessPool as error:
        raise RuntimeError(
            "a worker process was killed; was memory short? The finished runs are stored: build "
            "again"
        ) from error


@_telling_of_killed_workers()
def run_all(configs, data, executor=None, store=None):
    """Histories of ``configs``, in their order; what takes longest starts first.

    With a ``store``, runs that it holds are not trained again, and others are put there, if
    they come back with the facts that belong to their key.
    """
    num_images = len(data["y_train"])
    if store and executor and executor.submit(worker).result().memory == worker().memory:
        store = None  # threads: what was done to NumPy in this process has reached them
    expected = _facts_of_workers(data) if store else None
    keys = run_keys(configs, expected) if store else [None] * len(configs)
    pairs = zip(keys, configs, strict=True)
    histories = [store.get(*pair) if store else None for pair in pairs]
    missing = [index for index, history in enumerate(histories) if history is None]
    courses = _courses(configs, missing, data)
    lengths = [max(configs[index].num_updates(num_images) for index in each) for each in courses]
    work = sum(lengths)
    if courses and (names := engine.edited()):
        note(
            f"{', '.join(names)}: edited, so the compiled code stands aside and the code that you "
            "read trains; slower, with the numbers of what you read"
        )
    with progress(len(configs), work) as tick, _trainers(executor, len(courses), data) as submit:
        for _ in range(len(configs) - len(missing)):
            tick(0)
        futures = {}
        try:
            for each, length in zip(courses, lengths, strict=True):
                futures[submit([configs[index] for index in each])] = each, length
            for future in as_completed(futures):
                made = future.result()
                if store:
                    _check_facts(made, expected)
                indices, length = futures[future]
                for index, history in zip(indices, made.histories, strict=True):
                    if history.config != configs[index]:
                        raise RuntimeError(f"worker {made.worker.name} sent another run back")
                    histories[index] = history
                    if store and made.worker.memory != worker().memory:
                        store.put(keys[index], history)
                    tick(length if index == indices[0] else 0)
        except BaseException:
            for future in futures:
                future.cancel()
            raise
    return histories


def _check_facts(made, expected):
    """Refuse runs that are not what their keys would say."""
    if differences := made.facts.differences(expected):
        raise RuntimeError(
            f"worker {made.worker.name} computed with {', '.join(differences)}; its runs are "
            "dropped. Start it anew, with this code and the pins of normlab.arithmetic"
        )


def _facts_of_workers(data):
    """The facts under which runs are looked up: worker processes of ours are always pinned."""
    here = facts(data)
    if here.arithmetic.is_reference:
        return here
    with worker_processes(1) as pool:
        return here._replace(arithmetic=pool.submit(arithmetic.in_force).result())


def _courses(configs, indices, data):
    """Lists of indices of runs that one training makes, the longest first."""
    alike = {}
    for index in indices:
        alike.setdefault(course(configs[index]), []).append(index)
    num_images, features = len(data["y_train"]), data["X_train"][0].size
    others = sum(len(data[f"y_{part}"]) for part in ("val", "test") if f"y_{part}" in data)

    def cost(index):
        """About how long a run takes, in multiplications."""
        config = configs[index]
        weights = sum(a * b for a, b in itertools.pairwise((features, *config.hidden_dims)))
        weights += features * sum(config.filters)  # whose images are many
        evaluated = config.evaluations * ((config.num_train or num_images) + others)
        updates = config.num_updates(num_images)
        return weights * (updates * (6 * config.batch_size + _UPDATE_COST) + 2 * evaluated)

    return sorted(alike.values(), key=lambda each: -max(map(cost, each)))


@contextlib.contextmanager
def _trainers(executor, number, data):
    """Yield ``submit(configs)``: to the executor handed in, or to worker processes of our own."""
    if executor is not None or not number:
        yield lambda configs: executor.submit(make_runs, configs, data)
        return
    with worker_processes(number, {name: data[name] for name in READ if name in data}) as pool:

        def submit(configs):
            try:
                return pool.submit(make_shared, configs)
            except (OSError, ValueError) as error:  # the pool is closing its pipes just now
                raise BrokenProcessPool(str(error)) from error

        yield submit
