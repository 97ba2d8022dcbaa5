"""Usual mistakes in update rules: each is a wrong rule, walked over the same steps."""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from normlab.check.findings import Variant


class Steps(NamedTuple):
    """The gradients of some steps, and the config before the first (None for the defaults)."""

    gradients: list
    config: dict | None

    def given(self, start, number: int) -> SimpleNamespace:
        """What a wrong rule reads: where it starts, and the gradients up to this step."""
        gradients = self.gradients[:number]
        return SimpleNamespace(start=start, gradients=gradients, config=self.config or {})


def _weights(rule, **wrong):
    """The weights after the steps, from a rule ``(w, dw, memory, **wrong) -> w``."""
    return lambda g: _walk(rule, g, wrong)[0]


def _memory(rule, key, **wrong):
    return lambda g: _walk(rule, g, wrong)[1][key]


def _walk(rule, g, wrong):
    w, zeros = g.start, np.zeros_like(g.start)
    memory = {"velocity": zeros, "cache": zeros, "m": zeros, "v": zeros, "t": 0} | g.config
    for dw in g.gradients:
        w = rule(w, dw, memory, **wrong)
    return w, memory


def _sgd(w, dw, c, sign=-1, rate=None):
    return w + sign * (c.get("learning_rate", 1e-2) if rate is None else rate) * dw


def _momentum(w, dw, c, sign=-1, own=True, damped=False, plain=False, ahead=False, lost=False):
    rate, mu = c.get("learning_rate", 1e-2), c.get("momentum", 0.9)
    before = c["velocity"]
    velocity = mu * before + sign * (1 - mu if damped else 1) * rate * dw
    if not lost:
        c["velocity"] = velocity
    if plain:
        return w - velocity
    if ahead:
        return w - mu * before + (1 + mu) * velocity
    return w + velocity if own else w + before


def _rmsprop(
    w,
    dw,
    c,
    inside=False,
    swapped=False,
    squared=True,
    root=True,
    lost=False,
    eps=None,
    sign=-1,
):
    rate, decay = c.get("learning_rate", 1e-2), c.get("decay_rate", 0.99)
    epsilon = c.get("epsilon", 1e-8) if eps is None else eps
    share = 1 - decay if swapped else decay
    cache = share * c["cache"] + (1 - share) * (dw**2 if squared else dw)
    old, c["cache"] = c["cache"], cache
    if lost:
        c["cache"] = old
    if not root:
        return w + sign * rate * dw / (cache + epsilon)
    return w + sign * rate * dw / (np.sqrt(cache + epsilon) if inside else np.sqrt(cache) + epsilon)


def _adam(
    w,
    dw,
    c,
    late=False,
    stuck=False,
    biased=False,
    half=False,
    inside=False,
    swapped=False,
    squared=True,
    root=True,
    kept=False,
    lost=False,
    short=False,
    flat=False,
    eps=None,
    sign=-1,
):
    rate = c.get("learning_rate", 1e-3)
    epsilon = c.get("epsilon", 1e-8) if eps is None else eps
    beta1, beta2 = c.get("beta1", 0.9), c.get("beta2", 0.999)
    if swapped:
        beta1, beta2 = beta2, beta1
    t = c["t"] if late or stuck else c["t"] + 1
    m = beta1 * c["m"] + (1 - beta1) * dw
    v = beta2 * c["v"] + (1 - beta2) * (dw**2 if squared else dw)
    power = 1 if flat else t
    m_hat = m if biased else m / (1 - np.float64(beta1) ** power)
    v_hat = v if biased or half else v / (1 - np.float64(beta2) ** power)
    if not stuck:
        c["t"] += 1
    if not lost:
        c["m"], c["v"] = (m_hat, v_hat) if kept else (m, v)
    if short:  # the corrections are in the rate, as at the end of section 2 of the paper
        epsilon = epsilon / np.sqrt(1 - np.float64(beta2) ** t)
    if not root:
        return w + sign * rate * m_hat / (v_hat + epsilon)
    return w + sign * rate * m_hat / (
        np.sqrt(v_hat + epsilon) if inside else np.sqrt(v_hat) + epsilon
    )


_UPHILL = "a step along the gradient; go against it, with a minus"
_INSIDE = Variant("epsilon under the root; in the assignment it is np.sqrt(...) + epsilon")
_FIXED = Variant("an epsilon of 1e-8 whatever config says; the assignment has config['epsilon']")
_ROOT = "a forgotten square root in the divisor"
_SQUARE = "a gradient that is not squared in the running mean of squares"

RULE_MISTAKES = {
    ("sgd", "next_w"): [
        (_UPHILL, _weights(_sgd, sign=1)),
        ("w itself: no step is made", _weights(_sgd, rate=0)),
        ("a forgotten learning rate", _weights(_sgd, rate=1)),
        ("a learning rate of 0.01 whatever config says", _weights(_sgd, rate=1e-2)),
    ],
    ("sgd_momentum", "next_w"): [
        (
            "sgd without momentum: the velocity is not kept in config",
            _weights(_momentum, lost=True),
        ),
        (_UPHILL, _weights(_momentum, sign=1)),
        (
            "a velocity with the factor (1 - momentum) on the gradient; it has none here",
            _weights(_momentum, damped=True),
        ),
        (
            "the velocity subtracted; it holds minus the gradient, so add it",
            _weights(_momentum, plain=True),
        ),
        ("the velocity before its update; update it first", _weights(_momentum, own=False)),
        (
            "Nesterov's momentum; the assignment asks for the plain one",
            _weights(_momentum, ahead=True),
        ),
    ],
    ("sgd_momentum", "config['velocity']"): [
        (
            "a velocity that is never stored: config['velocity'] = v",
            _memory(_momentum, "velocity", lost=True),
        ),
        ("a velocity of the other sign", _memory(_momentum, "velocity", sign=1)),
    ],
    ("rmsprop", "next_w"): [
        (_INSIDE, _weights(_rmsprop, inside=True)),
        (
            "decay_rate the other way round; it weighs the past, 1 - decay_rate the new",
            _weights(_rmsprop, swapped=True),
        ),
        (_SQUARE, _weights(_rmsprop, squared=False)),
        (_ROOT, _weights(_rmsprop, root=False)),
        ("a forgotten epsilon", _weights(_rmsprop, eps=0)),
        (_FIXED, _weights(_rmsprop, eps=1e-8)),
        (_UPHILL, _weights(_rmsprop, sign=1)),
        ("a cache that is never stored: config['cache'] = ...", _weights(_rmsprop, lost=True)),
    ],
    ("rmsprop", "config['cache']"): [
        (
            "a cache that is never stored: config['cache'] = ...",
            _memory(_rmsprop, "cache", lost=True),
        ),
    ],
    ("adam", "next_w"): [
        ("t incremented after its use; increment it first", _weights(_adam, late=True)),
        (
            "a forgotten bias correction: m / (1 - beta1**t), v / (1 - beta2**t)",
            _weights(_adam, biased=True),
        ),
        ("a forgotten bias correction of v: v / (1 - beta2**t)", _weights(_adam, half=True)),
        (_INSIDE, _weights(_adam, inside=True)),
        (
            Variant(
                "the efficient form at the end of section 2 of the paper, whose epsilon is the "
                "paper's epsilon hat; the assignment adds epsilon to the root of the corrected v"
            ),
            _weights(_adam, short=True),
        ),
        (_FIXED, _weights(_adam, eps=1e-8)),
        (
            "a correction by 1 - beta1 and 1 - beta2; they are 1 - beta1**t and 1 - beta2**t",
            _weights(_adam, flat=True),
        ),
        ("a forgotten epsilon", _weights(_adam, eps=0)),
        ("beta1 and beta2 in each other's place", _weights(_adam, swapped=True)),
        (_SQUARE, _weights(_adam, squared=False)),
        (_ROOT, _weights(_adam, root=False)),
        (_UPHILL, _weights(_adam, sign=1)),
        (
            "corrected m and v stored in config; store them as they were before the correction",
            _weights(_adam, kept=True),
        ),
        ("m and v that are never stored in config", _weights(_adam, lost=True)),
    ],
    ("adam", "config['t']"): [
        (
            "t that is not incremented: config['t'] += 1 before it is used",
            _memory(_adam, "t", stuck=True),
        ),
        (
            Variant("a t that starts at 1; in the assignment it starts at 0"),
            lambda g: g.config.get("t", 1) + len(g.gradients),
        ),
    ],
} | {
    ("adam", f"config['{key}']"): [
        (
            "corrected m and v stored in config; store them as they were before the correction",
            _memory(_adam, key, kept=True),
        ),
        ("m and v that are never stored in config", _memory(_adam, key, lost=True)),
    ]
    for key in ("m", "v")
}
