"""The run store: what goes in comes out bit for bit, and what is damaged is made again."""

import hashlib
import io
import json
import multiprocessing
import os
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, fields, replace
from pathlib import Path

import numpy as np
import pytest

from normlab import arithmetic, nn
from normlab.arithmetic import Arithmetic
from normlab.handover import FORCE, PROGRESS_FILE, STORE_FOLDER
from normlab.runs import facts as facts_module
from normlab.runs import store as store_module
from normlab.runs.facts import Facts, Worker, data_digest, worker
from normlab.runs.store import RunStore, run_keys, store_of_this_process
from normlab.runs.sweeps import sweep
from normlab.runs.workers import make_runs
from normlab.training.config import FIELDS, TrainingConfig
from normlab.training.course import train
from normlab.training.histories import History, LayerSignals

BASE = TrainingConfig(
    hidden_dims=(6, 5),
    batch_size=10,
    epochs=None,
    updates=4,
    evaluations=2,
    weight_scale=0.3,
)
KEY = "ab" + 62 * "0"
HERE = Arithmetic("2.4.6", "Haswell", 1, ("X86_V3",), "glibc", "flushed to zero")


class Spy(Executor):
    """A worker that counts the nets that it trained; it says that it is another process.

    ``facts`` are changes to what it says of itself.
    """

    def __init__(self, stop_after=None, memory="another", **facts):
        self.trained, self.stop_after = [], stop_after
        self.worker, self.facts = Worker("process 7 on far", memory), facts

    def submit(self, function, *arguments):
        future = Future()
        if function is make_runs:
            if len(self.trained) == self.stop_after:
                future.set_exception(KeyboardInterrupt())
                return future
            self.trained += arguments[0]
        future.set_result(self.told(function(*arguments)))
        return future

    def told(self, result):
        if isinstance(result, Worker):
            return self.worker
        return result._replace(facts=result.facts._replace(**self.facts), worker=self.worker)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The store of this process, in a folder that is not there yet."""
    runs = tmp_path / "runs"
    monkeypatch.setenv(STORE_FOLDER, str(runs))
    monkeypatch.delenv(FORCE, raising=False)
    monkeypatch.setenv(PROGRESS_FILE, str(tmp_path / "progress"))
    monkeypatch.setattr(arithmetic, "in_force", lambda: HERE)
    return runs


def notes(tmp_path):
    lines = map(json.loads, (tmp_path / "progress").read_text("utf-8").splitlines())
    return [line["note"] for line in lines if "note" in line]


def entries(folder):
    """Path -> bytes of all that lies in a store."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def same(one, other):
    """True if two values are equal to the bit: types, shapes, bytes, NaN among them."""
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, History | LayerSignals):
        return type(one) is type(other) and all(
            same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)
        )
    if isinstance(one, float):
        return type(other) is float and np.float64(one).tobytes() == np.float64(other).tobytes()
    return type(one) is type(other) and one == other


# Round trips


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("signals", [False, True])
@pytest.mark.parametrize("normalization", ["none", "batchnorm"])
def test_a_run_comes_back_bit_for_bit(blobs, folder, dtype, signals, normalization):
    data = blobs | {split: blobs[split].astype(dtype) for split in ("X_train", "X_val")}
    config = replace(BASE, dtype=dtype, signals=signals, normalization=normalization)
    history = train(config, data)
    store = RunStore(folder)
    store.put(KEY, history)
    assert same(store.get(KEY, config), history)


def test_a_run_that_diverged_comes_back_bit_for_bit(blobs, folder):
    config = replace(BASE, weight_scale=1e20, learning_rate=1e20, update_rule="sgd", signals=True)
    history = train(config, blobs)
    assert history.diverged_at is not None
    assert np.isnan(history.loss).any()
    store = RunStore(folder)
    store.put(KEY, history)
    assert same(store.get(KEY, config), history)


CONFIG = TrainingConfig(hidden_dims=(3,), weight_scale=0.1 + 0.2, reg=1e-300)


def made_up(**changes):
    sizes = LayerSignals(np.array([[np.nan, -0.0, 5e-324, np.inf, 1.0]]), np.array([1.0]))
    history = History(
        config=CONFIG,
        loss=np.array([2.302585092994046, np.nan, -np.inf]),
        evaluated_at=np.array([1, 2, 3]),
        train_accuracy=np.array([0.1, 1 / 3, 1.0]),
        val_accuracy=np.array([0.1, 2 / 3, np.nextafter(1, 0)]),
        test_accuracy=np.array([0.1, np.nan, 0.3]),
        batch_mode_val_accuracy=0.1 + 0.2,
        signals={"start": {"activation": sizes, "gradient": sizes}},
        diverged_at=None,
    )
    return replace(history, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"batch_mode_val_accuracy": float("nan")},
        {"diverged_at": 1},
        {"signals": {}},
        {"loss": np.array([], dtype=np.float64)},
        {"loss": np.array([1, 2], dtype=np.float32)},
        {"evaluated_at": np.array([1], dtype=">i4")},
        {"loss": np.frombuffer(bytes.fromhex("0100000000f8ff7f") * 2)},  # NaN with a payload
    ],
    ids=str,
)
def test_odd_numbers_come_back_bit_for_bit(folder, changes):
    history = made_up(**changes)
    store = RunStore(folder)
    store.put(KEY, history)
    assert same(store.get(KEY, CONFIG), history)


def test_storing_the_same_run_twice_gives_the_same_bytes(folder):
    store = RunStore(folder)
    store.put(KEY, made_up())
    (once,) = entries(folder).values()
    store.put(KEY, made_up())
    assert list(entries(folder).values()) == [once]


def test_nothing_is_there_before_something_is_stored(folder):
    assert RunStore(folder).get(KEY, CONFIG) is None
    assert not folder.exists()


def test_other_keys_find_nothing(folder):
    store = RunStore(folder)
    store.put(KEY, made_up())
    assert store.get(KEY[:-1] + "1", CONFIG) is None


# Damage


def write_entry(folder, content, digest=None):
    """Put bytes under KEY, by default with the digest that fits."""
    path = folder / KEY[:2] / f"{KEY}.run"
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = digest or hashlib.sha256(content).hexdigest().encode()
    path.write_bytes(digest + b"\n" + content)
    return path


def stored(folder):
    RunStore(folder).put(KEY, made_up())
    (path,) = entries(folder)
    return path


def test_a_change_of_any_byte_is_noticed(folder):
    path = stored(folder)
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(0)
    positions = [*range(66), *range(66, len(content), 7), len(content) - 1]
    for position in positions:  # the digest, the line's end, then all over the zip file
        before = content[position]
        content[position] ^= int(rng.integers(1, 256))
        path.write_bytes(content)
        assert RunStore(folder).get(KEY, CONFIG) is None, f"byte {position}"
        content[position] = before
    path.write_bytes(content)
    assert RunStore(folder).get(KEY, CONFIG) is not None


def test_a_change_of_any_bit_of_one_byte_is_noticed(folder):
    path = stored(folder)
    whole = path.read_bytes()
    for position in (0, 64, 65, len(whole) // 2):
        for bit in range(8):
            changed = bytearray(whole)
            changed[position] ^= 1 << bit
            path.write_bytes(changed)
            assert RunStore(folder).get(KEY, CONFIG) is None, f"byte {position}, bit {bit}"


DAMAGES = {
    "empty": lambda whole: b"",
    "the digest alone": lambda whole: whole[:64],
    "the digest and its line's end": lambda whole: whole[:65],
    "half": lambda whole: whole[: len(whole) // 2],
    "one byte short": lambda whole: whole[:-1],
    "one byte more": lambda whole: whole + b"\0",
    "a byte at the front": lambda whole: b"\0" + whole,
    "twice": lambda whole: 2 * whole,
    "without a digest": lambda whole: whole[65:],
    "zeros": lambda whole: bytes(len(whole)),
    "the digest in capitals": lambda whole: whole[:64].upper() + whole[64:],
    "other line ends": lambda whole: whole[:64] + b"\r" + whole[64:],
    "a byte of the digest": lambda whole: b"x" + whole[1:],
    "a byte of the arrays": lambda whole: whole[:300] + bytes([whole[300] ^ 1]) + whole[301:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_made_again(blobs, folder, damage):
    whole = sweep(BASE, blobs, 2, Spy())
    before = entries(folder)
    path = next(iter(before))
    path.write_bytes(DAMAGES[damage](before[path]))
    spy = Spy()
    again = sweep(BASE, blobs, 2, spy)
    assert len(spy.trained) == 1
    assert entries(folder) == before
    for one, other in zip(whole.histories, again.histories, strict=True):
        assert same(one, other)


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_an_entry_holds_no_pickle_and_unpickles_none(folder, monkeypatch):
    monkeypatch.setattr(pickle, "loads", None)
    monkeypatch.setattr(pickle, "load", None)
    monkeypatch.setattr(pickle, "dumps", None)
    store = RunStore(folder)
    store.put(KEY, made_up())
    assert same(store.get(KEY, CONFIG), made_up())


BAD_ENTRIES = {
    "an object array": lambda path: npz(loss=np.array([Bomb(path)])),
    "a pickle": lambda path: pickle.dumps(Bomb(path)),
    "no zip file": lambda path: b"some text",
    "nothing": lambda path: b"",
    "an array without a name": lambda path: npz(loss=np.zeros(3)),
    "other fields": lambda path: npz(
        **dict.fromkeys(("loss", "evaluated_at", "train_accuracy", "val_accuracy"), np.zeros(3)),
        rest=np.array(json.dumps({"config": {"no_such_field": 1}})),
    ),
    "no JSON": lambda path: npz(rest=np.array("{")),
}


@pytest.mark.parametrize("kind", BAD_ENTRIES)
def test_an_entry_that_is_whole_but_no_history_is_as_good_as_none(folder, tmp_path, kind):
    write_entry(folder, BAD_ENTRIES[kind](tmp_path / "exploded"))
    assert RunStore(folder).get(KEY, CONFIG) is None
    assert not (tmp_path / "exploded").exists()


# Atomic writing


def test_a_write_that_fails_leaves_nothing_but_one_note(folder, monkeypatch, tmp_path):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "replace", fail)
    store = RunStore(folder)
    store.put(KEY, made_up())
    store.put(KEY, made_up())
    assert entries(folder) == {}
    (said,) = notes(tmp_path)
    assert said == (
        f"the run store {folder} cannot be written (No space left on device); "
        "runs are trained again"
    )


def test_entries_can_be_read_by_whom_the_umask_lets(folder):
    before = os.umask(0o022)
    try:
        assert stored(folder).stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def a_file(folder):
    folder.write_text("mine")


def a_pipe(folder):
    path = folder / KEY[:2] / f"{KEY}.run"
    path.parent.mkdir(parents=True)
    os.mkfifo(path)


def a_folder(folder):
    (folder / KEY[:2] / f"{KEY}.run").mkdir(parents=True)


def a_link_to_nowhere(folder):
    folder.symlink_to("nowhere/at/all")


def a_circle(folder):
    folder.symlink_to(folder.name)


@pytest.mark.parametrize("kind", [a_file, a_pipe, a_folder, a_link_to_nowhere, a_circle])
def test_a_store_that_is_none_costs_no_run(folder, tmp_path, kind):
    kind(folder)
    store = RunStore(folder)
    assert store.get(KEY, CONFIG) is None
    store.put(KEY, made_up())
    assert store.get(KEY, CONFIG) is None or kind is not a_file
    assert len(notes(tmp_path)) <= 1 if (tmp_path / "progress").exists() else True


def test_entries_that_change_places_are_not_taken(blobs, folder):
    whole = sweep(BASE, blobs, 2, Spy())
    one, other = entries(folder)
    aside = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(aside)
    spy = Spy()
    again = sweep(BASE, blobs, 2, spy)
    assert len(spy.trained) == 2
    for ours, theirs in zip(whole.histories, again.histories, strict=True):
        assert same(ours, theirs)


def test_an_entry_whose_config_is_another_is_not_taken(folder):
    RunStore(folder).put(KEY, made_up(config=replace(CONFIG, seed=7)))
    assert RunStore(folder).get(KEY, CONFIG) is None


def test_a_write_that_is_interrupted_leaves_the_entry_before_it(folder, monkeypatch):
    path = stored(folder)
    before = entries(folder)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        RunStore(folder).put(KEY, made_up(diverged_at=7))
    assert entries(folder) == before
    assert RunStore(folder).get(KEY, CONFIG).diverged_at is None
    assert path.exists()


def test_an_entry_is_on_disk_before_it_has_its_name(folder, monkeypatch):
    happened = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            store_module.os, name, lambda *a, n=name, r=real: (happened.append(n), r(*a))
        )
    RunStore(folder).put(KEY, made_up())
    assert happened == ["fsync", "replace"]


# Keys


def keys(configs, data, here=HERE, code="c0de"):
    return run_keys(configs, Facts(code, data_digest(data), here))


CHANGES = {
    "hidden_dims": (6, 6),
    "normalization": "layernorm",
    "weight_scale": 0.30000000000000004,
    "update_rule": "sgd",
    "learning_rate": 2e-3,
    "batch_size": 11,
    "updates": 5,
    "evaluations": 3,
    "dropout_keep_ratio": 0.5,
    "reg": 1e-9,
    "num_train": 30,
    "reference_scale": 0.1,
    "eps": 1e-6,
    "dtype": "float64",
    "signals": True,
    "seed": 1,
}


def test_a_key_changes_with_each_field_of_the_config(blobs):
    assert {*CHANGES, "epochs", "filters", "groups"} == set(FIELDS)
    changed = [replace(BASE, **{name: value}) for name, value in CHANGES.items()]
    changed.append(replace(BASE, epochs=4, updates=None))
    images = replace(BASE, hidden_dims=(), filters=(4,))
    changed += [images, replace(images, filters=(4, 4)), replace(images, groups=2)]
    found = keys([BASE, *changed], blobs)
    assert len(set(found)) == len(changed) + 1
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in found)


def test_equal_configs_have_one_key(blobs):
    lists = replace(BASE, hidden_dims=[6, 5])
    assert keys([BASE], blobs) == keys([lists], blobs) == keys([replace(BASE)], blobs)


def test_a_key_does_not_depend_on_its_neighbours(blobs):
    other = replace(BASE, seed=5)
    assert keys([BASE, other], blobs) == [*keys([BASE], blobs), *keys([other], blobs)]


@pytest.mark.parametrize("name", ["X_train", "y_train", "X_val", "y_val"])
def test_a_key_changes_with_any_byte_of_the_data(blobs, name):
    before, rng = data_digest(blobs), np.random.default_rng(0)
    size = blobs[name].nbytes
    for position in {0, size - 1, *rng.integers(0, size, 5).tolist()}:
        changed = blobs[name].copy()
        changed.view(np.uint8).reshape(-1)[position] ^= 1
        assert data_digest(blobs | {name: changed}) != before
        assert keys([BASE], blobs | {name: changed}) != keys([BASE], blobs)


def test_a_key_changes_with_type_shape_and_place_of_the_data(blobs):
    X, y = blobs["X_train"], blobs["y_train"]
    variants = [
        blobs,
        blobs | {"X_train": X.view(np.int32)},
        blobs | {"X_train": X.astype(X.dtype.newbyteorder())},
        blobs | {"X_train": X.reshape(len(X), 9)},
        blobs | {"X_train": X[::-1]},
        blobs | {"y_train": y[::-1]},
        blobs | {"y_train": y.astype(np.int32)},
        blobs | {"X_train": blobs["X_val"], "X_val": X},
        blobs | {"X_train": X[:-1], "y_train": y[:-1]},
    ]
    assert len({data_digest(data) for data in variants}) == len(variants)


def test_a_key_is_that_of_the_numbers_and_not_of_their_place_in_memory(blobs):
    X = blobs["X_train"]
    strided = np.empty((2 * len(X), *X.shape[1:]), X.dtype)[::2]
    strided[:] = X
    same_numbers = blobs | {"X_train": strided, "y_val": np.asfortranarray(blobs["y_val"])}
    assert data_digest(same_numbers) == data_digest(blobs)


def test_a_key_does_not_depend_on_data_that_a_run_does_not_read(blobs):
    assert data_digest(blobs | {"mean_image": 1}) == data_digest(blobs)
    assert data_digest(blobs | {"X_test": np.zeros(3)}) != data_digest(blobs)


def test_a_key_changes_with_the_arithmetic(blobs):
    variants = [
        HERE,
        HERE._replace(numpy="2.4.7"),
        HERE._replace(blas_core="SkylakeX"),
        HERE._replace(threads=2),
        HERE._replace(simd=("X86_V3", "X86_V4")),
        HERE._replace(simd=()),
        HERE._replace(libc="musl"),
    ]
    assert len({keys([BASE], blobs, here)[0] for here in variants}) == len(variants)


def test_a_key_changes_with_the_code_that_trains(blobs):
    assert keys([BASE], blobs, code="another") != keys([BASE], blobs)  # of what: test_codehash


def test_a_key_does_not_depend_on_process_place_or_time(blobs, monkeypatch, tmp_path):
    before = keys([BASE], blobs)
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "TZ", "PYTHONHASHSEED", "LC_ALL", "USER", STORE_FOLDER):
        monkeypatch.setenv(name, "7")
    monkeypatch.setattr("time.time", lambda: 0.0)
    assert keys([BASE], blobs) == before


# Sweeps on a store


def test_nothing_is_trained_when_all_is_stored(blobs, folder):
    first, second = Spy(), Spy()
    one = sweep(BASE, blobs, 3, first, normalization=("none", "batchnorm"))
    stored_then = {path: path.stat().st_mtime_ns for path in entries(folder)}
    other = sweep(BASE, blobs, 3, second, normalization=("none", "batchnorm"))
    assert (len(first.trained), len(second.trained)) == (6, 0)
    assert len(stored_then) == 6
    assert {path: path.stat().st_mtime_ns for path in entries(folder)} == stored_then
    for ours, theirs in zip(one.histories.flat, other.histories.flat, strict=True):
        assert same(ours, theirs)


def test_only_what_is_new_is_trained(blobs, folder):
    sweep(BASE, blobs, 2, Spy(), batch_size=(10,))
    spy = Spy()
    runs = sweep(BASE, blobs, 3, spy, batch_size=(10, 20))
    trained = sorted((config.batch_size, config.seed) for config in spy.trained)
    assert trained == [(10, 2), (20, 0), (20, 1), (20, 2)]
    assert [(h.config.batch_size, h.config.seed) for h in runs.histories.flat] == [
        (size, seed) for size in (10, 20) for seed in range(3)
    ]


def test_an_edit_of_the_code_that_trains_retrains(blobs, folder, monkeypatch):
    sweep(BASE, blobs, 2, Spy())
    monkeypatch.setattr(facts_module, "_code", lambda rooms: "edited")
    spy = Spy()
    sweep(BASE, blobs, 2, spy)
    assert len(spy.trained) == 2
    assert len(entries(folder)) == 4


def test_another_arithmetic_retrains(blobs, folder, monkeypatch):
    sweep(BASE, blobs, 2, Spy())
    zen = HERE._replace(blas_core="Zen")
    monkeypatch.setattr(arithmetic, "REFERENCE", zen)
    monkeypatch.setattr(arithmetic, "in_force", lambda: zen)
    spy = Spy()
    sweep(BASE, blobs, 2, spy)
    assert len(spy.trained) == 2


# Whose runs


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"code": "edited"}, "other code"),
        ({"data": "torn"}, "other data"),
        (
            {"arithmetic": HERE._replace(blas_core="Zen", threads=2)},
            "BLAS core Zen, not Haswell, BLAS threads 2, not 1",
        ),
        ({"arithmetic": HERE._replace(numpy="2.5.0")}, "numpy 2.5.0, not 2.4.6"),
    ],
)
def test_runs_under_other_facts_are_refused_by_name(blobs, folder, told, words):
    with pytest.raises(RuntimeError) as error:
        sweep(BASE, blobs, 2, Spy(**told))
    assert f"worker process 7 on far computed with {words}; its runs are dropped" in str(
        error.value
    )
    assert entries(folder) == {}


def test_runs_of_threads_are_neither_stored_nor_looked_up(blobs, folder, monkeypatch):
    with ThreadPoolExecutor(1) as threads:
        sweep(BASE, blobs, 2, threads)
    assert entries(folder) == {}
    sweep(BASE, blobs, 2, Spy())
    monkeypatch.setattr(nn, "batchnorm_forward", None)
    spy = Spy(memory=worker().memory)
    sweep(BASE, blobs, 2, spy)
    assert len(spy.trained) == 2


def test_a_thread_among_processes_is_not_believed(blobs, folder):
    """An executor that sends some runs to this process: what it trains there is not stored."""

    class Mixed(Spy):
        def told(self, result):
            told = super().told(result)
            return told if isinstance(told, Worker) else told._replace(worker=worker())

    sweep(BASE, blobs, 2, Mixed())
    assert entries(folder) == {}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_fork_is_this_process_and_a_process_of_its_own_is_not(method):
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        theirs = pool.submit(worker).result()
    assert theirs.name != worker().name
    assert (theirs.memory == worker().memory) == (method == "fork")


def test_an_interrupted_sweep_keeps_the_runs_that_finished(blobs, folder):
    with pytest.raises(KeyboardInterrupt):
        sweep(BASE, blobs, 5, Spy(stop_after=0))
    assert entries(folder) == {}
    with pytest.raises(KeyboardInterrupt):
        sweep(BASE, blobs, 5, StopsWhenStored(folder, 3))
    kept = {path: path.stat().st_mtime_ns for path in entries(folder)}
    assert len(kept) == 3
    spy = Spy()
    sweep(BASE, blobs, 5, spy)
    assert len(spy.trained) == 2
    assert len(entries(folder)) == 5
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


class StopsWhenStored(Spy):
    """Its futures end one by one: each when the run before it lies in the store."""

    def __init__(self, folder, stop_after):
        super().__init__()
        self.folder, self.stop_after, self.pending = folder, stop_after, []

    def submit(self, function, *arguments):
        if function is not make_runs:
            return super().submit(function, *arguments)
        future = _Chained(self, len(self.pending), function, arguments)
        self.pending.append(future)
        if len(self.pending) == 1:
            future.run()
        return future


class _Chained(Future):
    """A future that starts the next one when its result is taken."""

    def __init__(self, owner, number, function, arguments):
        super().__init__()
        self.owner, self.number, self.job = owner, number, (function, arguments)

    def run(self):
        function, arguments = self.job
        if self.number == self.owner.stop_after:
            self.set_exception(KeyboardInterrupt())
        else:
            self.set_result(self.owner.told(function(*arguments)))

    def result(self, timeout=None):
        value = super().result(timeout)
        if self.number + 1 < len(self.owner.pending):
            self.owner.pending[self.number + 1].run()
        return value


def test_force_trains_again_and_stores_anew(blobs, folder, monkeypatch):
    sweep(BASE, blobs, 2, Spy())
    before = {path: path.stat().st_ino for path in entries(folder)}
    contents = entries(folder)
    monkeypatch.setenv(FORCE, "1")
    spy = Spy()
    sweep(BASE, blobs, 2, spy)
    assert len(spy.trained) == 2
    assert entries(folder) == contents
    assert all(path.stat().st_ino != inode for path, inode in before.items())


def test_a_sweep_without_a_store_stores_nothing(blobs, folder, monkeypatch, tmp_path):
    monkeypatch.delenv(STORE_FOLDER)
    monkeypatch.chdir(tmp_path)
    spy = Spy()
    sweep(BASE, blobs, 2, spy)
    sweep(BASE, blobs, 2, spy)
    assert len(spy.trained) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["progress"]


def test_seeds_may_come_from_an_array(blobs, folder):
    runs = sweep(BASE, blobs, np.arange(2), Spy())
    assert runs.histories.shape == (2,)


def test_scales_may_come_from_an_array(blobs, folder):
    scales = np.logspace(-2, 0, 2)
    one = sweep(BASE, blobs, 2, Spy(), weight_scale=scales)
    spy = Spy()
    other = sweep(BASE, blobs, 2, spy, weight_scale=scales.tolist())
    assert not spy.trained
    np.testing.assert_array_equal(one.values("loss"), other.values("loss"))


# Which store


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project, and a folder in it to work in; no store is named."""
    monkeypatch.delenv(STORE_FOLDER, raising=False)
    monkeypatch.delenv(FORCE, raising=False)
    root = tmp_path / "project"
    (root / "notebooks").mkdir(parents=True)
    (root / "requirements.lock").touch()
    monkeypatch.chdir(root / "notebooks")
    return root


def test_the_store_is_in_the_project_around_the_current_folder(project, monkeypatch):
    assert store_of_this_process().folder == project / "build" / "runs"
    monkeypatch.chdir(project)
    assert store_of_this_process().folder == project / "build" / "runs"
    assert not (project / "build").exists()


@pytest.mark.parametrize("missing", ["notebooks", "requirements.lock"])
def test_no_store_outside_a_project(project, monkeypatch, missing):
    monkeypatch.chdir(project)
    (project / missing).rename(project.parent / "gone")
    assert store_of_this_process() is None


def test_the_store_that_is_named_wins(project, monkeypatch, tmp_path):
    monkeypatch.setenv(STORE_FOLDER, str(tmp_path / "named"))
    assert store_of_this_process().folder == tmp_path / "named"


@pytest.mark.parametrize(("value", "forced"), [("1", True), ("0", False), ("", False)])
def test_force_is_read_from_the_environment(project, monkeypatch, value, forced):
    monkeypatch.setenv(FORCE, value)
    assert store_of_this_process().force is forced


def test_what_is_stored_names_its_config(folder):
    path = stored(folder)
    with np.load(io.BytesIO(path.read_bytes()[65:]), allow_pickle=False) as arrays:
        rest = json.loads(str(arrays["rest"]))
    assert TrainingConfig(**rest["config"]) == made_up().config
    assert rest["config"] == json.loads(json.dumps(asdict(made_up().config)))
