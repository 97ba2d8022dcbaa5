"""What a person sees while notebooks run: which ones, which run of how many, time left."""

import contextlib
import io
import shutil
import sys
import threading
import time
import unicodedata

from normlab.plain import printable


class Terminal:
    """A line a running notebook, drawn over on a screen; in a log file, lines now and then.

    Its notebooks may report from several threads.
    """

    def __init__(self, stream=None, every: float = 10.0):
        stream = stream or sys.stderr or io.StringIO()  # it may be closed
        self.stream = getattr(stream, "behind", stream)  # it moves the cursor itself
        self.live = self.stream.isatty()
        self.every = 0.2 if self.live else every
        self.lock = threading.Lock()
        self.running = []
        self.drawn = 0  # lines of running notebooks that are on the screen

    def start(self, label: str) -> "Notebook":
        """A notebook begins; it is told of its runs and of its end."""
        notebook = Notebook(self, label)
        with self.lock:
            self.running.append(notebook)
            self.draw(notebook.line)
        return notebook

    def draw(self, line: str, last: bool = False) -> None:
        """Show a new line of a notebook; the last one stays. Needs the lock."""
        line = printable(line)
        if not self.live:
            text = f"{line}\n"
        else:
            width = shutil.get_terminal_size().columns - 1
            up = f"\x1b[{self.drawn}A" if self.drawn else ""
            running = [_cut(printable(n.line), width) for n in self.running]
            lines = [line, *running] if last else running
            text = f"{up}\r\x1b[J" + "".join(f"{line}\n" for line in lines)
            self.drawn = len(self.running)
        with contextlib.suppress(OSError):  # a build goes on when nobody listens any more
            self.stream.write(text)
            self.stream.flush()


class Notebook:
    """One running notebook on a terminal."""

    def __init__(self, terminal: Terminal, label: str):
        self.terminal, self.label, self.line = terminal, label, f"{label}: running"
        self.sweep, self.shown = 0, 0.0
        self.began = self.sweep_began = time.monotonic()

    def runs(self, state: dict) -> None:
        """A sweep has begun or one of its runs has finished; ``state`` is what it reports."""
        if "note" in state:
            with self.terminal.lock:
                self.terminal.draw(f"{self.label}: {state['note']}", last=True)
            return
        now = time.monotonic()
        if state["done"] == 0:
            self.sweep, self.sweep_began = self.sweep + 1, now
            return
        finished = state["done"] == state["runs"]
        if now - self.shown < self.terminal.every and not finished:
            return
        self.shown = now
        left = ""
        if state["work_done"] > 0.05 * state["work"]:  # before that it would be a wild guess
            seconds = (now - self.sweep_began) * (state["work"] / state["work_done"] - 1)
            left = f", {_duration(seconds)} left"
        line = f"{self.label}: sweep {self.sweep}, run {state['done']} of {state['runs']}{left}"
        with self.terminal.lock:
            self.line = line
            self.terminal.draw(line)

    def finish(self, text: str, failed: bool = False) -> None:
        """The notebook has ended."""
        took = _duration(time.monotonic() - self.began)
        with self.terminal.lock:
            self.terminal.running.remove(self)
            self.terminal.draw(f"FAILED {text}" if failed else f"done {text} ({took})", last=True)


def _cut(line, width):
    """The beginning of a line that takes ``width`` columns; signs of East Asia take two."""
    for place, sign in enumerate(line):
        width -= 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if width < 0:
            return line[:place]
    return line


def _duration(seconds):
    minutes, seconds = divmod(round(max(seconds, 0)), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
