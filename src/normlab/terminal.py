"""What a person sees while notebooks run: which one, which run of how many, time left."""

import sys
import time


class Terminal:
    """One line that is drawn over on a screen; a line now and then in a log file."""

    def __init__(self, stream=None, every: float = 10.0):
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.every = 0.2 if self.live else every

    def start(self, label: str) -> None:
        """A notebook begins."""
        self.label, self.sweep, self.shown = label, 0, 0.0
        self.began = self.sweep_began = time.monotonic()
        self._draw(f"{label}: running")

    def runs(self, state: dict) -> None:
        """A sweep has begun or one of its runs has finished; ``state`` is what it reports."""
        now = time.monotonic()
        if state["done"] == 0:
            self.sweep, self.sweep_began = self.sweep + 1, now
            return
        finished = state["done"] == state["runs"]
        if now - self.shown < self.every and not finished:
            return
        self.shown = now
        left = ""
        if state["work_done"]:
            seconds = (now - self.sweep_began) * (state["work"] / state["work_done"] - 1)
            left = f", {_duration(seconds)} left"
        self._draw(
            f"{self.label}: sweep {self.sweep}, run {state['done']} of {state['runs']}{left}"
        )

    def finish(self, text: str, failed: bool = False) -> None:
        """A notebook has ended."""
        took = _duration(time.monotonic() - self.began)
        mark = "FAILED" if failed else "done"
        self._draw(f"{mark} {text}" + ("" if failed else f" ({took})"))
        if self.live:
            self.stream.write("\n")

    def _draw(self, line):
        self.stream.write(f"\r\x1b[K{line}" if self.live else f"{line}\n")
        self.stream.flush()


def _duration(seconds):
    minutes, seconds = divmod(round(max(seconds, 0)), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
