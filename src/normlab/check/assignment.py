"""The functions and classes of assignment 2 that can be checked, by name."""

import difflib
from functools import partial

import numpy as np

from normlab.check.dropout import check_dropout_backward, check_dropout_forward
from normlab.check.findings import WRONG, CannotTell, Finding, Flaw
from normlab.check.layers import check_backward, check_forward
from normlab.check.losses import check_loss
from normlab.check.net_classes import check_connected, check_conv_net, check_two_layers
from normlab.check.rules import check_rule
from normlab.check.solvers import check_solver
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
    **{
        f"{name}_{way}": partial(check_way, layer=name, **more)
        for name in ("affine_relu", "conv_relu", "conv_relu_pool")
        for way, check_way, more in (
            ("forward", check_forward, {}),
            ("backward", check_backward, {"gradients": ("dx", "dw", "db")}),
        )
    },
    "conv_bn_relu_forward": partial(check_forward, layer="conv_bn_relu"),
    "conv_bn_relu_backward": partial(
        check_backward, layer="conv_bn_relu", gradients=("dx", "dw", "db", "dgamma", "dbeta")
    ),
    "dropout_forward": check_dropout_forward,  # whose mask is random
    "dropout_backward": check_dropout_backward,
    **dict.fromkeys(UPDATE_RULES, check_rule),
    "TwoLayerNet": check_two_layers,
    "FullyConnectedNet": check_connected,
    "ThreeLayerConvNet": check_conv_net,
    "Solver": check_solver,
}

_HINTS = 10  # lines at most
_LIKE = "looks like "  # what a cause begins with
# What tells a name of its own, such as max_pool_forward_reshape, from one mistyped.
_WORDS = {
    "affine",
    "adamw",
    "batchnorm",
    "bn",
    "conv",
    "dropout",
    "elu",
    "fast",
    "gelu",
    "gn",
    "groupnorm",
    "im2col",
    "layernorm",
    "leaky",
    "ln",
    "max",
    "naive",
    "nesterov",
    "norm",
    "pool",
    "prelu",
    "relu",
    "reshape",
    "selu",
    "softmax",
    "spatial",
    "strides",
    "svm",
}


def check(solution, name: str) -> Finding:
    """Check one function of a loaded file."""
    finding = Finding(name)
    try:
        solution.begin(name)
        if name[0].isupper() and name not in solution.classes:
            raise Flaw("is no class")
        with np.errstate(all="ignore"):
            CHECKS[name](solution, name, finding)
    except Flaw as flaw:
        wrong = flaw.state == WRONG and _wrong_layer(solution, flaw.calls)
        if wrong:
            flaw = CannotTell(f"mend {wrong} first, which it calls")
        finding.state = flaw.state
        finding.notes += flaw.args
        causes = (line.removeprefix(_LIKE) for line in flaw.args if line.startswith(_LIKE))
        finding.cause = next(causes, None)
    return finding


def _wrong_layer(solution, calls):
    """The first layer that a net imports and that is wrong itself; None without any."""
    for name in CHECKS:
        is_called = name.partition("_")[0] in calls and name in solution.functions
        if is_called and name not in solution.own and not check(solution, name).is_right:
            return name
    return None


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
        if near and _is_another(name, near[0]):
            continue
        lines += [f"{name}: did you mean {near[0]}?"] if near else []
    return lines[-_HINTS:]


def _is_another(name, near):
    """Whether a name is not ``near`` mistyped, but has a word of its own: conv_forward_strides."""
    own = set(name.split("_")) - set(near.split("_"))
    return bool(own & _WORDS) and name.replace("_", "") != near.replace("_", "")
