import numpy as np
import pytest

from normlab.show.summary import signal_table, summary
from normlab.stats.intervals import mean_interval


def test_a_row_for_each_point_of_the_grid(made_up):
    sweep = made_up(batch_size=(5, 10))
    table = summary("Blobs.", sweep, {"loss at the end": "final_loss", "best": "best_val_accuracy"})
    assert table.caption == "Blobs. Means over 3 seeds, with 95 % intervals."
    assert table.columns == ("normalization", "batch size", "loss at the end", "best, %")
    assert [row[:2] for row in table.rows] == [
        (method, size) for method in ("none", "batch norm", "layer norm") for size in (5, 10)
    ]
    best = sweep.values("best_val_accuracy", normalization="none", batch_size=5)
    assert table.rows[0][3].mean == pytest.approx(100 * best.mean())
    expected = mean_interval(sweep.values("final_loss", normalization="batchnorm", batch_size=10))
    assert table.rows[3][2] == expected


def test_layers_of_one_width_are_named_by_it(made_up):
    table = summary("Widths", made_up(hidden_dims=((100, 100), (50, 40, 30))), {"a": "final_loss"})
    assert table.columns[1] == "width of a layer"
    assert table.rows[0][1] == 100
    assert "(50, 40, 30)" in table.plain()


def test_signal_table_holds_geometric_means_of_medians(made_up):
    sweep = made_up()
    table = signal_table(sweep)
    assert table.columns[3:] == ("layer 1", "layer 2", "layer 3")
    assert len(table.rows) == 3 * 2 * 2
    medians = sweep.signals("end", "gradient", "quantiles", normalization="batchnorm")[..., 2]
    (row,) = (row for row in table.rows if row[:3] == ("batch norm", "gradient", "end"))
    np.testing.assert_allclose(row[3:], np.prod(medians, axis=0) ** (1 / 3))


def test_decades_along_depth(made_up):
    sweep = made_up()
    for history in sweep.histories[0]:
        history.signals["start"]["activation"].quantiles[:, 2] = [1.0, 0.1, 0.01]
    decades = sweep.decades_along_depth("start", "activation", normalization="none")
    np.testing.assert_allclose(decades, [-2, -2, -2])
