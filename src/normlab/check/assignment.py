"""The functions of assignment 2 that can be checked, by name."""

import difflib
from functools import partial

import numpy as np

from normlab.check.dropout import check_dropout_backward, check_dropout_forward
from normlab.check.findings import Finding, Flaw
from normlab.check.layers import check_backward, check_forward
from normlab.check.losses import check_loss
from normlab.check.rules import check_rule
from normlab.nn import LAYERS, UPDATE_RULES


def _checks_of(layer):
    """The functions of one layer, from its record."""
    gradients = tuple(f"d{name}" for name in layer.floats)
    yield layer.body.__name__, partial(check_forward, layer=layer.name)
    for backward in layer.backwards:
        yield backward.__name__, partial(check_backward, layer=layer.name, gradients=gradients)


# name -> function of (solution, name, finding) that raises the first Flaw
CHECKS = {}
for _layer in LAYERS.values():
    if _layer.name.endswith("_fast"):  # these are handed out
        continue
    CHECKS |= dict(_checks_of(_layer)) if _layer.backwards else {_layer.name: check_loss}
CHECKS |= {
    "affine_relu_forward": partial(check_forward, layer="affine_relu"),
    "affine_relu_backward": partial(
        check_backward, layer="affine_relu", gradients=("dx", "dw", "db")
    ),
    "dropout_forward": check_dropout_forward,  # whose mask is random
    "dropout_backward": check_dropout_backward,
    **dict.fromkeys(UPDATE_RULES, check_rule),
}

_HINTS = 10  # lines at most
# Parts of names such as conv_bn_relu_pool_forward, of the assignment's layer_utils.py.
_BLOCKS = {
    "affine",
    "batchnorm",
    "bn",
    "conv",
    "dropout",
    "fast",
    "gn",
    "groupnorm",
    "im2col",
    "layernorm",
    "leaky",
    "ln",
    "max",
    "naive",
    "norm",
    "pool",
    "relu",
    "spatial",
    "strides",
    "svm",
    "softmax",
}


def check(solution, name: str) -> Finding:
    """Check one function of a loaded file."""
    finding = Finding(name)
    try:
        solution.begin(name)
        with np.errstate(all="ignore"):
            CHECKS[name](solution, name, finding)
    except Flaw as flaw:
        finding.state = flaw.state
        finding.notes += flaw.args
    return finding


def hints(own) -> list[str]:
    """Lines on names that are not checked: nearly those of the assignment, or not in the library.

    ``own`` holds the names of the functions that the file defines.
    """
    missing = [name for name in CHECKS if name not in own]
    lines = []
    for name in own:
        if name in CHECKS or name.startswith("_"):
            continue
        near = difflib.get_close_matches(name, missing, n=1, cutoff=0.82)
        if near and _is_more_than(near[0], name):
            continue
        lines += [f"{name}: did you mean {near[0]}?"] if near else []
    return lines[-_HINTS:]


def _is_more_than(near, name):
    """Whether a name is not ``near`` mistyped, but that and another layer: conv_relu_forward."""
    words, right = name.split("_"), near.split("_")
    return set(right) <= set(words) and bool(set(words) - set(right) & _BLOCKS)
