"""Several builds from one command: what was given more than once is tried in every combination."""

import itertools
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import NamedTuple

from normlab.report.errors import BuildError
from normlab.report.parameter_file import read_values

_MOST = 50
_PROFILE = "profile"


class Variant(NamedTuple):
    """One build: what a person would call it, and what is set for it.

    The name is empty if the values say it all; it is that of a file or a profile otherwise.
    """

    name: str
    assignments: list


def variants(files: Iterable[Path], given: Iterable[str]) -> list[Variant]:
    """The builds that are asked for by files of parameters, and by texts ``NAME=VALUE``.

    Several files make a build each, and so do several values of one parameter. A BuildError if
    these are too many.
    """
    choices = {}
    for text in given:
        choices.setdefault(text.partition("=")[0].strip(), {})[text] = None
    files = [(path, read_values(path)) for path in dict.fromkeys(files)] or [(None, [])]
    number = len(files) * prod(map(len, choices.values()))
    if number > _MOST:
        raise BuildError(f"{number:,} builds are asked for, and {_MOST} are allowed; give fewer")
    return [_variant(*one) for one in itertools.product(files, *choices.values())]


def _variant(file, *texts):
    path, pairs = file
    profiles = [text for text in texts if text.partition("=")[0].strip() == _PROFILE]
    names = [path.stem] if path else []
    names += [text.partition("=")[2].strip() for text in profiles]
    rest = [text for text in texts if text not in profiles]
    return Variant(",".join(names + rest) if names else "", [*pairs, *texts])
