"""What notebooks call: names from the rooms below, for runs, statistics, claims, figures."""

from normlab.runs.sweeps import Sweep, sweep
from normlab.show import figures
from normlab.show.counting import backward_counts
from normlab.show.display import (
    note_arithmetic,
    percent,
    points,
    prose,
    publish,
    show,
    show_claims,
    show_table,
)
from normlab.show.gradient_checks import gradient_table, step_errors, step_table
from normlab.show.identities import identities
from normlab.show.own_layers import own_layers_table, show_own_layers
from normlab.show.summary import decades_along_depth, signal_table, summary
from normlab.show.tables import Table, cell
from normlab.stats.claims import Bound, Effect, Verdict, judge
from normlab.stats.intervals import (
    Interval,
    decades_that_train,
    fraction_interval,
    fraction_to_reach,
    he_scale,
    mean_interval,
)
from normlab.training.config import METHODS, NAMES, TrainingConfig
from normlab.training.course import train
from normlab.training.histories import History

__all__ = [
    "METHODS",
    "NAMES",
    "Bound",
    "Effect",
    "History",
    "Interval",
    "Playground",  # noqa: F822
    "Sweep",
    "Table",
    "TrainingConfig",
    "Verdict",
    "backward_counts",
    "cell",
    "decades_along_depth",
    "decades_that_train",
    "figures",
    "fraction_interval",
    "fraction_to_reach",
    "gradient_table",
    "he_scale",
    "identities",
    "judge",
    "mean_interval",
    "note_arithmetic",
    "own_layers_table",
    "percent",
    "points",
    "prose",
    "publish",
    "show",
    "show_claims",
    "show_own_layers",
    "show_table",
    "signal_table",
    "step_errors",
    "step_table",
    "summary",
    "sweep",
    "train",
]


def __getattr__(name):
    """The playground brings widgets along, so it is imported where it is asked for."""
    if name == "Playground":
        from normlab.show.playground import Playground

        return Playground
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
