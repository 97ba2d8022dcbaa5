"""What is measured of signal and gradient by depth, beside what theory predicts."""

import numpy as np

from normlab.ledger.mean_field import below, correlation_map, harmonic, moments

FIRST, LAST = 4, -3  # layers between which growth is measured, away from both ends


def rates(gradient):
    """By how much the square grows a layer from output to input, of its logarithms, (..., L)."""
    layers = gradient.shape[-1] + LAST - FIRST
    return np.exp((gradient[..., FIRST] - gradient[..., LAST]) / layers)


def explosion(results):
    """Measured by predicted rates of batch norm, minus 1: (activations and sizes, seeds)."""
    found = rates(results.normalized.values("gradient"))
    fields = results.normalized.fields
    predicted = np.array(
        [[moments(name, size)[0] for size in fields["batch"]] for name in fields["activation"]]
    )
    return (found / predicted[..., None] - 1).reshape(-1, found.shape[-1])


def above_linear(results):
    """The logarithm of each activation's rate above that of the linear one, largest batches."""
    found = np.log(rates(results.normalized.values("gradient", batch=results.large)))
    names = list(results.normalized.fields["activation"])
    linear = names.index("linear")
    return np.delete(found, linear, axis=0) - found[linear]


def signal_rates(results):
    """Measured by predicted growth of the signal without normalization, minus 1: (2, seeds)."""
    signals = results.gains.values("signal")
    return 1 / rates(signals) / (np.array(results.gains.fields["gain"]) / 2)[:, None] - 1


def cosines(results):
    """Cosine of two examples in the last layer above the predicted one, (methods, seeds)."""
    methods = results.methods.fields["normalization"]
    collapsed = correlation_map(results.depth)
    kept = moments("relu", results.large)[1]
    predicted = np.array([kept if name == "batchnorm" else collapsed for name in methods])
    return results.methods.values("cosine")[..., -1] - predicted[:, None]


def rank_ratios(results, method, activation):
    """The effective rank of a method by that of the plain net, in the last layer, (seeds,)."""
    ours, plain = (
        results.ranks.values("rank", normalization=name, activation=activation)[:, -1]
        for name in (method, "none")
    )
    return ours / plain


def gap_slopes(results):
    """Slope of the logarithm of the orthogonality gap against that of the width, (seeds,)."""
    gaps = results.gaps.values("gap")
    late = np.log(gaps[..., gaps.shape[-1] // 2 :].mean(axis=-1))
    return np.polyfit(np.log(results.gaps.fields["width"]), late, 1)[0]


def squares(results, at, scaling="one"):
    """Mean square after some blocks of layer norm by the closed form, minus 1, (places, seeds)."""
    if scaling == "block":
        found, closed = results.scaled.values("square"), [1 + harmonic(n) for n in at]
    else:
        found = results.residual.values("square", normalization="layernorm")
        closed = [1 + n for n in at]
    return found[:, at].T / np.array(closed)[:, None] - 1


def eighths(blocks):
    """An eighth, a quarter, a half and all of the blocks."""
    return [blocks // part for part in (8, 4, 2, 1)]


def per_hundred(results, weights):
    """Growth of the logarithm of the squared gradient over 100 layers, (seeds,).

    Without the first 100, along which the examples become orthogonal.
    """
    return 100 * np.log(rates(results.chain.values("gradient", weights=weights)[:, 100:]))


def cluster(results, rescaled):
    """How much closer all other examples are to each other than to the odd one, last layer."""
    inside, outside = (
        results.odd.values(name, rescaled=rescaled)[..., -1] for name in ("inside", "outside")
    )
    return inside - outside


def near_one(results):
    """The part of the singular values within 0.1 of 1, (seeds,)."""
    return np.mean(np.abs(results.jacobian.values("singular") - 1) < 0.1, axis=-1)


def quarter_circle(results):
    """Parts of the singular values near 1 and below 0.5, above those of the law: (2, seeds)."""
    low = np.mean(results.jacobian.values("singular") < 0.5, axis=-1)
    return np.array([near_one(results) - (below(1.1) - below(0.9)), low - below(0.5)])


def correlations(results, kind, layers):
    """The correlation of neighbouring gradients with batch norm, (seeds,)."""
    return results.shattered.values(
        "correlation", kind=kind, normalization="batchnorm", depth=layers
    )


def skip_share(results):
    """The branch's part of the variance with batch norm by 1 / (l + 1), minus 1, two blocks."""
    at = np.array([results.blocks // 8, results.blocks // 2])
    share = results.residual.values("share", normalization="batchnorm")
    return share[:, at - 1].T * (at + 1)[:, None] - 1


def skip_growth(results):
    """Mean square after all blocks, of batch and layer norm, by blocks + 1, minus 1: (2, seeds)."""
    last = [
        results.residual.values("square", normalization=name)[..., -1]
        for name in ("batchnorm", "layernorm")
    ]
    return np.array(last) / (results.blocks + 1) - 1


def doublings(results):
    """How often the mean square of the plain net doubles in a block, minus 1, (seeds,)."""
    square = results.residual.values("square", normalization="none")
    return np.log2(square[:, -1] / square[:, 0]) / results.blocks - 1


def scaled_branches(results):
    """Mean square after all blocks of 1 / sqrt(depth) by (1 + 1 / depth)**depth, minus 1."""
    blocks = results.blocks
    return results.skip_init.values("square")[..., -1] / (1 + 1 / blocks) ** blocks - 1
