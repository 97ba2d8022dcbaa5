"""Count what a function does to arrays: arithmetic operations and traffic with memory.

A clock gives another answer on every machine; a count does not, and it says where
the time goes: NumPy's element-wise functions are bound by memory.
"""

from dataclasses import dataclass

import numpy as np

from normlab import nn
from normlab.show.tables import Table


@dataclass
class Counts:
    """Array functions called, elements computed, elements read and written."""

    calls: int = 0
    operations: int = 0
    reads: int = 0
    writes: int = 0


class _Counted(np.ndarray):
    """An array that reports every ufunc, reduction and product it takes part in."""

    counts: Counts

    def __array_finalize__(self, source):
        self.counts = getattr(source, "counts", None)

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        counts = next(x.counts for x in inputs if isinstance(x, _Counted) and x.counts is not None)
        plain = [_plain(x) for x in inputs]
        targets = {} if out is None else {"out": tuple(_plain(x) for x in out)}
        result = getattr(ufunc, method)(*plain, **targets, **kwargs)
        arrays = [x for x in plain if isinstance(x, np.ndarray)]
        computed = arrays[0].size if method == "reduce" else result.size
        if ufunc is np.matmul:
            computed = 2 * result.size * arrays[0].shape[-1]
        counts.calls += 1
        counts.operations += computed
        counts.reads += sum(x.size for x in arrays)
        counts.writes += result.size
        if isinstance(result, np.ndarray):
            result = result.view(_Counted)
            result.counts = counts
        return result


def count(function, *arguments) -> Counts:
    """Run ``function`` on counted copies of its arrays (also those inside NamedTuples)."""
    counts = Counts()
    function(*(_counted(argument, counts) for argument in arguments))
    return counts


def backward_counts(batch: int, features: int) -> Table:
    """What the two backward passes of batch normalization do to an array (batch, features)."""
    rng = np.random.default_rng(0)
    x, dout = rng.standard_normal((2, batch, features))
    _, cache = nn.batchnorm_forward(x, np.ones(features), np.zeros(features), {"mode": "train"})
    ways = {"node by node": nn.batchnorm_backward, "closed form": nn.batchnorm_backward_alt}
    rows = []
    for way, backward in ways.items():
        counts = count(backward, dout, cache)
        rows.append(
            (
                way,
                counts.calls,
                counts.operations / x.size,
                counts.reads / x.size,
                counts.writes / x.size,
            )
        )
    return Table(
        f"What each backward pass does to a minibatch of {batch} examples with {features} features",
        (
            "Backward pass",
            "array functions",
            "operations per element",
            "reads per element",
            "writes per element",
        ),
        tuple(rows),
    )


def _plain(value):
    return value.view(np.ndarray) if isinstance(value, _Counted) else value


def _counted(value, counts):
    if isinstance(value, np.ndarray):
        value = value.view(_Counted)
        value.counts = counts
    elif isinstance(value, tuple):
        value = type(value)(*(_counted(item, counts) for item in value))
    return value
