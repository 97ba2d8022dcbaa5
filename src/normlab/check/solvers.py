"""Check a Solver: it trains a small net that notes its minibatches, and is walked through again."""

from typing import NamedTuple

import numpy as np

from normlab import nn
from normlab.check.findings import (
    LIBRARY_TOLERANCE,
    Finding,
    Flaw,
    NotWritten,
    distance,
)
from normlab.check.toy import Toy

_TRAIN, _VAL, _EPOCHS, _RATE, _DECAY = 24, 10, 4, 0.5, 0.6


class _Walk(NamedTuple):
    """What a right Solver leaves behind, on the minibatches that the student's drew."""

    losses: list
    train: list
    val: list
    best: dict


def check_solver(solution, name: str, finding: Finding) -> None:
    """Minibatches, updates, decay of the learning rate, accuracies, and the best parameters."""
    for rule, batch_size in (("sgd", 6), ("sgd_momentum", 6), ("sgd", 2 * _TRAIN)):
        _check(solution, name, finding, rule, batch_size)


def _check(solution, name, finding, rule, batch_size):
    where = f"update_rule {rule!r}, {_TRAIN} images, batch_size {batch_size}, {_EPOCHS} epochs"
    each = max(_TRAIN // batch_size, 1)  # updates an epoch
    data, start = _data()
    toy = solution.call("Toy", start["w"], start["b"]).kept[0]
    solver = solution.call(
        name,
        toy,
        data,
        update_rule=rule,
        optim_config={"learning_rate": _RATE},
        lr_decay=_DECAY,
        batch_size=batch_size,
        num_epochs=_EPOCHS,
        print_every=1000,
        verbose=False,
    ).kept[0]
    solution.call(".train", solver)

    def told(owner, attribute):
        value = solution.call(f".{attribute}", owner).result
        if value is None:
            raise NotWritten(f"{attribute} is None after train(): is it written yet?")
        return tuple(value) if isinstance(value, np.ndarray) and value.ndim else value

    rows = told(toy, "rows")
    _check_batches(rows, told(toy, "mixed"), batch_size, each, where)

    def walked(**how):
        return _walked(rows, data, start, rule, each, **how)

    walk = walked()
    histories = {
        "loss_history": walk.losses,
        "train_acc_history": walk.train,
        "val_acc_history": walk.val,
    }
    for attribute, expected in histories.items():
        _compare(finding, attribute, told(solver, attribute), expected, where, walked)
    _check_best(told(toy, "params"), walk.best, where)
    solution.call("=params", toy, start)
    _check_accuracy(solution, solver, data, start)


def _check_best(params, best, where):
    params = getattr(params, "entries", None) or {}
    for key, right in best.items():
        value = params.get(key)
        if not isinstance(value, np.ndarray) or value.shape != right.shape:
            raise Flaw(f"model.params[{key!r}] is lost by train() ({where})")
        if distance(value, right) > LIBRARY_TOLERANCE:
            raise Flaw(
                f"train() does not end with the weights of the best validation accuracy ({where})",
                "looks like best_params that are not copied, not kept, or not put back at the end",
            )


def _check_accuracy(solution, solver, data, start):
    """All answers are right, so any of them are; another answer would be of another image."""
    toy = Toy(**start)
    X, y = data["X_train"], toy.loss(data["X_train"]).argmax(axis=1)
    for number, batch_size in ((None, 7), (10, 4)):
        told = solution.call(".check_accuracy", solver, X, y, number, batch_size).result
        if not isinstance(told, np.ndarray) or told.shape or told != 1:
            raise Flaw(
                f"check_accuracy is no 1 where all scores are right (num_samples {number}, "
                f"batch_size {batch_size})"
            )


def _check_batches(rows, mixed, batch_size, each, where):
    wanted = _EPOCHS * each
    if len(rows) != wanted:
        raise Flaw(f"makes {len(rows)} updates, expected {wanted} ({where})")
    if any(np.shape(row) != (batch_size,) for row in rows):
        sizes = sorted({np.size(row) for row in rows})
        raise Flaw(f"draws minibatches of {sizes[0]}, expected {batch_size} ({where})")
    if mixed:
        raise Flaw(
            f"images of a minibatch come with the labels of others ({where})",
            "looks like two masks; draw one, for X and y",
        )
    drawn = np.concatenate(rows)
    if drawn.max() >= _TRAIN:
        raise Flaw(f"trains on validation images ({where})")
    if len({tuple(row) for row in rows}) < wanted / 2 or len(set(drawn)) < _TRAIN / 2:
        raise Flaw(f"draws the same minibatches again and again ({where})")


def _walked(rows, data, start, rule, each, decay=_DECAY, every=None, shared=False):
    """The course of a right Solver; with ``decay``, ``every`` or ``shared`` that of a wrong one."""
    toy = Toy(**{key: value.copy() for key, value in start.items()})
    common = {"learning_rate": _RATE}
    configs = {key: common if shared else dict(common) for key in toy.params}
    losses, train, val, best, best_val = [], [], [], {}, -1.0
    for number, row in enumerate(rows, start=1):
        at = row.astype(int)
        loss, grads = toy.loss(data["X_train"][at], data["y_train"][at])
        losses.append(loss)
        for key in toy.params:
            toy.params[key], new = getattr(nn, rule)(toy.params[key], grads[key], configs[key])
            configs[key] = new
        if number % (every or each) == 0:
            for config in configs.values():
                config["learning_rate"] *= decay
        if number == 1 or number % each == 0:
            train.append(_accuracy(toy, data["X_train"], data["y_train"]))
            val.append(_accuracy(toy, data["X_val"], data["y_val"]))
            if val[-1] > best_val:
                best_val, best = val[-1], {key: w.copy() for key, w in toy.params.items()}
    return _Walk(losses, train, val, best)


def _accuracy(toy, X, y):
    return float((toy.loss(X).argmax(axis=1) == y).mean())


def _compare(finding, attribute, value, expected, where, walked):
    numbers = (np.ndarray, np.generic)
    if not isinstance(value, tuple) or any(
        not isinstance(each, numbers) or each.shape or each.dtype.kind not in "biuf"
        for each in value
    ):
        raise Flaw(f"{attribute} is no list of numbers ({where})")
    if len(value) != len(expected):
        raise Flaw(f"{attribute} has {len(value)} entries, expected {len(expected)} ({where})")
    value, expected = np.array(value, float), np.array(expected)
    error = distance(value, expected)
    finding.against_library(error)
    if error <= LIBRARY_TOLERANCE:
        return
    at = int(np.argmax(np.abs(value - expected) > LIBRARY_TOLERANCE))
    told = [f"{attribute}[{at}] is {value[at]:.4g}, expected {expected[at]:.4g} ({where})"]
    wrong = {
        "a learning rate that decays after every update; it does after every epoch": {"every": 1},
        "a learning rate that never decays; lr_decay is due after every epoch": {"decay": 1.0},
        "one config for all parameters; each has its own": {"shared": True},
    }  # fmt: skip
    if attribute == "loss_history":
        for words, how in wrong.items():
            try:
                walk = walked(**how)
            except ValueError:  # of a velocity that is of another parameter
                continue
            if distance(value, np.array(walk.losses)) <= LIBRARY_TOLERANCE:
                told.append(f"looks like {words}")
                break
    raise Flaw(*told)


def _data():
    """Images whose first two numbers are their own number and their label, and weights."""
    rng = np.random.default_rng(8)
    y = rng.integers(3, size=_TRAIN + _VAL)
    x = rng.standard_normal((len(y), 4)) + np.eye(3, 4)[y]
    X = np.column_stack([np.arange(len(y)), y, x])
    data = {"X_train": X[:_TRAIN], "y_train": y[:_TRAIN], "X_val": X[_TRAIN:], "y_val": y[_TRAIN:]}
    return data, {"w": rng.standard_normal((4, 3)), "b": rng.standard_normal(3)}
