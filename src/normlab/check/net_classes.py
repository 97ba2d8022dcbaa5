"""Check the classes of nets of the assignment: in which sizes, with which arguments."""

import numpy as np

from normlab import nn
from normlab.check.findings import (
    NUMERICAL_TOLERANCE,
    Finding,
    Flaw,
    distance,
    unpack,
)
from normlab.check.nets import (
    LAYERS,
    SCALE,
    Setting,
    built,
    check_dtype,
    check_net,
    compare_output,
    labels,
    same,
    trained,
)

_KEEP, _REG = 0.75, 0.7
_DRAWS, _WIDTH = 800, 50  # for the variance that dropout brings


def check_connected(solution, name: str, finding: Finding) -> None:
    """A FullyConnectedNet, with each normalization and with dropout, by its year's arguments."""
    takes = solution.classes[name]
    kinds = [({}, None)]
    if "normalization" in takes:
        kinds += [({"normalization": kind}, kind) for kind in ("batchnorm", "layernorm")]
    elif "use_batchnorm" in takes:
        kinds.append(({"use_batchnorm": True}, "batchnorm"))
    check_dtype(solution, name, [5, 4], input_dim=6)
    for more, kind in kinds:
        for reg in (0.0, _REG):
            check_net(solution, name, finding, _connected(takes, more, kind, reg), kind)
    _check_dropout(solution, name, finding, takes)


def check_two_layers(solution, name: str, finding: Finding) -> None:
    """A TwoLayerNet."""
    rng = np.random.default_rng(5)
    for reg in (0.0, _REG):
        sizes = {"input_dim": 6, "hidden_dim": 5, "num_classes": 3, "weight_scale": SCALE}
        model = nn.TwoLayerNet(**sizes, reg=reg, rng=0)
        X = rng.standard_normal((2, 4, 2, 3))
        check_net(solution, name, finding, Setting(f"reg {reg:g}", sizes | {"reg": reg}, model, *X))


def check_conv_net(solution, name: str, finding: Finding) -> None:
    """A ThreeLayerConvNet, on images higher than wide."""
    rng = np.random.default_rng(5)
    check_dtype(solution, name, input_dim=(2, 4, 6))
    for reg, size in ((0.0, 3), (_REG, 5)):
        sizes = {
            "input_dim": (2, 8, 6),
            "num_filters": 3,
            "filter_size": size,
            "hidden_dim": 5,
            "num_classes": 4,
            "weight_scale": SCALE,
            "reg": reg,
            "dtype": np.float64,
        }
        model = nn.ThreeLayerConvNet(**sizes, rng=0)
        where = f"input_dim (2, 8, 6), filter_size {size}, reg {reg:g}"
        X = rng.standard_normal((2, 4, 2, 8, 6))
        check_net(solution, name, finding, Setting(where, sizes, model, *X), "conv")


def _connected(takes, more, kind, reg):
    sizes = {
        "input_dim": 6,
        "num_classes": 3,
        "reg": reg,
        "weight_scale": SCALE,
        "dtype": np.float64,
    }
    dims = [6, 6, 4] if reg else [5, 5, 4]  # layers of one shape hide no cache of another
    model = nn.FullyConnectedNet(dims, **sizes, normalization=kind, rng=0)
    where = f"{f'{next(iter(more))}={next(iter(more.values()))!r}, ' if more else ''}reg {reg:g}"
    given = {"hidden_dims": dims} | {key: v for key, v in sizes.items() if key in takes} | more
    X = np.random.default_rng(5).standard_normal((2, 7, 2, 3))
    return Setting(where, given, model, *X)


def _check_dropout(solution, name, finding, takes):
    """Dropout in training after each hidden layer, and none in a test."""
    key = next((key for key in ("dropout_keep_ratio", "dropout") if key in takes), None)
    if key is None:
        return
    share = 1 - _KEEP if "use_batchnorm" in takes else _KEEP  # until 2017 that to drop
    setting = _connected(takes, {key: share}, None, 0.0)
    try:
        net = built(solution, name, setting)
        scores = unpack(solution.call(".loss", net, setting.X).result, ("scores",), setting.where)
        right = setting.model.loss(setting.X)
        why = "dropout in a test, where nothing is dropped"
        compare_output(finding, "scores", scores["scores"], right, setting.where, lambda _: why)
        _check_masks(solution, name, setting, key, share)
        if "seed" in takes:
            _check_seeded(
                solution, name, finding, _connected(takes, {key: share, "seed": 0}, None, 0.0)
            )
    except Flaw as flaw:
        flaw.calls = LAYERS | {"dropout"}
        raise


def _check_masks(solution, name, setting, key, share):
    """How far the loss scatters tells after how many layers entries are dropped, and how many.

    Every unit of two hidden layers is the mean of those in front of it, and so is the score of the
    first of two classes; the other is 0. Gradients must vanish where entries were dropped.
    """
    given = setting.given | {"input_dim": _WIDTH, "num_classes": 2}
    given.pop("hidden_dims")
    net = solution.call(name, [_WIDTH, _WIDTH], **given).kept[0]
    mean, zeros = np.full((_WIDTH, _WIDTH), 1 / _WIDTH), np.zeros(_WIDTH)
    params = {"W1": mean, "b1": zeros, "W2": mean, "b2": zeros}
    params |= {"W3": mean[:, :2] * [1, 0], "b3": zeros[:2]}
    solution.call("=params", net, params)
    solution.call(".loss", net, np.ones((1, _WIDTH)))  # a test, after which it has to drop again
    calls = [(net, np.ones((1, _WIDTH)), np.zeros(1, int))] * _DRAWS
    results = solution.results(".loss", calls)
    losses, (grads, *_) = zip(*(trained(r, params, setting.where) for r in results), strict=True)
    variance = (-np.log(np.expm1(losses))).var()
    layer = (1 - _KEEP) / (_KEEP * _WIDTH)  # the variance that dropout of one layer brings
    if variance < 0.75 * (2 * layer + layer**2):
        raise Flaw(
            f"in training drops less than entries of each hidden layer ({key}={share})",
            f"looks like dropout of {'one layer' if variance > 1e-9 else 'no layer'} alone",
        )
    if not variance < 1.25 * (2 * layer + layer**2):
        raise Flaw(
            f"in training drops more than a share {1 - _KEEP} of each hidden layer ({key}={share})",
            "looks like dropout of the input or the scores as well, or of another share",
        )
    for weights, biases in (("W2", "b1"), ("W3", "b2")):
        kept, back = grads[weights].any(axis=1), grads[biases] != 0
        if not np.array_equal(kept, back):
            raise Flaw(
                f"grads[{biases!r}] is not 0 where entries were dropped ({key}={share})",
                "looks like a backward pass with the mask of another layer, or with none",
            )


def _check_seeded(solution, name, finding, setting):
    """With a seed the mask is the same each time, so gradients are those of the loss."""
    net = built(solution, name, setting)
    y, params = labels(setting), setting.model.params

    def loss():
        return trained(solution.call(".loss", net, setting.X, y).result, params, setting.where)

    (first, grads), (again, _) = loss(), loss()
    if not same(first, again):
        raise Flaw(f"two calls with the same seed have another loss ({setting.where})")
    for key in ("W1", "b2"):
        shifted = []
        for sign in (1, -1):
            value = params[key].copy()
            value.flat[0] += sign * 1e-5
            solution.call("=params", net, {key: value})
            shifted.append(loss()[0])
        solution.call("=params", net, {key: params[key]})
        numerical = (shifted[0] - shifted[1]) / 2e-5
        error = distance(grads[key].flat[0], numerical)
        finding.against_numbers(error)
        if error > NUMERICAL_TOLERANCE:
            raise Flaw(
                f"grads[{key!r}] is not the gradient of the loss with dropout ({setting.where})",
                "looks like a backward pass without the mask, or at another place than the forward",
            )
