"""Check update rules: a few steps one after the other, from a given memory and from none."""

import numpy as np

from normlab import nn
from normlab.check.findings import Finding, Flaw, refuse_unlike, unpack
from normlab.check.layers import compare, note_changes
from normlab.check.rule_mistakes import Steps

_STEPS = 3


def check_rule(solution, name: str, finding: Finding) -> None:
    """Compare the weights after each of three steps with the library's, then config's memory.

    w may be changed in place, as the assignment's own sgd does; dw may not.
    """
    for where, config in _configs(name):
        _check_steps(solution, name, finding, where, config)


def _check_steps(solution, name, finding, where, config):
    rng = np.random.default_rng(2)
    steps = Steps([rng.standard_normal((3, 4)) for _ in range(_STEPS)], config)
    start = rng.standard_normal((3, 4))
    w, memory, theirs = start, _copy(config), (start.copy(), _copy(config))
    for number, dw in enumerate(steps.gradients, start=1):
        answer = solution.call(name, w, dw, memory)
        here = f"step {number}, {where}"
        got = unpack(answer.result, ("next_w", "config"), here)
        theirs = getattr(nn, name)(theirs[0], dw, theirs[1])
        refuse_unlike({"next_w": got["next_w"]}, {"next_w": theirs[0]}, here)
        given = steps.given(start, number)
        w, memory, entries = got["next_w"], answer.kept[1], getattr(got["config"], "entries", None)
        if entries is None:
            kind = getattr(got["config"], "kind", type(got["config"]).__name__)
            raise Flaw(f"config is of type {kind}; expected a dict")
        expected = _told(name, *theirs)
        for output, value in _told(name, w, entries).items():
            compare(name, finding, {output: value}, expected, here, given)
        note_changes(finding, [n for n in answer.changed if n == 1], ["w", "dw"])


def _configs(name):
    """(where, config): numbers that tell one from another, with a memory; then the defaults."""
    rng = np.random.default_rng(3)
    memory = {key: 0.5 + rng.random((3, 4)) for key in _MEMORY[name] if key != "t"}
    memory |= {"t": 5} if "t" in _MEMORY[name] else {}
    yield "config given", _NUMBERS[name] | memory
    yield "config None", None


_MEMORY = {"sgd": (), "sgd_momentum": ("velocity",), "rmsprop": ("cache",), "adam": ("m", "v", "t")}
_NUMBERS = {
    "sgd": {"learning_rate": 0.2},
    "sgd_momentum": {"learning_rate": 0.2, "momentum": 0.7},
    "rmsprop": {"learning_rate": 0.2, "decay_rate": 0.8, "epsilon": 0.1},
    "adam": {"learning_rate": 0.2, "beta1": 0.7, "beta2": 0.8, "epsilon": 0.1},
}


def _copy(config):
    return config and {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in config.items()}


def _told(name, next_w, config):
    """What is compared, in the order in which the first that is wrong says most: t, w, the rest."""
    first, rest = {}, {}
    for key in _MEMORY[name]:
        value = config.get(key)
        if key == "t":
            whole = np.asarray(value).dtype.kind in "iu"
            first["config['t']"] = np.float64(value) if whole else value
        else:
            rest[f"config[{key!r}]"] = value
    return first | {"next_w": next_w} | rest
