"""The door: what the library refuses, and how it words that.

Every refusal is one line that names the function, the value that is wrong and the way out::

    affine_forward: x flattens to (50, 3072) but w is (3000, 100); expected w.shape[0] == 3072

A wrong type or dtype is a TypeError, anything else a ValueError. In all the functions here,
``where`` is the name of the function that the user called. None of them returns what is used
afterwards, so that nothing here can change a number.
"""

from functools import lru_cache
from math import inf, prod

import numpy as np

from normlab.messages import entry, unknown_name
from normlab.nn import checks
from normlab.nn.options import REQUIRED, Choice, Count, Memory, Number

UNLIKE_ARRAYS = (np.matrix, np.ma.MaskedArray)  # their * and mean mean something else

# Layers


def forward(layer, args):
    """Refuse arguments of a forward pass that are not what its layer declares."""
    where, facts = layer.body.__name__, []
    for name, array in zip(layer.floats, args, strict=False):
        _plain_floats(where, name, array)
        facts.append((array.dtype, array.shape))
    _fit(layer, tuple(facts), checks.is_measuring())
    if layer.labels:
        labels(where, args[1], *args[0].shape, name=layer.labels)
    if layer.param:
        options(where, layer.param, args[-1], layer.options, args[0])
    if layer.rule:
        layer.rule(where, *args)


def backward(layer, where, dout, cached):
    """Refuse a cache of another function, and a dout unlike the output of the forward pass."""
    cache(where, cached, layer.cache, layer.body.__name__)
    _plain_floats(where, "dout", dout)
    kept = [getattr(cached, name) for name in layer.kept]
    facts = tuple((array.dtype, array.shape) for array in (dout, *kept))
    shape_out = layer.output_shape(cached) if layer.output_shape else None
    _fit_output(layer, where, facts, shape_out, checks.is_measuring())


@lru_cache(4096)
def _fit(layer, facts, measuring):
    """Refuse dtypes and shapes; those that were let in once are let in at no cost again."""
    where, sizes = layer.body.__name__, {}
    for (name, shape), (dtype, dims) in zip(layer.floats.items(), facts, strict=False):
        _float(where, name, dtype, dims, measuring)
        _same_dtype(where, next(iter(layer.floats)), facts[0][0], name, dtype, measuring)
        _bind(where, name, shape, dims, sizes)


@lru_cache(4096)
def _fit_output(layer, where, facts, shape_out, measuring):
    (dtype, dims), (kept_dtype, kept_dims), *_ = facts
    _float(where, "dout", dtype, dims, measuring)
    if shape_out:
        expected = shape_out
    elif layer.kept[0] in layer.floats:
        sizes = {}
        for name, (_, each) in zip(layer.kept, facts[1:], strict=True):
            _bind(where, name, layer.floats[name], each, sizes)
        expected = _sizes(layer.out, sizes)
    else:
        expected = kept_dims
    if dims != expected:
        raise ValueError(
            f"{where}: dout has shape {dims}; expected {expected}, the shape of the output"
        )
    if dtype != kept_dtype and not measuring:
        raise TypeError(
            f"{where}: dout is {dtype} but the forward pass was {kept_dtype}; "
            f"pass dout.astype({kept_dtype})"
        )


def _bind(where, name, shape, dims, sizes):
    """Note the size of each symbol of an array; refuse one that is known with another size."""
    axes = shape.axes
    if len(dims) < len(axes) or (len(dims) > len(axes) and not shape.any_axes):
        _refuse_shape(where, name, shape, dims, sizes)
    split = len(axes) - 1 if shape.any_axes else len(axes)
    parts = [*dims[:split], *([dims[split:]] if shape.any_axes else [])]
    for number, (axis, size) in enumerate(zip(axes, parts, strict=True)):
        if axis.isdigit():
            if size != int(axis):
                _refuse_shape(where, name, shape, dims, sizes)
            continue
        symbol = axis.removesuffix("...")
        value = prod(size) if symbol and shape.any_axes and number == split else size
        known, by, of, flattened = sizes.setdefault(symbol, (value, name, dims, axis != symbol))
        if known != value and symbol and flattened:
            raise ValueError(
                f"{where}: {by} flattens to {(of[0], known)} but {name} is {dims}; "
                f"expected {name}.shape[{number}] == {known}"
            )
        if known != value:
            _refuse_shape(where, name, shape, dims, sizes)


def _refuse_shape(where, name, shape, dims, sizes):
    expected, reason = str(shape), ""
    known = [sizes.get(a.removesuffix("...")) for a in shape.axes if not a.isdigit()]
    if None not in known:
        expected = _sizes(shape, sizes)
    if known and None not in known:
        _, by, of, _ = known[0]
        reason = f", as {by} is {of}"
    raise ValueError(f"{where}: {name} has shape {dims}; expected {expected}{reason}")


def _sizes(shape, sizes):
    """The numbers for the symbols of a shape."""
    found = []
    for axis in shape.axes:
        size, *_ = (int(axis),) if axis.isdigit() else sizes[axis.removesuffix("...")]
        found += size if axis == "..." else (size,)
    return tuple(found)


def cache(where, value, kind, forward_name):
    """Refuse a cache that another function made."""
    if not isinstance(value, kind):
        raise TypeError(
            f"{where}: cache is of type {type(value).__name__}; expected the {kind.__name__} "
            f"that {forward_name} returns"
        )


# Dicts of options


def options(where, name, param, declared, x):
    """Refuse a param dict that is not as declared; ``x`` is the array that it belongs to."""
    if not isinstance(param, dict):
        raise TypeError(f"{where}: {name} is of type {type(param).__name__}; expected a dict")
    for key in param:
        if key not in declared:
            choice(where, f"key of {name}", key, declared)
    for key, option in declared.items():
        if key not in param:
            if option.default is REQUIRED:
                keys = ", ".join(declared)
                raise ValueError(f"{where}: {name} has no {key!r}; add it (keys: {keys})")
        elif param[key] is not option.default:
            _option(where, key, param[key], option, x)


def _option(where, name, value, option, x):
    if isinstance(option, Number):
        dtype = x.real.dtype if option.in_dtype else None
        checks.number(where, name, value, dtype=dtype, **option.bounds)
    elif isinstance(option, Memory):
        _memory(where, name, value, option, x)
    elif isinstance(option, Choice):
        choice(where, name, value, option.names)
    elif isinstance(option, Count):
        checks.count(where, name, value, at_least=option.at_least)
    elif option.is_seed:
        checks.seed(where, value)
    else:
        checks.generator(where, value)


def _memory(where, name, value, option, x):
    float_arrays(where, x=x, **{name: value})
    if option.finite and value.dtype.kind == "c":
        raise TypeError(f"{where}: {name} is complex, but nothing moves it; pass {name}.real")
    expected = x.shape if option.axis is None else (x.shape[option.axis],)
    shape(where, name, value, expected, f"as the array is {x.shape}")
    if option.finite:
        checks.finite(where, name, value, "look for the step that made it, or start with zeros")
    if option.at_least is not None and (lowest := value.real.min()) < option.at_least:
        raise ValueError(
            f"{where}: {name} has an entry {lowest}; expected numbers >= {option.at_least}"
        )


# Arrays and names


def plain(where, name, array, remedy="np.asarray({})"):
    """Refuse what is no array, or is one with rules of its own."""
    if not isinstance(array, np.ndarray) or isinstance(array, UNLIKE_ARRAYS):
        kind = type(array).__name__
        raise TypeError(f"{where}: {name} is of type {kind}; pass {remedy.format(name)}")


def float_arrays(where, **arrays):
    """Refuse what is no array, not float32 or float64, empty, or of another dtype than the rest.

    A single number, an array of shape (), is refused too: NumPy would return no array for it.
    """
    measuring = checks.is_measuring()
    first = next(iter(arrays))
    for name, array in arrays.items():
        _plain_floats(where, name, array)
        _float(where, name, array.dtype, array.shape, measuring)
        _same_dtype(where, first, arrays[first].dtype, name, array.dtype, measuring)


def _plain_floats(where, name, array):
    if type(array) is not np.ndarray:
        plain(where, name, array, "np.asarray({}, dtype=np.float64)")


def _float(where, name, dtype, dims, measuring):
    if dtype not in checks.FLOATS and not (measuring and dtype == checks.COMPLEX):
        raise TypeError(
            f"{where}: {name} has dtype {dtype}; pass {name}.astype(np.float32) "
            "or .astype(np.float64)"
        )
    if dims == ():
        raise ValueError(f"{where}: {name} is a number, its shape is (); pass {name}[None]")
    if 0 in dims:
        raise ValueError(
            f"{where}: {name} is empty, its shape is {dims}; pass at least one example"
        )


def _same_dtype(where, first, first_dtype, name, dtype, measuring):
    if dtype != first_dtype and not measuring:
        raise TypeError(
            f"{where}: {first} is {first_dtype} but {name} is {dtype}; "
            f"pass {name}.astype({first_dtype})"
        )


def shape(where, name, array, expected, reason):
    """Refuse an array that has another shape than expected."""
    if array.shape != expected:
        raise ValueError(f"{where}: {name} has shape {array.shape}; expected {expected}, {reason}")


def labels(where, y, num_examples, num_classes=None, name="y", of="x"):
    """Refuse labels that are not integers of shape (N,), each in [0, C); C may be unknown."""
    plain(where, name, y)
    if y.dtype.kind not in "iu":
        raise TypeError(
            f"{where}: {name} has dtype {y.dtype}; labels are integers, pass {name}.astype(int)"
        )
    shape(where, name, y, (num_examples,), f"one label per example of {of}")
    bad = np.flatnonzero((y < 0) | (y >= (num_classes or inf)))
    if bad.size:
        raise ValueError(
            f"{where}: {entry(name, bad[:1])} is {y[bad[0]]}; expected labels from 0 to "
            f"{num_classes - 1 if num_classes else 'C - 1'}"
        )


def choice(where, what, value, choices):
    """Refuse a name that is not among the choices, and offer the nearest."""
    if not (isinstance(value, str) and value in choices):
        raise ValueError(f"{where}: {unknown_name(what, value, choices)}")
