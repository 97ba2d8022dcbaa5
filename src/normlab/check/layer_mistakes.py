"""Usual mistakes in affine layers, relu, dropout and the losses, as wrong formulas."""

import numpy as np


def _rows(g):
    return g.x.reshape(g.N, -1)


def _margins(g, delta=1.0):
    margins = np.maximum(0, g.x - g.x[np.arange(g.N), g.y][:, None] + delta)
    margins[np.arange(g.N), g.y] = 0
    return margins


def in_test(compute):
    """A mistake of test mode alone."""
    return lambda g: compute(g) if g.mode == "test" else np.nan


def _one_hot(g):
    hot = np.zeros_like(g.x)
    hot[np.arange(g.N), g.y] = 1
    return hot


def _probabilities(g, axis=1):
    exp = np.exp(g.x - g.x.max(axis=axis, keepdims=True))
    return exp / exp.sum(axis=axis, keepdims=True)


def _log_loss(g, probabilities):
    return -np.log(probabilities[np.arange(g.N), g.y]).mean()


def _quotient(g, shift):
    """Probabilities as a quotient of exponentials, with another shift than the rows' maxima."""
    exp = np.exp(g.x - shift)
    return exp / exp.sum(axis=1, keepdims=True)


def _difference(g, shift):
    """Their logarithms as a difference, which overflows into other values."""
    return g.x - shift - np.log(np.exp(g.x - shift).sum(axis=1, keepdims=True))


_NO_SHIFT = "an overflow in exp; subtract the maximum of each row of scores first"
_ONE_SHIFT = "the maximum of the whole array; subtract that of each row, np.max(x, axis=1)"
_COUNT = "-1 for the correct class; it is minus the number of classes that violate the margin"

_SMALL = 10.0 ** -np.arange(1, 9)  # with 1e-9 the result is right
# One shift for all rows does no harm where the rows are alike, so it is looked for first.
_OVERFLOWS = [
    (_ONE_SHIFT, lambda g: _quotient(g, g.x.max())),
    (_ONE_SHIFT, lambda g: np.exp(_difference(g, g.x.max()))),
    (_NO_SHIFT, lambda g: _quotient(g, 0)),
    (_NO_SHIFT, lambda g: np.exp(_difference(g, 0))),
]

LAYER_MISTAKES = {
    ("affine_forward", "out"): [
        ("a forgotten bias", lambda g: _rows(g) @ g.w),
        ("a bias that is subtracted", lambda g: _rows(g) @ g.w - g.b),
        ("a bias that is added twice", lambda g: _rows(g) @ g.w + 2 * g.b),
        (
            "x flattened in another order; x.reshape(N, -1) keeps rows together",
            lambda g: g.x.reshape(g.N, -1, order="F") @ g.w + g.b,
        ),
    ],
    ("affine_relu_forward", "out"): [
        ("a forgotten relu", lambda g: _rows(g) @ g.w + g.b),
        ("a forgotten bias", lambda g: np.maximum(_rows(g) @ g.w, 0)),
        ("a relu before the bias", lambda g: np.maximum(_rows(g) @ g.w, 0) + g.b),
    ],
    ("affine_backward", "dx"): [],
    ("affine_relu_backward", "dx"): [
        ("a forgotten relu_backward", lambda g: (g.dout @ g.w.T).reshape(g.x.shape)),
    ],
    ("affine_backward", "dw"): [
        (
            "x flattened in another order; x.reshape(N, -1) keeps rows together",
            lambda g: g.x.reshape(g.N, -1, order="F").T @ g.dout,
        ),
    ],
    ("affine_backward", "db"): [
        (
            "the sum of all of dout; sum over the batch only, axis=0",
            lambda g: np.full_like(g.b, g.dout.sum()),
        ),
    ],
    ("relu_forward", "out"): [
        ("x itself; entries below 0 must become 0", lambda g: g.x),
        ("the absolute value", lambda g: np.abs(g.x)),
        ("np.minimum; relu is np.maximum(0, x)", lambda g: np.minimum(g.x, 0)),
        ("the mask x > 0 alone; multiply it with x", lambda g: g.x > 0),
        ("a leaky relu, slope 0.01", lambda g: np.where(g.x > 0, g.x, 0.01 * g.x)),
    ],
    ("relu_backward", "dx"): [
        ("dout itself; where x < 0 it must become 0", lambda g: g.dout),
        ("the mask of dout; the mask is x > 0", lambda g: np.maximum(g.dout, 0)),
        ("the mask x > 0 alone; multiply it with dout", lambda g: g.x > 0),
        ("the mask turned round: it is x > 0", lambda g: g.dout * (g.x < 0)),
        ("relu of x; multiply dout with the mask x > 0", lambda g: np.maximum(g.x, 0)),
        ("dout times x; multiply dout with the mask x > 0", lambda g: g.dout * g.x * (g.x > 0)),
    ],
    ("dropout_forward", "out"): [
        (
            "a scaling by p in test mode; inverted dropout changes nothing there",
            in_test(lambda g: g.x * g.p),
        ),
        (
            "a scaling by 1/p in test mode; inverted dropout changes nothing there",
            in_test(lambda g: g.x / g.p),
        ),
        ("dropout in test mode, too; there out is x", in_test(lambda g: _dropped(g))),
        ("a mask that is not divided by p (inverted dropout)", lambda g: g.x * (g.right != 0)),
        (
            "a mask that is divided by 1 - p; divide by p, the probability to keep",
            lambda g: g.x * (g.right != 0) / (1 - g.p),
        ),
        ("a mask that is multiplied by p; divide by p", lambda g: g.x * (g.right != 0) * g.p),
        ("a mask divided by p twice", lambda g: g.x * (g.right != 0) / g.p**2),
    ],
    ("dropout_backward", "dx"): [
        ("dout itself; multiply it with the mask of the forward pass", lambda g: g.dout),
        ("a mask that is not divided by p", lambda g: g.dout * (g.mask != 0)),
        ("a mask that is divided by p once more", lambda g: g.dout * g.mask / g.p),
        ("a scaling by p in test mode; there dx is dout", in_test(lambda g: g.dout * g.p)),
    ],
    ("softmax_loss", "loss"): [
        (
            "the log of a probability that has become 0; shifted - np.log(sum) is the log of the "
            "quotient and stays finite",
            lambda g: np.inf,
        ),
        *(
            (words, lambda g, compute=compute: _log_loss(g, compute(g)))
            for words, compute in _OVERFLOWS
        ),
        *(
            (
                f"a small number added inside the log, {small:g}; shifted - np.log(sum), the log "
                "of the quotient, needs none",
                lambda g, small=small: _log_loss(g, _probabilities(g) + small),
            )
            for small in _SMALL
        ),
        (
            "a softmax down the columns; it goes along each row, axis=1",
            lambda g: _log_loss(g, _probabilities(g, axis=0)),
        ),
        (
            "the mean over all entries of log p, not of those of the correct classes",
            lambda g: -np.log(_probabilities(g)).mean(),
        ),
        (
            "a sum over all classes, not the correct ones alone",
            lambda g: -np.log(_probabilities(g)).sum() / g.N,
        ),
        (
            "the probability without its logarithm",
            lambda g: -_probabilities(g)[np.arange(g.N), g.y].mean(),
        ),
    ],
    ("softmax_loss", "dx"): [
        *(
            (words, lambda g, compute=compute: (compute(g) - _one_hot(g)) / g.N)
            for words, compute in _OVERFLOWS
        ),
        ("a forgotten -1 at the correct class", lambda g: _probabilities(g) / g.N),
        ("a forgotten -1 at the correct class, and a missing division by N", _probabilities),
        (
            "-1 taken after the division by N; subtract first",
            lambda g: _probabilities(g) / g.N - _one_hot(g),
        ),
    ],
    ("svm_loss", "loss"): [
        (
            "a margin counted for the correct class, too; set it to 0",
            lambda g: _margins(g).sum() / g.N + 1,
        ),
        ("a margin of 0; add 1", lambda g: _margins(g, 0.0).sum() / g.N),
        ("a squared hinge", lambda g: (_margins(g) ** 2).sum() / g.N),
        ("the mean over all entries; divide the sum by N alone", lambda g: _margins(g).mean()),
    ],
    ("svm_loss", "dx"): [
        (_COUNT, lambda g: ((_margins(g) > 0) - _one_hot(g)) / g.N),
        (
            "a gradient without that of the correct class; subtract the number of violations there",
            lambda g: (_margins(g) > 0) / g.N,
        ),
        (
            "the margins themselves; where one is above 0 the gradient is 1",
            lambda g: _margins(g) / g.N,
        ),
    ],
}


def _dropped(g):
    """x / p or x where the student kept an entry, if the entries are of either kind."""
    dropped = g.value == 0
    scaled = np.where(dropped, 0, g.x / g.p)
    plain = np.where(dropped, 0, g.x)
    if dropped.all():
        return np.nan
    return plain if np.array_equal(g.value, plain) else scaled
