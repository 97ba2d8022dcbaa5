"""The playground: turn a control, look at what is drawn."""

import asyncio
import re
import threading
import time
from dataclasses import fields, replace

import numpy as np
import pytest

from normlab.runs.facts import facts
from normlab.runs.store import run_keys, store_of_this_process
from normlab.show import playground as module
from normlab.show.playground import Playground
from normlab.training.config import TrainingConfig
from normlab.training.course import train

CONFIG = TrainingConfig(
    hidden_dims=(8, 8), batch_size=10, epochs=2, weight_scale=0.3, learning_rate=1e-2, signals=True
)
LONG = replace(CONFIG, epochs=100_000)  # some minutes, unless it is stopped

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    """Run the tests in an asyncio loop, as a kernel has one."""
    return "asyncio"


async def until(condition, seconds=30):
    """Let the loop work until ``condition()`` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.01)


def says(playground, text):
    return lambda: text in playground.status.value


def same(ours, theirs):
    for field in fields(ours):
        if field.name != "signals":
            np.testing.assert_equal(getattr(ours, field.name), getattr(theirs, field.name))
    for when, kinds in ours.signals.items():
        for kind, sizes in kinds.items():
            np.testing.assert_equal(vars(sizes), vars(theirs.signals[when][kind]))


def trainings():
    return [t for t in threading.enumerate() if "_train" in t.name]


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*args):
        raise AssertionError("trained although it is stored")

    monkeypatch.setattr(module, "train", refuse)


async def test_a_finished_run_is_that_of_train_and_is_kept_but_not_stored(blobs):
    playground = Playground(CONFIG, blobs)
    await until(says(playground, "trained here: update 12 of 12, loss "))
    wanted = train(CONFIG, blobs)
    same(playground.history, wanted)
    assert stored(CONFIG, blobs) is None
    playground.controls["batch_size"].value = 20
    await until(says(playground, "trained here: update 6 of 6"))
    playground.controls["batch_size"].value = CONFIG.batch_size
    await until(says(playground, "trained before: update 12 of 12"))
    same(playground.history, wanted)


def stored(config, data):
    return store_of_this_process().get(*run_keys([config], facts(data)), config)


async def test_a_run_of_a_sweep_is_drawn_without_training(blobs, no_training):
    configs = [replace(CONFIG, normalization=name) for name in ("none", "layernorm")]
    histories = [train(config, blobs) for config in configs]
    for key, history in zip(run_keys(configs, facts(blobs)), histories, strict=True):
        store_of_this_process().put(key, history)
    playground = Playground(CONFIG, blobs)
    await until(says(playground, "from the run store: update 12 of 12"))
    same(playground.history, histories[0])
    playground.controls["normalization"].value = "layernorm"
    await until(lambda: playground.history.config.normalization == "layernorm")
    same(playground.history, histories[1])


async def test_each_control_asks_for_its_run(blobs):
    playground = Playground(CONFIG, blobs)
    await until(lambda: playground.history)
    wanted = CONFIG
    for control, value, field in (
        ("normalization", "batchnorm", {}),
        ("depth", 4, {"hidden_dims": (8,) * 4}),
        ("width", 20, {"hidden_dims": (20,) * 4}),
        ("weight_scale", 0.02, {}),
        ("batch_size", 20, {}),
        ("learning_rate", 0.001, {}),
    ):
        before = playground.picture.value
        playground.controls[control].value = value
        await until(lambda: playground.picture.value != before)  # noqa: B023
        wanted = replace(wanted, **(field or {control: value}))
        assert playground.history.config == wanted


async def test_it_is_drawn_while_it_trains_and_another_takes_its_place(blobs, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.05)
    playground = Playground(LONG, blobs)
    seen = set()
    await until(lambda: seen.add(playground.picture.value) or len(seen) >= 4)
    assert 0 < len(playground.history.loss) < LONG.num_updates(60)
    assert re.match(r"training: update \d+ of 600000, loss", playground.status.value)
    playground.controls["batch_size"].value = 20
    await until(lambda: playground.history.config.batch_size == 20)
    await until(lambda: len(trainings()) == 1)
    playground.stop()
    await until(lambda: not trainings())


async def test_a_new_playground_ends_what_the_one_before_trains(blobs):
    first = Playground(LONG, blobs)
    second = Playground(CONFIG, blobs)
    assert first.status.value == "stopped"
    await until(says(second, "trained here"))
    await until(lambda: not trainings())


async def test_what_makes_no_sense_is_one_line_and_stops_the_run(blobs):
    playground = Playground(replace(LONG, normalization="batchnorm"), blobs)
    playground.controls["batch_size"].value = 1
    assert playground.status.value.startswith("TrainingConfig: batch_size is 1; expected ")
    assert "\n" not in playground.status.value
    await until(lambda: not trainings())


async def test_an_error_while_training_is_one_line(blobs, monkeypatch):
    def fail(*args):
        raise OSError("no space\nleft <here>")

    monkeypatch.setattr(module, "train", fail)
    playground = Playground(CONFIG, blobs)
    await until(says(playground, "OSError: no space left &lt;here&gt;"))


async def test_a_run_that_diverges(blobs):
    playground = Playground(replace(CONFIG, update_rule="sgd", learning_rate=1e30), blobs)
    await until(says(playground, "trained here: diverged at update "))
    assert "<svg" in playground.picture.value


async def test_the_picture_is_described_and_fits(blobs):
    playground = Playground(CONFIG, blobs)
    await until(lambda: playground.history)
    assert re.match(
        r'<div role="img" aria-label="Loss, .*: update 12 of 12, .*"><svg style="max-width: 100%',
        playground.picture.value,
    )


async def test_values_that_are_no_choice_join_the_choices(blobs):
    playground = Playground(replace(CONFIG, learning_rate=0.0123), blobs)
    assert playground.controls["learning_rate"].value == 0.0123
    labels = [label for label, _ in playground.controls["learning_rate"].options]
    assert labels[labels.index("0.0123") - 1 :][:3] == ["0.01", "0.0123", "0.02"]
    playground.stop()


async def test_show_displays_all_controls(blobs, monkeypatch):
    shown = []
    monkeypatch.setattr(module, "display", shown.append)
    playground = Playground(CONFIG, blobs)
    playground.show()
    (box,) = shown
    normalization, grid, status, picture = box.children
    assert [normalization, *grid.children] == list(playground.controls.values())
    assert (status, picture) == (playground.status, playground.picture)
    playground.stop()


def test_outside_of_a_notebook(blobs):
    with pytest.raises(RuntimeError, match=r"^Playground: no asyncio loop is running; use a note"):
        Playground(CONFIG, blobs)
