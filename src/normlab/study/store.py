"""Finished runs on disk, so that nothing is trained twice.

A run is a pure function of its config, the arrays it trains on, the code that
computes it and the arithmetic in force; its history is stored under the hash of
these. Entries are npz files (no pickle) behind a line with their SHA-256; they are
written to a temporary name and moved into place, so they are whole or not there.
A damaged one is as good as none: the run is made again.
"""

import hashlib
import io
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from normlab.arithmetic import Arithmetic
from normlab.codehash import hash_modules
from normlab.handover import FORCE, STORE_FOLDER
from normlab.training.config import TrainingConfig
from normlab.training.histories import History, LayerSignals
from normlab.training.runs import READ

_ARRAYS = ("loss", "evaluated_at", "train_accuracy", "val_accuracy")


class RunStore:
    """Histories in a folder, by key.

    Parameters
    ----------
    folder : Path
        Made when the first run is stored.
    force : bool
        Look nothing up, so that every run is trained and stored anew.
    """

    def __init__(self, folder: Path, force: bool = False):
        self.folder, self.force = Path(folder), force

    def get(self, key: str) -> History | None:
        """The history stored under ``key``; None if there is none that is whole."""
        if self.force:
            return None
        try:
            digest, _, content = self._path(key).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        if hashlib.sha256(content).hexdigest().encode() != digest:
            return None
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return _history_of(dict(arrays))
        except Exception:  # whole, but not what `put` writes: numpy, zipfile, json, TrainingConfig
            return None

    def put(self, key: str, history: History) -> None:
        """Store a history, in one step."""
        buffer = io.BytesIO()
        np.savez(buffer, **_arrays_of(history))
        content = buffer.getvalue()
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _path(self, key):
        return self.folder / key[:2] / f"{key}.run"


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


def run_keys(configs: list[TrainingConfig], data: dict, in_force: Arithmetic) -> list[str]:
    """The key of each run: SHA-256 of all that its history depends on."""
    shared = {
        "data": data_digest(data),
        "code": hash_modules("normlab.training.runs"),
        "arithmetic": in_force,
    }
    texts = (json.dumps(shared | {"config": asdict(c)}, sort_keys=True) for c in configs)
    return [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def data_digest(data: dict) -> str:
    """SHA-256 of the arrays that a run reads: names, types, shapes and bytes."""
    digest = hashlib.sha256()
    for name in READ:
        array = np.ascontiguousarray(data[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array)
    return digest.hexdigest()


def _arrays_of(history):
    arrays = {name: getattr(history, name) for name in _ARRAYS}
    for when, kinds in history.signals.items():
        for kind, sizes in kinds.items():
            arrays[f"{when} {kind} quantiles"] = sizes.quantiles
            arrays[f"{when} {kind} zeros"] = sizes.zeros
    rest = {
        "config": asdict(history.config),
        "batch_mode_val_accuracy": history.batch_mode_val_accuracy,
        "diverged_at": history.diverged_at,
    }
    return arrays | {"rest": np.array(json.dumps(rest))}


def _history_of(arrays):
    rest = json.loads(str(arrays.pop("rest")))
    rest["config"] = TrainingConfig(**rest["config"])
    fields = {name: arrays.pop(name) for name in _ARRAYS}
    signals = {}
    for name in arrays:
        when, kind, part = name.split()
        signals.setdefault(when, {}).setdefault(kind, {})[part] = arrays[name]
    signals = {
        when: {kind: LayerSignals(**parts) for kind, parts in kinds.items()}
        for when, kinds in signals.items()
    }
    return History(signals=signals, **fields, **rest)
