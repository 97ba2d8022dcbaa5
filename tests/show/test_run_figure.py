"""The figure of one run, on its way and at its end."""

from dataclasses import replace

import numpy as np
import pytest

from normlab.show.run_figure import run_figure
from normlab.show.svg import svg

NUM_TRAIN = 1000


@pytest.fixture
def history(made_up):
    """40 updates of 200."""
    return made_up().histories[1, 0]


def test_it_reaches_to_the_end_of_the_run_from_the_beginning(history):
    loss, accuracy, activations = run_figure(history, NUM_TRAIN).axes
    assert loss.get_xlim() == accuracy.get_xlim() == (0, 10)
    assert loss.lines[1].get_xdata()[-1] == 2  # epochs
    assert [axis.get_title("left") for axis in (loss, accuracy, activations)] == [
        "training loss",
        "accuracy",
        "size of activations",
    ]


def test_it_draws_what_the_history_holds(history):
    loss, accuracy, activations = run_figure(history, NUM_TRAIN).axes
    np.testing.assert_array_equal(loss.lines[0].get_ydata(), history.loss)
    np.testing.assert_array_equal(accuracy.lines[0].get_ydata(), history.train_accuracy)
    np.testing.assert_array_equal(accuracy.lines[1].get_ydata(), history.val_accuracy)
    medians = history.signals["end"]["activation"].quantiles[:, 2]
    np.testing.assert_array_equal(activations.lines[1].get_ydata(), medians)


def test_a_run_of_which_nothing_is_finite(history):
    sizes = replace(history.signals["end"]["activation"], quantiles=np.full((3, 5), np.nan))
    lost = replace(
        history,
        loss=np.full(40, np.nan),
        diverged_at=1,
        signals={when: {"activation": sizes} for when in ("start", "end")},
    )
    assert "<svg" in svg(run_figure(lost, NUM_TRAIN), "lost")


def test_the_drawing_of_a_long_run_stays_small(history):
    loss = 1 + np.random.default_rng(0).random(100_000)
    short = svg(run_figure(replace(history, loss=loss[:2000]), NUM_TRAIN), "short")
    long = svg(run_figure(replace(history, loss=loss), NUM_TRAIN), "long")
    assert len(long) < 1.1 * len(short)
