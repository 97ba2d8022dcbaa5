"""Controls for one training run, which is drawn while it trains.

A run that a sweep has finished comes from the run store, at once, and so does one that an earlier
turn of a control has finished, from memory. Any other trains in a thread, so that the kernel stays
free; what threads train is never stored, for a person may have changed anything in their process.
Sweeps always compute by the reference arithmetic, so their runs are found in the kernel named
normlab, which does so too.
"""

import asyncio
import contextlib
import html
import threading
import time
from dataclasses import replace

import ipywidgets as widgets
from IPython.display import display

from normlab.runs.facts import facts
from normlab.runs.store import run_keys, store_of_this_process
from normlab.show.methods import look
from normlab.show.run_figure import run_figure
from normlab.show.svg import svg
from normlab.stats.intervals import smooth
from normlab.training.config import METHODS, TrainingConfig
from normlab.training.course import train
from normlab.training.histories import History

PAUSE = 0.3  # seconds between two drawings, at least
_SCALES = (*(float(f"{digit}e{power}") for power in range(-5, 0) for digit in (1, 2, 5)), 1.0)
_CHOICES = {
    "depth": tuple(range(1, 11)),
    "width": (10, 20, 50, 100, 200, 500),
    "weight_scale": _SCALES,
    "batch_size": (1, 2, 5, 10, 20, 50, 100, 200, 500),
    "learning_rate": _SCALES,
}


class Playground:
    """Six controls and the figure of the run that they ask for.

    Parameters
    ----------
    config : TrainingConfig
        Where the controls stand at first, and all that they do not set; its hidden layers
        count as wide as the first.
    data : dict
        As `train` takes it.

    Attributes
    ----------
    controls : dict
        Name -> widget: normalization, depth, width, weight_scale, batch_size, learning_rate.
    status : widgets.HTML
        One line: how far the run is, how it ended, or what is wrong.
    picture : widgets.HTML
        The figure, as SVG.
    history : History or None
        What the figure shows.

    It is made in a notebook, or elsewhere in a running asyncio loop: there it draws. What the
    playground made before it still trains, when its cell is run again, is stopped.
    """

    _latest = None

    def __init__(self, config: TrainingConfig, data: dict):
        self.data, self.base = data, replace(config, signals=True)
        self.controls = _controls(config)
        self.status, self.picture = widgets.HTML(), widgets.HTML()
        self.history: History | None = None
        self._finished = {}  # config -> history; no store takes what a thread has trained
        self._loop, self._wanted, self._thread = _running_loop(), None, None
        for control in self.controls.values():
            control.observe(self._begin, "value")
        if Playground._latest:
            Playground._latest.stop()
        Playground._latest = self
        self._begin()

    def show(self) -> None:
        """Display the controls, the status and the figure."""
        normalization, *sliders = self.controls.values()
        columns = widgets.Layout(grid_template_columns="repeat(auto-fill, 26em)")
        grid = widgets.GridBox(sliders, layout=columns)
        display(widgets.VBox([normalization, grid, self.status, self.picture]))

    def stop(self) -> None:
        """End the run that is in training, if there is one."""
        self._wanted = None
        if self._thread and self._thread.is_alive():
            self._say("stopped")

    def _begin(self, _change=None):
        """Let the run that the controls ask for take the place of the one before."""
        self._wanted = None
        try:
            config = _config(self.base, {n: control.value for n, control in self.controls.items()})
        except ValueError as error:
            self._say(error)
            return
        self._wanted = config
        if history := self._finished.get(config):
            self._post(self._draw, config, history, "trained before")
            return
        if history := self._stored(config):
            self._post(self._draw, config, history, "from the run store")
            return
        self._say("training")
        self._thread = threading.Thread(target=self._train, args=(config,), daemon=True)
        self._thread.start()

    def _stored(self, config):
        """The history that a sweep has left in the run store, if there is one."""
        store = store_of_this_process()
        return store and store.get(*run_keys([config], facts(self.data)), config)

    def _train(self, config):
        """In a thread: train to the end and keep the run, or end where it is not wanted more."""
        try:
            history = train(config, self.data, self._watch(config))
            self._finished[config] = history
            self._post(self._draw, config, history, "trained here")
        except _UnwantedError:
            pass
        except Exception as error:
            self._post(self._say, f"{type(error).__name__}: {error}", config)

    def _watch(self, config):
        """What `train` calls after each update: has the run drawn now and then."""
        is_drawn, due = threading.Event(), time.monotonic() + PAUSE
        is_drawn.set()

        def watch(so_far):
            nonlocal due
            if config is not self._wanted:
                raise _UnwantedError
            if is_drawn.is_set() and time.monotonic() >= due:
                is_drawn.clear()
                self._post(self._draw, config, so_far(), "training", is_drawn)
                is_drawn.wait(1)  # training would slow the drawing down
                due = time.monotonic() + PAUSE

        return watch

    def _post(self, function, *arguments):
        """Let the loop call ``function``; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody looks on
            self._loop.call_soon_threadsafe(function, *arguments)

    def _draw(self, config, history, origin, is_drawn=None):
        try:
            if config is self._wanted:
                num_train = config.num_train or len(self.data["y_train"])
                drawing = svg(run_figure(history, num_train), "playground")
                text = _text(history, num_train)
                self.history, self.picture.value = history, _picture(drawing, text)
                self._say(f"{origin}: {text}")
        finally:
            if is_drawn:
                is_drawn.set()

    def _say(self, text, config=None):
        if config is None or config is self._wanted:
            self.status.value = html.escape(" ".join(str(text).split()))


class _UnwantedError(Exception):
    """Another run is asked for."""


def _running_loop():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError("Playground: no asyncio loop is running; use a notebook") from None


def _controls(config):
    """The widgets, at the values of ``config``, which join the choices if they are others."""
    at = {
        "depth": len(config.hidden_dims),
        "width": config.hidden_dims[0],
        **{name: getattr(config, name) for name in ("weight_scale", "batch_size", "learning_rate")},
    }
    style = {"style": {"description_width": "7em"}}
    methods = [(look(method).label, method) for method in METHODS]
    controls = {
        "normalization": widgets.ToggleButtons(options=methods, value=config.normalization, **style)
    }
    for name, value in at.items():
        controls[name] = widgets.SelectionSlider(
            options=[(f"{choice:g}", choice) for choice in sorted({*_CHOICES[name], value})],
            value=value,
            description=name.replace("_", " "),
            continuous_update=False,
            **style,
        )
    return controls


def _config(base, values):
    """``base`` with the values of the controls."""
    hidden_dims = (values.pop("width"),) * values.pop("depth")
    return replace(base, hidden_dims=hidden_dims, **values)


def _text(history, num_train):
    """How far a run is, or how it ended, in a line."""
    if history.diverged_at is not None:
        return f"diverged at update {history.diverged_at}"
    return (
        f"update {len(history.loss)} of {history.config.num_updates(num_train)}, "
        f"loss {smooth(history.loss, 10)[-1]:.3g}, "
        f"training accuracy {history.final_train_accuracy:.1%}, "
        f"validation accuracy {history.final_val_accuracy:.1%}"
    )


def _picture(drawing, text):
    drawing = drawing.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)
    label = html.escape(f"Loss, accuracy and size of activations by depth: {text}")
    return f'<div role="img" aria-label="{label}">{drawing}</div>'
