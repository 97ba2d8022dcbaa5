"""The entries of a param dict, such as bn_param, or of an optimizer's config: defaults and bounds.

A declaration says what there is, the door refuses the rest, and `Options.read` hands a layer the
values in their order.
"""

from dataclasses import dataclass

import numpy as np

REQUIRED = object()


@dataclass(frozen=True)
class Choice:
    """One of some names."""

    names: tuple
    default: object = REQUIRED

    def read(self, value, x):
        """The name."""
        return value


class Number:
    """A number within bounds: ``above``, ``at_least``, ``below``, ``at_most``.

    With ``in_dtype`` it must be a number also in the dtype of the arrays, not zero or infinite.
    """

    def __init__(self, default=REQUIRED, in_dtype=False, **bounds):
        self.default, self.in_dtype, self.bounds = default, in_dtype, bounds

    def read(self, value, x):
        """A Python float, which keeps float32 arrays float32."""
        return float(value)


@dataclass(frozen=True)
class Count:
    """A whole number; without a default it has to be given."""

    default: object = REQUIRED
    at_least: int = 0

    def read(self, value, x):
        """A Python int."""
        return int(value)


@dataclass(frozen=True)
class Memory:
    """An array that is kept from call to call: of the shape of x, or of one of its axes.

    With ``at_least`` no entry may lie below; with ``finite`` all must be finite.
    """

    axis: int | None = None
    at_least: float | None = None
    finite: bool = False
    default: object = None

    def read(self, value, x):
        """The array, or zeros where there is none yet."""
        if value is None:
            return np.zeros(x.shape if self.axis is None else (x.shape[self.axis],), x.real.dtype)
        return value


@dataclass(frozen=True)
class Source:
    """A Generator or RandomState, or with ``is_seed`` the number to make one from."""

    is_seed: bool = False
    default: object = None

    def read(self, value, x):
        """What was handed in."""
        return value


MODE = Choice(("train", "test"))


class Options(dict):
    """Name -> option, in the order in which `read` gives their values."""

    @property
    def memory(self):
        """The names of what is kept from call to call."""
        return [name for name, option in self.items() if isinstance(option, Memory)]

    def read(self, param, x):
        """The values in a dict that the door has let in, and defaults for the rest."""
        return [option.read(param.get(name, option.default), x) for name, option in self.items()]

    def initial(self, width, dtype):
        """The dict that a net starts with: in train mode, and zeros for what is kept."""
        like = np.zeros((1, width), dtype)
        start = {"mode": "train"} if self.get("mode") is MODE else {}
        return start | {name: self[name].read(None, like) for name in self.memory}
