"""Finished runs on disk, so that nothing is trained twice.

A run is a pure function of its config and of the facts that it is made under: the arrays it
trains on, the code that computes it and the arithmetic in force. Its history is stored under the
hash of these, and the entry says of which run it is. The outcome of any other experiment is kept
alike. Entries are npz files (no pickle) behind a
line with their SHA-256; they are written to a temporary name and moved into place, so they are
whole or not there. A damaged one, or one of another run, is as good as none: the run is made
again. A store that cannot be read or written costs that time and a note, and nothing else.
"""

import hashlib
import io
import json
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np

from normlab.handover import FORCE, STORE_FOLDER
from normlab.runs.facts import Facts
from normlab.runs.progress import note
from normlab.runs.trials import Outcome, Trial
from normlab.training.config import TrainingConfig
from normlab.training.histories import History, LayerSignals
from normlab.whole import write_whole

_LARGEST = 1 << 28  # bytes of an entry
_ARRAYS = ("loss", "evaluated_at", "train_accuracy", "val_accuracy", "test_accuracy")


class RunStore:
    """Histories in a folder, by key; the folder is made when the first run is stored.

    With ``force`` nothing is looked up, so that every run is trained and stored anew.
    """

    def __init__(self, folder: Path, force: bool = False):
        self.folder, self.force = Path(folder), force
        self._noted = False

    def get(self, key: str, config: TrainingConfig | Trial) -> History | Outcome | None:
        """What ``config`` gave, stored under ``key``; None if there is nothing that is whole."""
        if self.force:
            return None
        path = self._path(key)
        try:
            if not path.is_file():  # a pipe would be waited for
                return None
            if path.stat().st_size > _LARGEST:  # none of ours; memory may not hold it
                return None
            digest, _, content = path.read_bytes().partition(b"\n")
        except OSError as error:
            self._note("read", error)
            return None
        if hashlib.sha256(content).hexdigest().encode() != digest:
            return None
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                entry_key, history = _entry_of(dict(arrays))
        except Exception:  # whole, but not what `put` writes: numpy, zipfile, json, TrainingConfig
            return None
        return history if (entry_key, history.config) == (key, config) else None

    def put(self, key: str, history: History | Outcome) -> None:
        """Store what a run gave, in one step; if that cannot be done, a note says why."""
        buffer = io.BytesIO()
        np.savez(buffer, **_arrays_of(key, history))
        content = buffer.getvalue()
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        except OSError as error:
            self._note("written", error)

    def _path(self, key):
        return self.folder / key[:2] / f"{key}.run"

    def _note(self, verb, error):
        """Say once that the store is of no use."""
        if not self._noted:
            self._noted = True
            note(
                f"the run store {self.folder} cannot be {verb} ({error.strerror}); "
                "runs are trained again"
            )


def store_of_this_process() -> RunStore | None:
    """The store that the pipeline names, else that of the project around the current folder."""
    force = os.environ.get(FORCE) == "1"
    if folder := os.environ.get(STORE_FOLDER):
        return RunStore(Path(folder), force)
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "requirements.lock").is_file():
            return RunStore(folder / "build" / "runs", force)
    return None


def run_keys(configs: list, facts: Facts) -> list[str]:
    """The key of each run: SHA-256 of all that its history depends on."""
    texts = (json.dumps(facts._asdict() | {"config": asdict(c)}, sort_keys=True) for c in configs)
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def _arrays_of(key, history):
    if isinstance(history, Outcome):
        about = {"key": key, "trial": asdict(history.config)}
        return history.arrays | {"rest": np.array(json.dumps(about))}
    arrays = {name: getattr(history, name) for name in _ARRAYS}
    for when, kinds in history.signals.items():
        for kind, sizes in kinds.items():
            arrays[f"{when} {kind} quantiles"] = sizes.quantiles
            arrays[f"{when} {kind} zeros"] = sizes.zeros
    rest = {
        "key": key,
        "config": asdict(history.config),
        "batch_mode_val_accuracy": history.batch_mode_val_accuracy,
        "diverged_at": history.diverged_at,
    }
    return arrays | {"rest": np.array(json.dumps(rest))}


def _entry_of(arrays):
    """(key, history) of the arrays in an entry."""
    rest = json.loads(str(arrays.pop("rest")))
    if "trial" in rest:
        return rest["key"], Outcome(
            Trial(**{k: _tuple(v) for k, v in rest["trial"].items()}), arrays
        )
    rest["config"] = TrainingConfig(**rest["config"])
    key = rest.pop("key")
    fields = {name: arrays.pop(name) for name in _ARRAYS}
    signals = {}
    for name in arrays:
        when, kind, part = name.split()
        signals.setdefault(when, {}).setdefault(kind, {})[part] = arrays[name]
    signals = {
        when: {kind: LayerSignals(**parts) for kind, parts in kinds.items()}
        for when, kinds in signals.items()
    }
    return key, History(signals=signals, **fields, **rest)


def _tuple(value):
    """Lists as the tuples that they were before JSON held them."""
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
