"""What the notebooks call: training runs, sweeps, statistics, claims, figures, display."""

from normlab.study import figures
from normlab.study.claims import Bound, Effect, Verdict, judge
from normlab.study.counting import backward_counts
from normlab.study.display import (
    note_arithmetic,
    percent,
    points,
    prose,
    publish,
    show,
    show_claims,
    show_table,
)
from normlab.study.gradient_checks import gradient_table, step_errors, step_table
from normlab.study.identities import identities
from normlab.study.own_layers import own_layers_table, show_own_layers
from normlab.study.statistics import (
    Interval,
    decades_that_train,
    fraction_interval,
    fraction_to_reach,
    he_scale,
    mean_interval,
)
from normlab.study.summary import decades_along_depth, signal_table, summary
from normlab.study.sweeps import Sweep, sweep
from normlab.study.tables import Table, cell
from normlab.training.config import METHODS, NAMES, TrainingConfig
from normlab.training.course import train
from normlab.training.histories import History

__all__ = [
    "METHODS", "NAMES", "Bound", "Effect", "History", "Interval", "Sweep", "Table",
    "TrainingConfig", "Verdict", "backward_counts", "cell", "decades_along_depth",
    "decades_that_train", "figures", "fraction_interval", "fraction_to_reach", "gradient_table",
    "he_scale", "identities", "judge", "mean_interval", "note_arithmetic", "own_layers_table",
    "percent", "points", "prose", "publish", "show", "show_claims", "show_own_layers",
    "show_table", "signal_table", "step_errors", "step_table", "summary", "sweep", "train",
]  # fmt: skip
