"""Copies of all that training changes in a model: parameters and running statistics."""

import io
from typing import NamedTuple

import numpy as np

from normlab.whole import write_whole

STATISTICS = ("running_mean", "running_var")


class Snapshot(NamedTuple):
    """Parameters, as in the model; and "running_mean1", "running_var1", ... to arrays."""

    params: dict
    statistics: dict


def take_snapshot(model):
    """Copy parameters and running statistics.

    Parameters
    ----------
    model : FullyConnectedNet, or what has ``params`` (a dict of arrays)
        Running statistics are looked for in ``bn_params`` (a list of dicts), if there is one.

    Returns
    -------
    snapshot : Snapshot
    """
    if not isinstance(getattr(model, "params", None), dict):
        raise TypeError(
            f"take_snapshot: model of type {type(model).__name__} has no dict params; "
            "pass a model such as FullyConnectedNet"
        )
    params = {name: array.copy() for name, array in model.params.items()}
    statistics = {key: bn_param[name].copy() for key, bn_param, name in _statistics_of(model)}
    return Snapshot(params, statistics)


def restore_snapshot(model, snapshot):
    """Set parameters and running statistics of the model to copies of those in the snapshot.

    Parameters
    ----------
    model : as in take_snapshot
    snapshot : Snapshot
        Of a model of the same architecture and dtype.
    """
    if not isinstance(snapshot, Snapshot):
        raise TypeError(
            f"restore_snapshot: snapshot is of type {type(snapshot).__name__}; "
            "pass what take_snapshot returns"
        )
    theirs, ours = _layout(snapshot), _layout(take_snapshot(model))
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            raise ValueError(
                f"restore_snapshot: {name} is {theirs.get(name, 'missing')} in the snapshot but "
                f"{ours.get(name, 'missing')} in the model; both must be of one architecture"
            )
    model.params = {name: array.copy() for name, array in snapshot.params.items()}
    for key, bn_param, name in _statistics_of(model):
        bn_param[name] = snapshot.statistics[key].copy()


def save_snapshot(path, snapshot, **more):
    """Write the arrays of a snapshot, and ``more`` by name, to an npz file; no pickle is needed.

    The file is written beside its place and then moved there, so that it is never half written.

    Parameters
    ----------
    path : str | Path
        Replaced if it exists.
    snapshot : Snapshot
    more : arrays or lists of numbers
    """
    buffer = io.BytesIO()
    np.savez(buffer, **snapshot.params, **snapshot.statistics, **more)
    write_whole(path, buffer.getvalue())


def _layout(snapshot):
    """Describe every array of the snapshot by name: its dtype and shape."""
    arrays = {**snapshot.params, **snapshot.statistics}
    return {name: f"{array.dtype}{array.shape}" for name, array in arrays.items()}


def _statistics_of(model):
    """Name each running statistic, with the dict that holds it and its key there."""
    return [
        (f"{name}{i}", bn_param, name)
        for i, bn_param in enumerate(getattr(model, "bn_params", ()), start=1)
        for name in STATISTICS
        if name in bn_param
    ]
