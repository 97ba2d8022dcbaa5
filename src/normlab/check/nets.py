"""Check a net: parameters at the start, loss, gradients and scores, by those of the library's net.

The parameters of both are set to the same numbers. Where they differ, nets with a usual mistake are
built from the library's layers, to name the one that computes what the student's net does.
"""

import copy
from typing import NamedTuple

import numpy as np

from normlab import nn
from normlab.check.findings import (
    LIBRARY_TOLERANCE,
    Flaw,
    NotWritten,
    distance,
    first_difference,
    unlike,
    unpack,
)
from normlab.check.net_mistakes import gradient_mistakes, wrong_nets

SCALE = 0.05  # of the weights at the start
LAYERS = {"affine", "relu", "softmax"}  # what every net calls: how names begin


class Setting(NamedTuple):
    """One way to build a net: in words, how the student's class and the library's are called."""

    where: str
    given: dict
    model: nn.Network
    X: np.ndarray
    X_test: np.ndarray


def check_net(solution, name, finding, setting, kind=None):
    """What is wrong with one net; where a layer is that it calls, that has to be mended first."""
    try:
        net = built(solution, name, setting)
        _check_outputs(solution, name, finding, setting, net)
    except Flaw as flaw:
        flaw.calls = LAYERS | {"conv", "max"} if kind == "conv" else LAYERS | {kind}
        raise


def built(solution, name, setting):
    """The student's net, whose parameters begin as they should, with those of the library's."""
    given, model = dict(setting.given), setting.model
    first = [given.pop("hidden_dims")] if "hidden_dims" in given else []
    net = solution.call(name, *first, **given).kept[0]
    params = getattr(solution.call(".params", net).result, "entries", None)
    if not params:
        raise NotWritten(f"params is empty ({setting.where}): is it written yet?")
    missing = [key for key in model.params if key not in params]
    odd = [key for key in params if key not in model.params]
    if missing or odd:
        told = [f"params lacks {', '.join(missing)}"] if missing else []
        told += [f"params has {', '.join(odd)}, which the course's net has not"] if odd else []
        raise Flaw(f"{'; '.join(told)} ({setting.where})")
    flaws = [unlike(key, params[key], value, setting.where) for key, value in model.params.items()]
    if any(flaws):
        raise Flaw(*filter(None, flaws))
    _check_start(params, model, setting)
    rng = np.random.default_rng(6)
    values = {key: 0.5 * rng.standard_normal(value.shape) for key, value in model.params.items()}
    values |= {key: value + 1 for key, value in values.items() if key.startswith("gamma")}
    model.params.update({key: value.copy() for key, value in values.items()})
    solution.call("=params", net, values)
    return net


def check_dtype(solution, name, *dims, **sizes):
    """Parameters have the dtype asked for; a Flaw if not."""
    for dtype in (np.float32, np.float64) if "dtype" in solution.classes[name] else ():
        net = solution.call(name, *dims, **sizes, dtype=dtype).kept[0]
        params = getattr(solution.call(".params", net).result, "entries", None) or {}
        for key, value in params.items():
            if getattr(value, "dtype", dtype) != dtype:
                wanted = np.dtype(dtype).name
                raise Flaw(f"{key} has dtype {value.dtype}, expected {wanted} (dtype={wanted})")


def _check_start(params, model, setting):
    """Biases and beta begin at 0, gamma at 1, weights with the standard deviation asked for."""
    drawn = np.concatenate([params[key].ravel() for key in model.weights()])
    for key in model.weights():
        if not params[key].any():
            raise Flaw(f"{key} begins with zeros; expected random numbers ({setting.where})")
    ratio = drawn.std() / SCALE
    if not 0.7 < ratio < 1.4 or abs(drawn.mean()) > 0.5 * SCALE:
        raise Flaw(
            f"weights begin with mean {drawn.mean():.2g} and standard deviation {drawn.std():.2g}, "
            f"expected 0 and weight_scale {SCALE} ({setting.where})"
        )
    for key in params.keys() - set(model.weights()):
        begins = 1.0 if key.startswith("gamma") else 0.0
        if (params[key] != begins).any():
            raise Flaw(f"{key} begins with {params[key].flat[0]:.3g}, expected {begins:g}")


def _check_outputs(solution, name, finding, setting, net):
    """Loss and gradients in training, then the scores of other images in a test."""
    model, where = setting.model, setting.where
    y = labels(setting)
    before = copy.deepcopy(model)
    got, grads = trained(solution.call(".loss", net, setting.X, y).result, model.params, where)
    loss, expected = model.loss(setting.X, y)
    given = (before, setting.X, y)
    compare_output(finding, "loss", got, np.asarray(loss), where, lambda v: _net_of_loss(v, given))
    for key, right in expected.items():
        compare_output(
            finding,
            f"grads[{key!r}]",
            grads[key],
            right,
            where,
            lambda value, key=key, right=right: gradient_mistakes(key, value, right, before, same),
        )
    scores = unpack(solution.call(".loss", net, setting.X_test).result, ("scores",), where)
    right = model.loss(setting.X_test)
    nets = (model, before, setting.X_test)
    compare_output(
        finding, "scores", scores["scores"], right, where, lambda v: _net_of_scores(v, nets)
    )
    again, _ = trained(solution.call(".loss", net, setting.X, y).result, model.params, where)
    right, why = np.asarray(model.loss(setting.X, y)[0]), "a mode that stays 'test' after a test"
    compare_output(finding, "loss after a test", again, right, where, lambda _: why)


def labels(setting):
    """A label for each image of a setting."""
    return np.arange(len(setting.X)) % 3


def trained(result, params, where):
    """Loss and gradients that a net returned with labels; a Flaw if they are not like numbers."""
    got = unpack(result, ("loss", "grads"), where)
    grads = getattr(got["grads"], "entries", None)
    if not grads:
        raise NotWritten(f"loss returns no gradients ({where}): is it written yet?")
    odd = [unlike("loss", got["loss"], np.zeros(()), where)]
    for key, value in params.items():
        if key not in grads:
            raise Flaw(f"grads lacks {key} ({where})")
        odd.append(unlike(f"grads[{key!r}]", grads[key], value, where))
    if any(odd):
        raise Flaw(*filter(None, odd))
    return got["loss"], grads


def compare_output(finding, output, value, expected, where, cause_of):
    """Keep the error of one output; if it is wrong a Flaw with its cause, ``cause_of(value)``."""
    if odd := unlike(output, value, expected, where):
        raise Flaw(odd)
    error = distance(value, expected)
    finding.against_library(error)
    if error <= LIBRARY_TOLERANCE:
        return
    told, cause = [first_difference(output, value, expected, where)], cause_of(value)
    if cause:
        told.append(f"looks like {cause}")
    raise Flaw(*told)


def same(value, other) -> bool:
    """Whether two arrays agree as well as two right ones do."""
    return np.shape(value) == np.shape(other) and distance(value, other) <= LIBRARY_TOLERANCE


def _net_of_loss(value, given):
    before, X, y = given
    with np.errstate(all="ignore"):
        for words, loss_of in wrong_nets(before):
            try:
                if same(value, loss_of(X, y)):
                    return words
            except ValueError:  # of a net that cannot be built so
                continue
    return None


def _net_of_scores(value, given):
    model, before, X = given
    ways = {
        "batch statistics in a test; pass mode 'test' on": (model, "train"),
        "running statistics that training did not move; keep one bn_param a layer": (
            before,
            "test",
        ),
    }
    for words, (net, mode) in ways.items():
        if model.bn_params and same(value, copy.deepcopy(net).forward(X, mode)[0]):
            return words
    return None
