"""The student's process: it runs the functions of a file on what it is handed, and judges nothing.

It is started by its path, so that only NumPy and the standard library are in it. A message on the
wire is the length of a header, the header as JSON, and the bytes of the arrays that this announces;
nothing is pickled. Both ends use `pack` and `unpack`.

What the judge asks: ``load`` a file, ``begin`` with a function, ``call`` one. What a call returned
stays here, under the number of the call: a cache may be any object, and is handed back as "kept".
"""

import ast
import contextlib
import errno
import faulthandler
import importlib.util
import inspect
import json
import math
import os
import re
import sys
import types
import warnings
from pathlib import Path

# By name, since the file may put something else into NumPy.
from numpy import array, dtype, errstate, ndarray, random, sctypeDict, zeros

HEADER, LIMIT = 2**20, 2**24  # most bytes of a header, and of all arrays of a message
CUT, FULL = 97, 98  # exit codes: the wire is cut; no memory is left, not even to tell so
PACKAGE = "own_package"  # under which a file is loaded

_NUMBERS = {bool, int, float, complex, *sctypeDict.values()}
_MANY, _LONG = 1000, 200  # values that are looked at, and characters of a text
_set_state, _STATE = random.set_state, random.RandomState(0).get_state()


def pack(header: dict, arrays=()) -> bytes:
    """A message: a header that JSON can hold, and arrays of numbers."""
    orders = ["F" if a.flags.f_contiguous and not a.flags.c_contiguous else "C" for a in arrays]
    announced = [(a.dtype.str, a.shape, order) for a, order in zip(arrays, orders, strict=True)]
    text = json.dumps({**header, "arrays": announced}).encode()
    bodies = [a.tobytes(order) for a, order in zip(arrays, orders, strict=True)]
    return b"".join([len(text).to_bytes(4, "big"), text, *bodies])


def unpack(read) -> tuple[dict, list]:
    """Header and arrays, read-only, of a message; ``read(n)`` returns the next n bytes.

    Raises ValueError, TypeError, LookupError or RecursionError where there is no message.
    """
    size = int.from_bytes(read(4), "big")
    if size > HEADER:
        raise ValueError(f"a header of {size} bytes")
    header, arrays, left = json.loads(read(size)), [], LIMIT
    for kind, shape, order in header["arrays"]:
        if not re.fullmatch(r"[<>|=][biufc]\d{1,2}", kind):
            raise ValueError(f"dtype {kind}")
        size = dtype(kind).itemsize * math.prod(shape)
        if not 0 <= size <= left:
            raise ValueError(f"an array of {size} bytes")
        left -= size
        arrays.append(ndarray(shape, kind, read(size), order=order))
    return header, arrays


class Student:
    """The file's functions, and what they returned."""

    def __init__(self, trace: int):
        self.trace, self.path, self.functions, self.kept = trace, "", {}, {}
        self.spare = zeros(LIMIT, "u1")  # memory for an answer when there is no other

    def load(self, header, arrays):
        """Run the file; the answer names its functions, and those that it does not import."""
        self.path = header["path"]
        self.begin(header, arrays)
        source, sys.argv = arrays[0].tobytes(), [self.path]
        try:
            levels = [getattr(node, "level", 0) for node in ast.walk(ast.parse(source, self.path))]
        except Exception as error:
            where = {"line": getattr(error, "lineno", None)}
            return {"syntax": self._told(error, getattr(error, "msg", "")) | where}, ()
        try:
            code = compile(source, self.path, "exec", dont_inherit=True)
            module, missing = _sibling("loading").load(code, Path(self.path), max(levels), PACKAGE)
            self.functions = {
                name: value
                for name, value in vars(module).items()
                if _is_name(name) and callable(value)
            }
            own = [
                name
                for name, value in self.functions.items()
                if getattr(value, "__module__", None) == module.__name__
            ]
            classes = {name: _arguments(value) for name, value in self.functions.items()}
            told = {"functions": list(self.functions), "own": own, "missing": missing}
            return told | {"classes": {k: v for k, v in classes.items() if v is not None}}, ()
        except BaseException as error:
            return {"raised": self._told(error)}, ()

    def begin(self, header, arrays):
        """Draw the same numbers whatever came before; write a trace when the time is over."""
        _set_state(_STATE)
        self.kept.clear()
        faulthandler.dump_traceback_later(max(header["seconds"], 1e-3), file=self.trace)

    def call(self, header, arrays):
        """Call a function, once or more, and show what it did each time."""
        function, showing = self._function(header["call"]), _Showing()
        try:
            with warnings.catch_warnings(), errstate(all="ignore"):
                warnings.simplefilter("ignore")
                answers = [
                    self._call(function, sent, header["keywords"], arrays, header["keep"], showing)
                    for sent in header["calls"]
                ]
            return {"answers": answers}, showing.arrays
        except BaseException as error:
            return {"raised": self._told(error)}, ()

    def _function(self, name):
        """A function of the file, a method or attribute of the first argument, or one of ours."""
        if name in self.functions:
            return self.functions[name]
        if not name.startswith("."):
            return _sibling("toy").FUNCTIONS[name]

        def attribute(owner, *arguments):
            value = getattr(owner, name[1:])
            return value(*arguments) if callable(value) else value

        return attribute

    def _call(self, function, sent, named, arrays, number, showing):
        """What it returned; and with a number to keep that by, the arguments afterwards."""
        arguments = [self._made(stands, arrays) for stands in sent]
        keywords = {name: self._made(stands, arrays)[0] for name, stands in named.items()}
        result = function(*(value for value, _ in arguments), **keywords)
        many = isinstance(result, tuple | list)
        values = list(result[:_MANY]) if many else [result]
        answer = {"results": [showing.show(value) for value in values], "many": many}
        if number:
            caches = [_arrays_in(value) for value in values]
            self.kept[number] = list(zip(values, caches, strict=True))
            answer["kept"] = [[showing.show(a) for a in cache] for cache in caches]
            answer["arguments"] = [[showing.show(a) for a in parts] for _, parts in arguments]
        return answer

    def _made(self, value, arrays):
        """An argument from what stands for it in a header, and what of it may be changed.

        That is the arrays of a cache, and otherwise the argument, which is a copy.
        """
        if isinstance(value, dict) and "kept" in value:
            number, index = value["kept"]
            return self.kept[number][index]
        if isinstance(value, dict) and "dtype" in value:
            return dtype(value["dtype"]).type, []
        if isinstance(value, dict) and "array" in value:
            value = arrays[value["array"]].copy(order="K")
        elif isinstance(value, dict):
            value = {key: self._made(entry, arrays)[0] for key, entry in value["entries"].items()}
        return value, [value]

    def _told(self, error, text=""):
        """Type, message and line in the file, of what it raised."""
        lines, trace = [None], error.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename == self.path:
                lines.append(trace.tb_lineno)
            trace = trace.tb_next
        memory = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
        if memory:
            self.spare = error.__traceback__ = None
        with contextlib.suppress(Exception):  # an error's own __str__ may raise another
            text = text or str(error)
        return {
            "type": type(error).__name__[:_LONG],
            "text": text[:_LONG],
            "line": lines[-1],
            "memory": memory,
        }


class _Showing:
    """Shows values to the judge: arrays of plain numbers as they are, of the rest the type."""

    def __init__(self):
        self.arrays, self.left = [], LIMIT

    def show(self, value, within=True):
        """What stands for a value in a header; of a dict, with what is ``within``."""
        if value is None:
            return None
        kind = type(value)
        plain = array(value) if kind in _NUMBERS else value
        if type(plain) is ndarray and plain.dtype.kind in "biufc" and plain.nbytes <= self.left:
            self.left -= plain.nbytes
            self.arrays.append(plain.copy(order="K"))  # the next call may write into it
            return {"array": len(self.arrays) - 1}
        shown = {"type": kind.__name__[:_LONG]}
        if kind is ndarray:
            shown |= {"shape": value.shape, "dtype": str(value.dtype)[:_LONG]}
        if isinstance(value, dict) and within:
            entries = [(key, entry) for key, entry in dict.items(value) if _is_name(key)]
            shown["entries"] = {key: self.show(entry, False) for key, entry in entries[:_MANY]}
        return shown


def _sibling(name):
    """A module beside this one, which is no package here."""
    known = f"check_{name}"
    if known not in sys.modules:
        spec = importlib.util.spec_from_file_location(known, Path(__file__).with_name(f"{name}.py"))
        sys.modules[known] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[known]


def _arguments(value):
    """Names of what a class is made from; None of what is no class."""
    if not isinstance(value, type):
        return None
    try:
        return [name for name in inspect.signature(value).parameters if _is_name(name)]
    except (TypeError, ValueError):
        return []


def _is_name(key):
    return type(key) is str and len(key) < _LONG


def _arrays_in(value):
    """The arrays that a cache holds, in tuples, lists, dicts and attributes."""
    found, seen, waiting = [], {}, [value]
    while waiting and len(seen) < _MANY:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        if isinstance(value, ndarray):
            found.append(value)
        elif isinstance(value, tuple | list):
            waiting += value[:_MANY]
        elif isinstance(value, dict):
            waiting += list(dict.values(value))[:_MANY]
        elif hasattr(value, "__dict__") and not isinstance(value, type | types.ModuleType):
            waiting += list(vars(value).values())[:_MANY]
    return found


def main(wire: int, trace: int) -> None:
    """Answer the judge until it closes the wire."""
    for file in (wire, trace):
        os.set_inheritable(file, False)
    os.register_at_fork(after_in_child=lambda: os.close(wire))  # one process answers
    reading, writing = (os.fdopen(wire, mode, closefd=False) for mode in ("rb", "wb"))
    student, answer, number = Student(trace), ({}, ()), 0
    while True:
        try:
            if answer:
                writing.write(pack(answer[0] | {"number": number}, answer[1]))
                writing.flush()
            header, arrays = unpack(reading.read)
        except (OSError, ValueError):
            os._exit(CUT)  # wait for no thread and no atexit function of the student
        try:
            answer, number = getattr(student, header["do"])(header, arrays), header["number"]
        except MemoryError:
            os._exit(FULL)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
