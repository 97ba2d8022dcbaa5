"""What a fault is, and short ways to write the usual kinds."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from faults.project import FIRST

OWN_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")  # root may do all else


@dataclass(frozen=True)
class Fault:
    name: str
    code: int | None = None  # None: must succeed
    words: str = ""
    cells: tuple = ()  # of the first notebook, in the place of its own
    prepare: Callable | None = None  # of a Place, before the build
    during: Callable | None = None  # of a process and a Place
    command: str = "build"
    shown: str = ""  # on standard output, by a command that finds fault and does not complain
    arguments: tuple = (FIRST,)
    prefix: tuple = ()
    page: bool | None = False  # a failure page is made; None: that depends
    keeps: bool = True  # the published pages are all there afterwards
    needs: tuple = ()  # programs
    where: str | None = None  # the working directory


def cells(name, words, *sources, arguments=(), **more):
    """The first notebook goes wrong while it runs, and its page shows how."""
    return Fault(name, 1, words, sources, arguments=(FIRST, *arguments), page=True, **more)


def typed(name, words, *arguments, **more):
    """The command is refused before anything runs."""
    return Fault(name, 2, words, arguments=arguments, **more)


def source(name, words, text, **more):
    """The first notebook's file is not one that can be run."""
    return Fault(name, 2, words, prepare=lambda place: place.first.write_bytes(text), **more)


def file(name, text):
    return lambda place: (place.project / "notebooks" / name).write_text(text, "utf-8")


def when_it_runs(process, place):
    """Wait until a cell of the notebook runs: it makes the file `here`."""
    until = time.monotonic() + 60
    while not (place.project / "notebooks" / "here").exists():
        assert time.monotonic() < until, "no cell ran"
        time.sleep(0.02)


def send(number):
    def during(process, place):
        when_it_runs(process, place)
        process.send_signal(number)

    return during
