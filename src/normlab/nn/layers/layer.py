"""A layer is one record: a pair of functions, and the declaration that stands above them.

The declaration names the shapes of the arrays by symbols (see `normlab.nn`)::

    @forward("x: N D..., w: D M, b: M = 0 -> N M", title="affine")
    def affine_forward(x, w, b): ...

    @backward(affine_forward, AffineCache)
    def affine_backward(dout, cache): ...

``...`` stands for any axes, ``D...`` for any axes of D entries together, ``N < C`` for N labels
from 0 to C - 1, a digit for an axis of that size. What follows ``=`` is the value that a net gives
to a parameter at first; one without is drawn at random. The first array is the input, the rest are
parameters, and a param dict comes last, with its `Options`. Where sizes of the output, such as
``H'``, do not follow from symbols, a function tells its shape from the cache. From this come the
checks at the door, and by loops over `LAYERS` the gradient table, tests, docs, and the place of
the layer in a net.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from normlab.nn import door
from normlab.nn.checks import NonFiniteError
from normlab.nn.options import Options

LAYERS = {}
"""Name -> Layer, in the order of their declaration."""


@dataclass(frozen=True)
class Shape:
    """Symbols of the axes of one array, the value it starts with, the bound of labels."""

    axes: tuple
    initial: float | None = None
    below: str | None = None

    @property
    def any_axes(self):
        """Whether the last symbol stands for any number of axes."""
        return self.axes[-1].endswith("...")

    def __str__(self):
        if self.axes == ("...",):
            return "any shape"
        shown = ["d_1, ..." if axis.endswith("...") else axis for axis in self.axes]
        return f"({', '.join(shown)}{',' if len(self.axes) == 1 and not self.any_axes else ''})"


@dataclass(eq=False)
class Layer:
    """What there is to know of a layer; ``backwards`` in the order of declaration.

    ``floats`` are the arrays but for labels, ``kept`` those fields of the cache by which the door
    knows the shape of the output, ``gradients_of_parameters`` what a backward pass returns after dx
    where dx costs much; a net asks its first layer for nothing else.
    """

    name: str
    title: str
    body: Callable
    floats: dict
    labels: str | None
    out: Shape | None
    param: str | None
    options: Options
    numbers: dict
    output_shape: Callable | None
    rule: Callable | None
    example: dict
    forward: Callable | None = None
    backwards: list = field(default_factory=list)
    gradients_of_parameters: Callable | None = None
    cache: type | None = None
    kept: tuple = ()

    def __deepcopy__(self, _):
        return self  # a copy of a net has the same layers

    @property
    def backward(self):
        """The backward pass that nets use: the last one declared."""
        return self.backwards[-1]

    @property
    def parameters(self):
        """Name -> Shape of what is learned: all arrays but the first."""
        return dict(list(self.floats.items())[1:])

    @property
    def source(self):
        """What the docstring names as its source, on one line."""
        _, _, text = (self.body.__doc__ or "").partition("Source:")
        return " ".join(text.split())


def forward(signature, title, rule=None, example=None, numbers=None, output_shape=None, **options):
    """Declare a forward pass, or a loss.

    Parameters
    ----------
    signature : str
        Arrays and output, as above.
    title : str
        The name of the layer in words.
    rule : function, optional
        What symbols cannot say: called with the function's name and arguments, it raises.
    example : dict, optional
        The param dict with which the layer is tried.
    numbers : dict, optional
        What stands between arrays and param dict, name -> value with which the layer is tried.
    output_shape : function, optional
        From the cache to the shape of the output.
    **options : Options
        By the name of the param dict.
    """
    arrays, _, out = signature.partition("->")
    shapes = dict(map(_array, arrays.split(",")))
    param, declared = next(iter(options.items()), (None, Options()))

    def declare(body):
        layer = Layer(
            name=body.__name__.replace("_forward", ""),
            title=title,
            body=body,
            floats={name: shape for name, shape in shapes.items() if not shape.below},
            labels=next((name for name, shape in shapes.items() if shape.below), None),
            out=_shape(out) if out else None,
            param=param,
            options=declared,
            numbers=numbers or {},
            output_shape=output_shape,
            rule=rule,
            example=example or {},
        )

        def check(args):
            door.forward(layer, args)

        layer.forward = _guarded(body, check)
        layer.forward.layer = LAYERS[layer.name] = layer
        return layer.forward

    return declare


def backward(of, cache, parameters=None):
    """Declare a backward pass of the forward pass ``of``, which reads a ``cache`` of that type.

    ``parameters`` are its gradients_of_parameters.
    """
    layer = of.layer
    layer.gradients_of_parameters = parameters
    inputs = tuple(name for name in layer.floats if name in cache._fields)
    arrays = (name for name, kind in cache.__annotations__.items() if kind is np.ndarray)
    layer.cache, layer.kept = cache, inputs if "x" in inputs else (next(arrays),)

    def declare(body):
        def check(args):
            door.backward(layer, body.__name__, *args)

        layer.backwards.append(_guarded(body, check))
        return layer.backward

    return declare


def _guarded(body, check):
    """The function with its door; names of arguments are allowed, as in any call."""
    signature = inspect.signature(body)
    number = len(signature.parameters)

    @functools.wraps(body)
    def guarded(*args, **kwargs):
        if kwargs or len(args) != number:
            args = signature.bind(*args, **kwargs).args  # the TypeError of a plain call
        check(args)
        try:
            return body(*args)
        except NonFiniteError as error:
            raise NonFiniteError(f"{body.__name__}: {error}") from None

    return guarded


def _array(text):
    name, _, shape = text.partition(":")
    return name.strip(), _shape(shape)


def _shape(text):
    text, _, initial = text.partition("=")
    axes, _, below = text.partition("<")
    return Shape(tuple(axes.split()), float(initial) if initial else None, below.strip() or None)
