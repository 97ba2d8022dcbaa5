"""What notebooks call: names from the rooms below, for runs, claims, figures and pages."""

from normlab import ledger
from normlab.ledger import judge
from normlab.ledger.deep import lead_after, share_of_updates
from normlab.ledger.scales import selected_by_validation
from normlab.runs.experiments import Measured, experiment
from normlab.runs.sweeps import Sweep, sweep
from normlab.show import (
    conv_figures,
    depth_figures,
    drawings,
    figures,
    invariance_figures,
    trained_figures,
    without_figures,
)
from normlab.show.counting import backward_counts
from normlab.show.display import (
    fold_table,
    note_arithmetic,
    prose,
    publish,
    question,
    references,
    show,
    show_claims,
    show_table,
)
from normlab.show.gradient_checks import (
    error_against_step,
    gradient_errors,
    step_errors,
    step_table,
)
from normlab.show.own_layers import answer_for, show_own_layers
from normlab.show.setup import setup_table
from normlab.show.summary import signal_table, summary
from normlab.show.tables import Table
from normlab.show.text import about, effect, number, percent, points
from normlab.stats.intervals import Interval, he_scale, mean_interval
from normlab.training.config import METHODS, SPATIAL_METHODS, TrainingConfig
from normlab.training.course import train
from normlab.training.histories import History

__all__ = [
    "METHODS",
    "SPATIAL_METHODS",
    "History",
    "Interval",
    "Measured",
    "Playground",  # noqa: F822
    "Sweep",
    "Table",
    "TrainingConfig",
    "about",
    "answer_for",
    "backward_counts",
    "conv_figures",
    "depth_figures",
    "drawings",
    "effect",
    "error_against_step",
    "experiment",
    "figures",
    "fold_table",
    "gradient_errors",
    "he_scale",
    "invariance_figures",
    "judge",
    "lead_after",
    "ledger",
    "mean_interval",
    "note_arithmetic",
    "number",
    "percent",
    "points",
    "prose",
    "publish",
    "question",
    "references",
    "selected_by_validation",
    "setup_table",
    "share_of_updates",
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
    "trained_figures",
    "without_figures",
]


def __getattr__(name):
    """The playground brings widgets along, so it is imported where it is asked for."""
    if name == "Playground":
        from normlab.show.playground import Playground

        return Playground
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
