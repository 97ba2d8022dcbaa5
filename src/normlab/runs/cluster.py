"""Runs made by the workers of a dask cluster, each of which first says under which facts.

The client alone chooses who may work: a worker whose code, arithmetic or data are others is refused
by name, and so is one that comes later. No group of runs is sent to it, since its bits would be
others. Who waits, who takes over from a worker that died and how results travel is dask's.
"""

import contextlib
import logging
import os
import queue
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator

from normlab.codehash import RUNS
from normlab.handover import SCHEDULER
from normlab.runs.facts import Facts, Worker, data_digest, facts, worker
from normlab.runs.progress import note
from normlab.runs.workers import Made, make_runs

_IN_FLIGHT = 16  # groups that a worker has or waits for; more would not reach those that join late
_LOOK = 1.0  # seconds between two looks at who has come or gone
_PATIENCE = 15.0  # seconds in which a worker that fits may come, where others are
_TRIES = 5  # of a group, each time by workers that are all gone before it is made
_kept = {}  # in a worker: digest -> data that it trains on
_DEADLY = (
    "a group of runs was given to several workers, and each died; was memory short? The finished "
    "runs are stored: build again"
)


@contextlib.contextmanager
def cluster(data: dict, expected: Facts, rooms: tuple = RUNS) -> Iterator["Crew"]:
    """The workers of the scheduler that the environment names, as far as they fit.

    Parameters
    ----------
    data : dict of arrays
        What runs read; each worker gets it once.
    expected : Facts
        What each worker, and each run, must come with.
    rooms : tuple of str
        Where the code lies that counts.
    """
    with _quiet(), _client() as client:
        yield Crew(client, data, expected, rooms)


class Crew:
    """Those workers of a cluster that make our runs, looked after while they do."""

    def __init__(self, client, data, expected, rooms):
        self.client, self.data, self.expected, self.rooms = client, data, expected, rooms
        self.fit = {}  # address -> Worker
        self._refused = {}  # address -> why
        self._looked, self._had_some, self._told = -_LOOK, time.monotonic(), False

    def make(self, make: Callable, groups: list) -> Iterator[tuple[int, Made]]:
        """Yield (number of a group, ``make(group, digest of the data)``) as groups finish.

        RuntimeError, in one line, where nobody fits or the scheduler is gone.
        """
        waiting, running, done = deque(enumerate(groups)), {}, queue.SimpleQueue()
        lost = Counter()
        try:
            while waiting or running:
                self._look()
                for key, (*numbered, future) in list(running.items()):
                    if not self.fit.keys() & future.workers:  # all who were to make it are gone
                        waiting.appendleft(numbered)
                        future.cancel()
                        del running[key]
                        lost[numbered[0]] += 1
                        if lost[numbered[0]] == _TRIES:
                            raise RuntimeError(_DEADLY)
                room = _IN_FLIGHT * len(self.fit) - len(running)
                chosen = [waiting.popleft() for _ in range(min(room, len(waiting)))]
                futures = self._submit(make, [group for _, group in chosen], done)
                for numbered, future in zip(chosen, futures, strict=True):
                    running[future.key] = *numbered, future
                finished = _finished(done, running)
                good = [future for future in finished if future.status == "finished"]
                for future, made in zip(good, self.client.gather(good), strict=True):
                    number, group, _ = running.pop(future.key)
                    if self._fits(made):
                        yield number, made
                    else:
                        waiting.appendleft((number, group))
                for future in finished:
                    if future.key in running:
                        self._raise(future)
        except (OSError, _cancelled()) as error:
            raise _gone(error) from error
        finally:
            for *_, future in running.values():
                with contextlib.suppress(Exception):  # nobody may be there to be told
                    future.cancel()

    def _submit(self, make, groups, done):
        workers = set(self.fit)
        digests = [self.expected.data] * len(groups)
        futures = self.client.map(make, groups, digests, workers=sorted(workers), pure=False)
        for future in futures:
            future.workers = workers
            future.add_done_callback(done.put)
        return futures

    @staticmethod
    def _raise(future):
        """Raise what went wrong with a group."""
        import distributed

        try:
            future.result()
        except distributed.KilledWorker as error:
            raise RuntimeError(_DEADLY) from error

    def _look(self):
        """Ask those who came since the last look, and forget those who went."""
        if time.monotonic() < self._looked + _LOOK:
            return
        here = self.client.scheduler_info()["workers"].keys()
        self.fit = {a: known for a, known in self.fit.items() if a in here}
        self._refused = {a: why for a, why in self._refused.items() if a in here}
        new = [a for a in here if a not in self.fit and a not in self._refused]
        welcome = {}
        for address, answer in self._ask(new, introduce, self.rooms).items():
            if why := self._why_not(answer):
                self._refuse(address, why)
            elif not isinstance(answer, OSError):  # it went while it was asked
                welcome[address] = answer[1]
        for address, digest in self._ask(list(welcome), keep, self.data).items():
            if digest == self.expected.data:
                self.fit[address] = welcome[address]
            elif not isinstance(digest, OSError):
                self._refuse(address, f"cannot keep the data ({digest})")
        self._looked = time.monotonic()
        self._tell(here)

    def _ask(self, addresses, question, *arguments):
        """Answers by address; of those who cannot answer, the error."""
        if not addresses:
            return {}
        return self.client.run(question, *arguments, workers=addresses, on_error="return")

    def _why_not(self, answer):
        """Why a worker that says this of itself does not fit, in words; empty if it does."""
        if isinstance(answer, OSError):
            return ""
        if isinstance(answer, Exception):
            return f"no normlab like this one there ({type(answer).__name__}: {answer})"
        theirs, who = answer
        if who.memory == worker().memory:
            return "a thread of this process; start processes"
        differences = theirs._replace(data=self.expected.data).differences(self.expected)
        if "other code" in differences:
            return "another version of the code; install the same there"
        return differences and f"{', '.join(differences)}; start it by normlab worker"

    def _fits(self, made):
        """False for runs that did not come with the expected facts; their worker is refused."""
        if not (differences := made.facts.differences(self.expected)):
            return True
        for address, known in list(self.fit.items()):
            if known == made.worker:
                del self.fit[address]
                self._refuse(address, f"its runs came with {', '.join(differences)}")
        return False

    def _refuse(self, address, why):
        self._refused[address] = why
        note(f"worker {address}: {why}")

    def _tell(self, here):
        """Say that nobody works; after a while raise it, where those who are there do not fit."""
        if self.fit:
            self._had_some, self._told = time.monotonic(), False
        elif here and time.monotonic() > self._had_some + _PATIENCE:
            address, why = next(iter(self._refused.items()))
            raise RuntimeError(
                f"none of the {len(here)} workers at {_place()} fits: {address}: {why}"
            )
        elif not self._told:
            self._told = True
            who = "no worker that fits" if here else "no worker"
            note(f"{who} at {_place()} yet; start some by `normlab worker {_place()}`")


def introduce(rooms: tuple[str, ...]) -> tuple[Facts, Worker]:
    """In a worker: what it is, but for data."""
    return facts({}, rooms), worker()


def keep(data: dict) -> str:
    """In a worker: keep what runs read; its digest."""
    digest = data_digest(data)
    _kept[digest] = data
    return digest


def make_kept(configs: list, digest: str) -> Made:
    """In a worker: `make_runs` on data that it keeps."""
    return make_runs(configs, _kept[digest])


def _finished(done, running):
    """Futures that have finished since the last time; after a while without any, none."""
    found = []
    with contextlib.suppress(queue.Empty):
        found.append(done.get(timeout=_LOOK))
        while True:
            found.append(done.get_nowait())
    return [future for future in found if future.key in running]  # others were cancelled


def _place():
    return os.environ[SCHEDULER]


def _client():
    """A connection to the scheduler that the environment names."""
    import distributed

    try:
        return distributed.Client(_place(), set_as_default=False, name="normlab")
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).strip() or type(error).__name__
        raise RuntimeError(f"no dask scheduler answers at {_place()} ({reason})") from error


def _cancelled():
    import distributed

    return distributed.CancelledError


def _gone(error):
    return RuntimeError(
        f"the scheduler {_place()} is gone ({type(error).__name__}); the finished runs are stored: "
        "build again"
    )


@contextlib.contextmanager
def _quiet():
    """Keep what dask logs and warns of from the page; what matters is raised or noted."""
    import distributed  # noqa: F401  sets up its loggers

    for name in ("distributed", "distributed.client", "distributed.gc", "tornado.application"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [logging.NullHandler()], False
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        yield
