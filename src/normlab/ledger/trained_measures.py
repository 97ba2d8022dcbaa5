"""What claims on training measure of the grids of its experiments, seed by seed."""

import numpy as np

TRAINS = 0.7  # nats: a net whose loss at the end is below this has trained


def largest_rate(rates, normalization):
    """The largest learning rate at which a net trains, (seeds,).

    Half of the least that was tried where it trains at none.
    """
    tried = np.array(rates.fields["learning_rate"])
    trains = rates.values("loss", normalization=normalization) < TRAINS
    return np.where(trains, tried[:, None], tried.min() / 2).max(axis=0)


def at_best_rate(rates, normalization):
    """Test accuracy at the rate that is best on validation images, (seeds,)."""
    val, test = (rates.values(part, normalization=normalization) for part in ("val", "test"))
    return np.take_along_axis(test, val.argmax(axis=0)[None], axis=0)[0]


def reduced(along, measure, rate):
    """What batch norm takes away from a measure of the plain net, as a share of it, (seeds,)."""
    plain, normalized = (
        along.values(measure, normalization=n, learning_rate=rate) for n in ("none", "batchnorm")
    )
    return 1 - normalized / plain


def less_shift(along, rate):
    """By how much the gradient of the last hidden layer changes less with batch norm, (seeds,)."""
    plain, normalized = (
        along.values("shift", normalization=n, learning_rate=rate) for n in ("none", "batchnorm")
    )
    return plain - normalized


def spread_and_centre(inputs, normalization):
    """How far the inputs of the last sigmoid move from the first look to the last.

    Returns
    -------
    doublings : array, (seeds,)
        Of the spread between the outer quantiles, up or down; the mean over units.
    shift : array, (seeds,)
        Of the median, in units of the spread at the end; the mean over units.
    """
    quantiles = inputs.values("quantiles", normalization=normalization)
    first, last = quantiles[:, 0], quantiles[:, -1]
    spread = first[:, 2] - first[:, 0], last[:, 2] - last[:, 0]
    shift = np.abs(last[:, 1] - first[:, 1]) / spread[1]
    return np.abs(np.log2(spread[1] / spread[0])).mean(axis=1), shift.mean(axis=1)


def rounding_share(rounding):
    """How far two arithmetics move test accuracy, as a share of what two seeds do, (seeds,).

    ``rounding`` is a Sweep over dtype. Each seed is compared with the next, the last with the
    first; the mean over all of them is the unit.
    """
    runs = rounding.values("final_test_accuracy")
    by_seed = np.abs(runs - np.roll(runs, 1, axis=1)).mean()
    return np.abs(runs[0] - runs[1]) / by_seed


def difference(grid, first, second, measure="test"):
    """A measure at one point of a grid minus that at another, paired by seed, (seeds,)."""
    return grid.values(measure, **first) - grid.values(measure, **second)


def moved(r, which):
    """How much further inputs move without batch norm: in spread (0) or centre (1), (seeds,)."""
    plain, normalized = (spread_and_centre(r.inputs, n)[which] for n in ("none", "batchnorm"))
    return plain - normalized


def cost_of_one_class(r, normalization):
    """Test accuracy that batches of one class cost, (seeds,)."""
    values = r.classes.values("test", normalization=normalization)
    return values[-1] - values[0]


def noise_effect(r, strength):
    """Test accuracy with noise minus that without, both with batch norm, (seeds,)."""
    noisy, clean = (
        {"normalization": "batchnorm", "strength": each} for each in (strength, r.silent)
    )
    return difference(r.noise, noisy, clean)


def dropout_effect(r, first, second):
    """Test accuracy of one pair of a normalization and what dropout keeps minus another's."""
    names = ("normalization", "keep")
    return difference(
        r.dropout, dict(zip(names, first, strict=True)), dict(zip(names, second, strict=True))
    )
