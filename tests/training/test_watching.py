"""A run that is looked at on its way is the same run."""

from dataclasses import fields, replace

import numpy as np
import pytest

from normlab.training.config import METHODS, TrainingConfig
from normlab.training.course import train

CONFIG = TrainingConfig(
    hidden_dims=(8, 6),
    batch_size=10,
    epochs=2,
    evaluations=4,
    weight_scale=0.3,
    learning_rate=1e-2,
    signals=True,
    dropout_keep_ratio=0.8,
)


def numbers(history):
    """All that a history holds, by name, but for its config."""
    found = {f.name: getattr(history, f.name) for f in fields(history)}
    del found["config"]
    for when, kinds in found.pop("signals").items():
        for kind, sizes in kinds.items():
            found[f"{when} {kind}"] = np.column_stack([sizes.quantiles, sizes.zeros])
    return found


def watched(config, data):
    """The history, and those so far after each update."""
    seen = []
    history = train(config, data, watch=lambda so_far: seen.append(so_far()))
    return history, seen


@pytest.mark.parametrize("normalization", METHODS)
def test_the_history_is_that_of_train_to_the_last_bit(normalization, blobs):
    config = replace(CONFIG, normalization=normalization)
    history, _ = watched(config, blobs)
    wanted = numbers(train(config, blobs))
    for name, value in numbers(history).items():
        np.testing.assert_array_equal(value, wanted[name], err_msg=name)


def test_histories_so_far_are_the_beginning_of_the_whole(blobs):
    history, seen = watched(CONFIG, blobs)
    assert len(seen) == len(history.loss) == 12
    for update, part in enumerate(seen, start=1):
        np.testing.assert_array_equal(part.loss, history.loss[:update])
        number = int((history.evaluated_at <= update).sum())
        for name in ("evaluated_at", "train_accuracy", "val_accuracy"):
            np.testing.assert_array_equal(getattr(part, name), getattr(history, name)[:number])
    now = [part.signals["end"]["activation"].quantiles for part in seen]
    assert not np.array_equal(now[0], now[5])
    np.testing.assert_array_equal(now[-1], history.signals["end"]["activation"].quantiles)


def test_what_watching_raises_ends_the_run(blobs):
    def stop(so_far):
        if len(so_far().loss) == 3:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        train(CONFIG, blobs, watch=stop)


def test_a_run_that_diverges_is_watched_to_there(blobs):
    history, seen = watched(replace(CONFIG, update_rule="sgd", learning_rate=1e30), blobs)
    assert seen[-1].diverged_at == history.diverged_at == len(seen[-1].loss)
    assert np.isnan(seen[-1].signals["end"]["activation"].quantiles).all()
