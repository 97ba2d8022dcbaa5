"""A student's file as the judge sees it: its functions, called in a process of their own."""

import contextlib
import re
import time
from importlib.util import decode_source
from pathlib import Path

import numpy as np

from normlab.check import worker
from normlab.check.answers import Answer, read_answer, stand_in
from normlab.check.findings import CannotTell, Flaw, NotWritten
from normlab.check.process import FAILED, FORGED, Ended, Full, Process
from normlab.check.text import one_line

TIMEOUT = 60.0  # seconds for one function, and for loading the file
MEMORY = 2.0  # GB
_AT_ONCE = 64  # calls in a message

_PYTHON_2 = {"xrange": "range", "raw_input": "input", "unicode": "str", "reduce": "a loop"}


class CheckError(ValueError):
    """A file that cannot be checked; one line says why and the way out."""


class Solution:
    """The functions of one file; a CheckError if it cannot be loaded.

    A process runs them. One that hangs, ends or runs out of memory costs the function that was
    called; the next one finds a new process. ``timeout`` is in seconds for all calls between one
    `begin` and the next, ``memory`` in GB. ``own`` are the names of the functions that the file
    defines, ``functions`` also those that it imports, ``current`` is the one being checked;
    ``classes`` maps those that are classes to what they are made from, and ``missing`` the modules
    that could not be imported to why.
    """

    def __init__(self, path: Path, source: bytes, timeout=TIMEOUT, memory=MEMORY):
        self.path, self.timeout, self.memory = path.absolute(), timeout, memory
        self.name = one_line(path.name)
        self.current = ""
        self._process, self._calls, self._until = None, 0, 0.0
        self._lost = ""  # why no other process can be had
        self.load(source)

    def __contains__(self, name):
        return name in self.functions

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.end()
            self._process = None

    def load(self, source: bytes) -> None:
        """Run the file, or another text in its place; a CheckError if it does not come through."""
        self.source, self.broken = source, set()
        try:
            self._start()
            self._until = time.monotonic() + self.timeout
            self._load()
        except BaseException:
            self.close()
            raise

    def begin(self, name: str) -> None:
        """Begin with the check of a function: its time starts now, with numbers drawn anew."""
        self.current = name
        if self._lost:
            raise Flaw(self._lost)
        try:
            fresh = self._start()
            self._until = time.monotonic() + self.timeout
            if fresh:
                self._load()
            self._process.tell(self._until, {"do": "begin", "seconds": self.timeout})
        except CheckError as error:
            self.close()
            self._lost = f"no second process: {error}"
            raise Flaw(self._lost) from None
        except (Ended, TimeoutError) as end:
            raise self._broken(name, self._why(end)) from None

    def call(self, name: str, *arguments, **named) -> Answer:
        """Call a function with copies of the arguments: arrays, dicts, numbers, None, `Kept`.

        ".name" is a method, or an attribute, of the first argument.

        A Flaw if it raises something, ends its process or takes too long; a CannotTell if it is
        another function than that being checked that does not return.
        """
        self._calls += 1
        return self._ask(name, [arguments], self._calls, named)[0]

    def results(self, name: str, calls) -> list:
        """What a function returns for each of many tuples of arguments; else as `call`."""
        answers = []
        for first in range(0, len(calls), _AT_ONCE):
            answers += self._ask(name, calls[first : first + _AT_ONCE], 0)
        return [answer.result for answer in answers]

    def _ask(self, name, calls, keep, named=()):
        if name in self.broken:
            raise CannotTell(f"mend {name} first, which does not return")
        arrays = {}
        stands = [[stand_in(value, arrays) for value in call] for call in calls]
        header = {"do": "call", "call": name, "keep": keep, "calls": stands}
        header["keywords"] = {key: stand_in(value, arrays) for key, value in dict(named).items()}
        try:
            told, back = self._process.ask(self._until, header, [a for _, a in arrays.values()])
            if "raised" not in told:
                pairs = zip(told["answers"], calls, strict=True)
                return [read_answer(answer, back, call, keep) for answer, call in pairs]
            error = told["raised"]
            memory, why = error["memory"], self._raised(error)
        except FAILED as end:
            raise self._broken(name, self._why(end)) from None
        raise self._broken(name, why) if memory else self._flaw(error, why)

    def _flaw(self, error, why):
        """What to raise for an error of the function."""
        kind, text = error["type"], error["text"]
        if kind == "StandInError":
            return CannotTell(one_line(text))
        if kind == "NameError" and self.missing and "xrange" not in text:
            return CannotTell(f"{why}; {next(iter(self.missing.values()))}")
        if kind == "NameError" and any(f"'{name}'" in text for name in _PYTHON_2):
            return Flaw(f"{why}; that is Python 2, use {_PYTHON_2[text.split(chr(39))[1]]}")
        is_none = kind in ("TypeError", "AttributeError") and "NoneType" in text
        if is_none and self.current not in self.classes:
            return NotWritten(f"{why}: is it written yet?")
        return Flaw(why)

    def _start(self):
        """Whether a new process was needed; it has not loaded the file."""
        if self._process and self._process.alive():
            return False
        self.close()
        try:
            self._process = Process(self.memory)
        except Ended:
            raise CheckError(
                f"no process for {self.name} can be started with {self.memory:g} GB of memory; "
                "allow more with --memory"
            ) from None
        return True

    def _load(self):
        header = {"do": "load", "path": str(self.path), "seconds": self.timeout}
        try:
            told, _ = self._process.ask(self._until, header, [np.frombuffer(self.source, np.uint8)])
            refused = self._refused(told)
            if not refused:
                self.functions, own = set(told["functions"]), told["own"]
                self.own = [name for name in own if name.isidentifier()]
                self.classes = {k: list(map(str, v)) for k, v in told["classes"].items()}
                self.missing = {one_line(k): one_line(v) for k, v in told["missing"].items()}
        except FAILED as end:
            refused = f"{self.name} {self._why(end)} while it was loaded; mend that first"
        if refused:
            raise CheckError(refused)

    def _broken(self, name, why):
        """What to raise of a function whose process is of no use any more."""
        self.close()
        if name != self.current:
            return CannotTell(f"{name} {why}")
        self.broken.add(name)
        return Flaw(why)

    def _why(self, end):
        if isinstance(end, TimeoutError):
            name = re.escape(self.path.name.encode("ascii", "backslashreplace").decode())
            main = self._process.trace().rpartition("Thread 0x")[2]  # the first one is last
            line = re.search(rf'{name}", line (\d+)', main)
            at = f" (it was at line {line[1]})" if line else ""
            return f"does not come to an end within {self.timeout:g} s{at}"
        if isinstance(end, Full):
            return self._too_much("")
        return str(end) if isinstance(end, Ended) else FORGED

    def _raised(self, error):
        """What a function raised: type, message and line in the file, on one line."""
        where = line = ""
        if isinstance(error["line"], int):
            with contextlib.suppress(SyntaxError, ValueError, IndexError):
                line = ": " + decode_source(self.source).split("\n")[error["line"] - 1]
            where = f" (line {error['line']}{one_line(line)})"
        if error["memory"]:
            return self._too_much(where)
        text = re.sub(rf"({worker.PACKAGE}\d\.)+", "", one_line(error["text"]))
        return f"raises {one_line(error['type'])}" + (f": {text}" if text else "") + where

    def _too_much(self, where):
        return f"needs more memory than {self.memory:g} GB{where}; allow more with --memory"

    def _refused(self, told):
        """Why the file could not be loaded, and the way out; empty if it was."""
        if "syntax" in told:
            error = told["syntax"]
            line = f", line {error['line']}" if isinstance(error["line"], int) else ""
            text = one_line(error["text"] or error["type"])
            if text.startswith("Missing parentheses in call to"):
                return f"{self.name}{line}: {text}; it is Python 2 code, write it for Python 3"
            return f"{self.name}{line}: {text}; mend the syntax"
        error = told.get("raised")
        if not error:
            return ""
        told = f"{self.name} {self._raised(error)}"
        if error["memory"]:
            return told
        return f"{told}; put what is no function under if __name__ == '__main__':"
