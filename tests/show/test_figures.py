import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from normlab.show import drawing, drawings, figures
from normlab.show.gradient_checks import error_against_step
from normlab.show.methods import LOOKS, SOFT, look
from normlab.show.series import ahead, series_of
from normlab.show.svg import svg
from normlab.stats.intervals import mean_interval, smooth
from normlab.training.config import METHODS

SVG = "{http://www.w3.org/2000/svg}"
STEPS = np.logspace(-12, -1, 9)
ERRORS = {
    "central difference": np.abs(np.log10(STEPS) + 5)[:, None] * [1e-9, 2e-9, 3e-9] + 1e-12,
    "complex step": np.full((9, 3), 1e-15),
}


def answer_curves(sweep):
    return figures.answer_curves(sweep, "train_accuracy", 1000, 10)


MAKERS = {
    "training_curves": lambda make: figures.training_curves(make(), 1000, 10),
    "lead": lambda make: figures.lead(make(), 1000),
    "signals_by_depth": lambda make: figures.signals_by_depth(make()),
    "against_scale": lambda make: figures.against_scale(
        make(weight_scale=(0.001, 0.1, 1.0)), 50, 10
    ),
    "decades_against_required": lambda make: figures.decades_against_required(
        make(weight_scale=(0.001, 0.1, 1.0))
    ),
    "ablation": lambda make: figures.ablation(
        make(weight_scale=(0.001, 0.1, 1.0), eps=(1e-5, 1e-12), reference_scale=(None, 0.05))
    ),
    "against_batch_size": lambda make: figures.against_batch_size(
        {"10 epochs": make(batch_size=(2, 5, 50)), "9 updates": make(batch_size=(2, 5, 50))}, 10
    ),
    "against_width": lambda make: figures.against_width(make(hidden_dims=((2, 2), (9, 9))), 10),
    "mode_gap": lambda make: figures.mode_gap({"10 epochs": make(batch_size=(2, 5, 50))}),
    "error_against_step": lambda make: error_against_step(STEPS, ERRORS),
    "answer_curves": lambda make: answer_curves(make()),
    "answer_scales": lambda make: figures.answer_scales(
        make(weight_scale=(0.001, 0.1, 1.0)), 50, 10
    ),
    "answer_batch_sizes": lambda make: figures.answer_batch_sizes(make(batch_size=(2, 5, 50)), 10),
}


def means_of(axis):
    """The lines of means, without single runs, marks and the points that tell their values."""
    lines = [line for line in axis.lines if line.get_linewidth() > 1]
    return [line for line in lines if line.get_linestyle() != "None"]


def single_runs(axis):
    lines = [line for line in axis.lines if line.get_linewidth() < 1]
    return [line for line in lines if line.get_alpha()]


@pytest.fixture(params=MAKERS)
def maker(request, made_up):
    return lambda: MAKERS[request.param](made_up)


def test_a_figure_is_the_same_text_each_time_and_stands_alone(maker):
    before = dict(matplotlib.rcParams)
    figure = maker()
    assert isinstance(figure, Figure)
    text = svg(figure, "name")
    assert svg(maker(), "name") == text
    assert dict(matplotlib.rcParams) == before

    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert all(name.startswith("name-") for name in ids)
    used = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text)
    assert used
    assert {a or b for a, b in used} <= set(ids)
    assert not re.search(r'href="(?!#)|<script|<image|<dc:date|<dc:creator', text)
    assert "0x" not in text


def test_every_axis_has_a_name(maker):
    for axis in maker().axes:
        shared = [a for a in axis.get_shared_x_axes().get_siblings(axis) if a.get_xlabel()]
        assert shared, "no name on the x axis"
        named = [a for a in axis.get_shared_y_axes().get_siblings(axis) if a.get_ylabel()]
        assert named or axis.get_title("left"), "no name on the y axis"


def test_two_figures_fit_on_one_page(made_up):
    ids = Counter()
    for name in ("first", "second"):
        text = svg(answer_curves(made_up()), name)
        ids.update(re.findall(r'\bid="([^"]+)"', text))
    assert max(ids.values()) == 1


def test_a_figure_that_is_drawn_twice_is_the_same_text(made_up):
    figure = answer_curves(made_up())
    assert svg(figure, "name") == svg(figure, "name")


SCRIPT = """
import sys
import numpy as np
from normlab.show.gradient_checks import error_against_step
from normlab.show.svg import svg
errors = {"a": np.full((9, 2), 1e-9), "b": np.full((9, 2), 1e-15)}
text = svg(error_against_step(np.logspace(-9, -1, 9), errors), "fig")
assert "matplotlib.pyplot" not in sys.modules, "pyplot was imported"
sys.stdout.write(text)
"""


def in_a_new_process(folder, **environment):
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment,
        cwd=folder,
        check=True,
        encoding="utf-8",
        capture_output=True,
    ).stdout


def test_the_surroundings_do_not_matter_and_pyplot_is_not_imported(tmp_path):
    ours = in_a_new_process(tmp_path, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C")
    (tmp_path / "matplotlibrc").write_text("axes.labelsize: 20\nsvg.fonttype: path\n", "utf-8")
    theirs = in_a_new_process(
        tmp_path, PYTHONHASHSEED="42", TZ="Asia/Kolkata", LC_ALL="de_DE.UTF-8", PYTHONUTF8="1"
    )
    assert ours.startswith("<svg")
    assert ours == theirs


def test_colour_means_method(made_up):
    assert set(METHODS) <= set(LOOKS)
    assert [look(m).color for m in METHODS] == ["#767676", "#0072b2", "#e69f00"]
    for methods in (METHODS, METHODS[::-1], ("layernorm", "none")):
        figure = answer_curves(made_up(normalization=methods))
        (axis,) = figure.axes
        shown = {text.get_text(): text.get_color() for text in axis.texts}
        assert shown.pop("guessing") == SOFT
        assert shown == {look(m).label: look(m).text for m in methods}
        means = means_of(axis)
        assert [to_hex(line.get_color()) for line in means] == [look(m).color for m in methods]


def test_lines_are_means_over_seeds(made_up):
    sweep = made_up()
    (axis,) = answer_curves(sweep).axes
    means = means_of(axis)
    for method, line in zip(METHODS, means, strict=True):
        expected = sweep.values("train_accuracy", normalization=method).mean(axis=0)
        np.testing.assert_allclose(line.get_ydata(), expected)
        np.testing.assert_allclose(line.get_xdata(), sweep.updates * 50 / 1000)  # epochs


@pytest.mark.parametrize("seeds", [2, 3])
def test_few_seeds_are_drawn_as_single_runs(seeds, made_up):
    figure = figures.training_curves(made_up(seeds=range(seeds)), 1000, 10)
    for axis in figure.axes:
        assert len(axis.collections) == (0 if seeds < 3 else len(METHODS))  # bands
        assert len(single_runs(axis)) == len(METHODS) * seeds
    assert ("bands" in figure.caption) == (seeds >= 3)
    assert "single runs" in figure.caption
    errors = {name: values[:, :seeds] for name, values in ERRORS.items()}
    (axis,) = error_against_step(STEPS, errors).axes
    assert len(axis.collections) == (0 if seeds < 3 else 2)
    assert len(single_runs(axis)) == (0 if seeds >= 3 else 4)


def test_bands_and_numbers_of_accuracies_stay_between_nothing_and_all(made_up):
    figure = figures.training_curves(made_up(seeds=(0, 1)), 1000, 10)
    shown = [row for row in figure.numbers if "accuracy" in row[0]]
    assert shown
    assert all(0 <= low <= mean <= high <= 1 for _, _, _, mean, low, high, *_ in shown)


def test_the_gap_between_modes_is_that_of_batch_normalization(made_up):
    sweep = made_up(batch_size=(2, 5, 50))
    (axis,) = figures.mode_gap({"a": sweep}).axes
    (mean,) = means_of(axis)
    expected = 100 * sweep.values("mode_gap", normalization="batchnorm").mean(axis=1)
    np.testing.assert_allclose(mean.get_ydata(), expected)


def test_he_is_marked(made_up):
    axis = MAKERS["against_scale"](made_up).axes[0]
    assert "He" in [text.get_text() for text in axis.texts]
    assert any(np.allclose(line.get_xdata(), 0.2) for line in axis.lines)


@pytest.mark.parametrize("name", ["training_curves", "against_scale", "signals_by_depth"])
def test_names_at_the_ends_of_lines_do_not_overlap(name, made_up):
    def flat(**fields):
        sweep = made_up(**fields)
        for history in sweep.histories.flat:
            for values in (history.loss, history.train_accuracy, history.test_accuracy):
                values[-15:] = 0.5
        return sweep

    figure = MAKERS[name](flat)
    svg(figure, "name")
    for axis in figure.axes:
        names = [
            text for text in axis.texts if text.get_text() in {one.label for one in LOOKS.values()}
        ]
        heights = sorted(text.xy[1] for text in names)
        assert len(heights) == 3
        assert min(np.diff(heights)) >= 0.08 - 1e-6
        assert 0 - 1e-6 <= heights[0] <= heights[-1] <= 1 + 1e-6


@pytest.mark.parametrize(
    "places", [[0.5, 0.5, 0.5], [0, 0.01, 0.02, 0.9], [0.1, 0.5, 0.9], [0.3], [0.2, 0.21, 0.29]]
)
def test_spread(places):
    moved = drawing.spread(places, 0.1)
    assert (np.diff(moved) >= 0.1 - 1e-6).all()
    assert moved.mean() == pytest.approx(np.mean(places))
    if min(np.diff(places), default=1) >= 0.1:
        np.testing.assert_array_equal(moved, places)


def test_smooth_is_the_mean_of_the_last_values():
    values = np.random.default_rng(0).random((2, 25))
    smoothed = smooth(values, window=10)
    np.testing.assert_allclose(smoothed[:, 24], values[:, 15:].mean(axis=1))
    np.testing.assert_allclose(smoothed[:, 9], values[:, :10].mean(axis=1))
    np.testing.assert_allclose(smoothed[:, 3], values[:, :4].mean(axis=1))
    np.testing.assert_allclose(smoothed[:, 0], values[:, 0])


def lost(sweep, methods):
    """``sweep`` as if the runs of ``methods`` had diverged."""
    for history in sweep.histories.flat:
        if history.config.normalization in methods:
            history.loss[5:] = np.nan
            for name in ("train", "val", "test"):
                getattr(history, f"{name}_accuracy")[1:] = 0.1
            for sizes in history.signals["end"].values():
                sizes.quantiles[:] = np.nan
    return sweep


@pytest.mark.parametrize("name", ["training_curves", "signals_by_depth", "against_scale"])
def test_one_method_that_diverged_leaves_a_gap(name, made_up):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = svg(MAKERS[name](lambda **f: lost(made_up(**f), ["none"])), "name")
    assert "nan" not in text.lower()


def test_all_methods_that_diverged_are_drawn_without_a_warning(made_up):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg(MAKERS["against_scale"](lambda **f: lost(made_up(**f), METHODS)), "name")


def test_the_style_is_in_the_package():
    assert Path(figures.__file__).with_name("normlab.mplstyle").is_file()


def test_a_figure_keeps_the_numbers_that_it_shows(made_up):
    sweep = made_up()
    figure = figures.training_curves(sweep, 1000, 10)
    seeds = ("seed 0", "seed 1", "seed 2")
    assert figure.header == ("panel", "line", "epochs", "mean", "low", "high", *seeds)
    rows = [row for row in figure.numbers if row[:2] == ("test accuracy", "batch norm")]
    runs = sweep.values("test_accuracy", normalization="batchnorm").T
    expected = mean_interval(runs)
    np.testing.assert_allclose([row[6:] for row in rows], runs)
    np.testing.assert_allclose([row[2] for row in rows], sweep.updates * 50 / 1000)
    np.testing.assert_allclose([row[3:6] for row in rows], np.transpose(expected))
    panels = {axis.get_title("left") for axis in figure.axes}
    assert {row[0] for row in figure.numbers} == panels
    assert {row[1] for row in figure.numbers} == {look(m).label for m in METHODS}


def test_every_figure_has_numbers_and_every_large_one_a_caption(maker):
    figure = maker()
    assert figure.numbers
    assert all(len(row) == len(figure.header) for row in figure.numbers)
    assert figure.caption or figure.get_figwidth() < 4.5


def test_panels_do_not_reach_into_each_other(made_up):
    figure = MAKERS["training_curves"](made_up)
    svg(figure, "name")
    edges = [
        axis.get_tightbbox().transformed(figure.transFigure.inverted()) for axis in figure.axes
    ]
    for number, edge in enumerate(edges):
        assert number / 3 <= edge.x0 <= edge.x1 <= (number + 1) / 3


@pytest.mark.parametrize(
    ("limits", "ticks"),
    [
        ((2.0, 2.32), ["2", "2.1", "2.2", "2.3"]),
        ((0.15, 2.5), ["0.2", "0.5", "1", "2"]),
        ((1e-3, 1e3), ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]),
        ((1e-4, 1.0), ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1"]),
    ],
)
def test_ticks_are_round_numbers_that_can_be_read(limits, ticks):
    figure = drawing.PanelFigure(1, 1, "x")
    (axis,) = figure.axes
    axis.set(yscale="log", ylim=limits)
    figure.finished()
    shown = [tick.get_text() for tick in axis.get_yticklabels()]
    places = axis.get_yticks()
    inside = [t for t, p in zip(shown, places, strict=True) if limits[0] <= p <= limits[1]]
    assert inside == ticks


def test_the_sizes_of_batches_that_were_run_are_the_ticks(made_up):
    axis = MAKERS["answer_batch_sizes"](made_up).axes[0]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["2", "5", "50"]


def test_points_tell_their_values(made_up):
    sweep = made_up(batch_size=(2, 5, 50))
    text = svg(figures.answer_batch_sizes(sweep, 10), "name")
    titles = re.findall(r"<use [^>]*><title>([^<]*)</title></use>", text)
    assert len(titles) == 3 * len(METHODS)
    mean, low, high = mean_interval(
        100 * sweep.values("final_test_accuracy", normalization="none", batch_size=2)
    )
    assert titles[0] == f"none, batch size 2: {mean:.1f} % ({low:.1f} to {high:.1f})"


def test_a_caption_speaks_of_single_runs_only_where_they_are_drawn(made_up):
    sweep = made_up()
    for single in (True, False):
        figure, axis = drawing.one_panel("epochs", "Accuracy.")
        drawing.lines(axis, sweep.updates, series_of(sweep, "test_accuracy"), "a", single=single)
        faint = ", faint lines single runs" if single_runs(axis) else ""
        assert bool(faint) == single
        bands = f"bands their 95 % intervals{faint}"
        assert figure.finished().caption == f"Accuracy. Lines are means over 3 seeds, {bands}."


def test_a_series_has_its_seeds_first_and_is_ahead_of_itself_by_nothing(made_up):
    sweep = made_up(batch_size=(2, 5), eps=(1e-5, 1e-12))
    series = series_of(sweep, "final_test_accuracy", eps=1e-12)
    expected = sweep.values("final_test_accuracy", normalization="none", eps=1e-12)
    np.testing.assert_array_equal(series["none"], expected.T)
    curves = series_of(sweep, "loss", by="batch_size", normalization="none", eps=1e-5)
    expected = sweep.values("loss", normalization="none", batch_size=5, eps=1e-5)
    np.testing.assert_array_equal(curves[5], expected)

    points = ahead(made_up(), "final_test_accuracy", "batchnorm")
    difference = made_up().difference("final_test_accuracy", "layernorm", "batchnorm")
    assert set(points) == set(METHODS) - {"batchnorm"}
    np.testing.assert_array_equal(points["layernorm"], 100 * difference)


@pytest.mark.parametrize(("x", "named"), [((2, 5, 50), True), ((0.02, 0.05, 0.5), False)])
def test_whole_numbers_that_were_swept_are_the_ticks(x, named):
    _, axis = drawing.one_panel("x")
    drawing.against(axis, x, {"none": np.arange(6.0).reshape(2, 3)}, "y")
    assert axis.get_xscale() == "log"
    assert ([tick.get_text() for tick in axis.get_xticklabels()] == [*map(str, x)]) == named


def test_many_runs_are_not_drawn_one_by_one(made_up):
    figure = figures.training_curves(made_up(seeds=range(11)), 1000, 10)
    assert not single_runs(figure.axes[0])
    assert "single runs" not in figure.caption


@pytest.mark.parametrize("draw", [drawings.normalized_axes, drawings.two_values])
def test_a_drawing_has_a_caption_and_is_the_same_each_time(draw):
    assert draw().caption.endswith(".")
    assert svg(draw(), "name") == svg(draw(), "name")
