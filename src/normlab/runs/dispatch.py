"""From configs to histories: what is stored, what is trained, and by whom."""

import contextlib
import itertools
import os
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool

from normlab import arithmetic
from normlab.codehash import RUNS
from normlab.handover import SCHEDULER
from normlab.runs.cluster import cluster, make_kept
from normlab.runs.facts import READ, facts, worker
from normlab.runs.progress import note, progress
from normlab.runs.store import run_keys
from normlab.runs.trials import Trial
from normlab.runs.workers import make_runs, make_shared, worker_processes
from normlab.training import engine
from normlab.training.course import course

_UPDATE_COST = 60  # of a weight in the update rule, in multiplications


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
    """Histories of ``configs``, or outcomes of trials, in their order; the longest start first.

    With a ``store``, runs that it holds are not trained again, and others are put there, if
    they come back with the facts that belong to their key. They go to the ``executor``; without
    one to the cluster that the environment names, or else to worker processes of this machine.
    """
    rooms = configs[0].rooms if isinstance(configs[0], Trial) else RUNS
    if store and executor and executor.submit(worker).result().memory == worker().memory:
        store = None  # threads: what was done to NumPy in this process has reached them
    on_cluster = executor is None and os.environ.get(SCHEDULER)
    expected = facts_of_workers(data, rooms) if store or on_cluster else None
    keys = run_keys(configs, expected) if store else [None] * len(configs)
    pairs = zip(keys, configs, strict=True)
    histories = [store.get(*pair) if store else None for pair in pairs]
    missing = [index for index, history in enumerate(histories) if history is None]
    courses, lengths = _courses(configs, missing, data)
    if courses and rooms == RUNS and (names := engine.edited()):
        note(
            f"{', '.join(names)}: edited, so the compiled code stands aside and the code that you "
            "read trains; slower, with the numbers of what you read"
        )
    trainers = _trainers(executor, len(courses), data, rooms, expected if on_cluster else None)
    with progress(len(configs), sum(lengths)) as tick, trainers as train:
        for _ in range(len(configs) - len(missing)):
            tick(0)
        groups = [[configs[index] for index in each] for each in courses]
        with contextlib.closing(train(groups)) as finished:
            for number, made in finished:
                if store:
                    _check_facts(made, expected)
                for place, (index, history) in enumerate(
                    zip(courses[number], made.histories, strict=True)
                ):
                    if history.config != configs[index]:
                        raise RuntimeError(f"worker {made.worker.name} sent another run back")
                    histories[index] = history
                    if store and made.worker.memory != worker().memory:
                        store.put(keys[index], history)
                    tick(0 if place else lengths[number])
    return histories


def _check_facts(made, expected):
    """Refuse runs that are not what their keys would say."""
    if differences := made.facts.differences(expected):
        raise RuntimeError(
            f"worker {made.worker.name} computed with {', '.join(differences)}; its runs are "
            "dropped. Start it anew, with this code and the pins of normlab.arithmetic"
        )


def facts_of_workers(data, rooms=RUNS):
    """The facts under which runs are looked up: worker processes of ours are always pinned."""
    here = facts(data, rooms)
    if here.arithmetic.is_reference:
        return here
    with worker_processes(1) as pool:
        return here._replace(arithmetic=pool.submit(arithmetic.in_force).result())


def _courses(configs, indices, data):
    """Lists of indices of runs that one training makes, the longest first, and their lengths.

    Lengths are in updates; a trial counts as one.
    """
    if isinstance(configs[0], Trial):
        return [[index] for index in indices], [1] * len(indices)
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

    courses = sorted(alike.values(), key=lambda each: -max(map(cost, each)))
    lengths = [max(configs[index].num_updates(num_images) for index in each) for each in courses]
    return courses, lengths


@contextlib.contextmanager
def _trainers(executor, number, data, rooms, expected_of_cluster):
    """Yield ``train(groups)``, an iterator of (number of a group, `Made`) as groups finish."""
    read = {name: data[name] for name in READ if name in data}
    if executor is not None or not number:
        yield lambda groups: _as_they_finish(make_runs, executor, groups, data)
    elif expected_of_cluster:
        with cluster(read, expected_of_cluster, rooms) as crew:
            yield lambda groups: crew.make(make_kept, groups)
    else:
        with worker_processes(number, read) as pool:
            yield lambda groups: _as_they_finish(make_shared, pool, groups)


def _as_they_finish(make, executor, groups, *arguments):
    """Let an executor make all groups; those that have not begun are cancelled at the end."""
    futures = {}
    try:
        for number, group in enumerate(groups):
            try:
                futures[executor.submit(make, group, *arguments)] = number
            except (OSError, ValueError) as error:  # a pool of processes is closing its pipes
                raise BrokenProcessPool(str(error)) from error
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()
