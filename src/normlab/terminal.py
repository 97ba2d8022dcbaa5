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
        self.label, self.sweep, self.began, self.shown = label, 0, time.monotonic(), 0.0
        self._draw(f"{label}: running")

    def runs(self, state: dict) -> None:
        """A run of a sweep has finished; ``state`` is what the sweep reports."""
        now = time.monotonic()
        if state["done"] == 1 or not self.sweep:
            self.sweep = self.sweep + 1
            self.began = self.began if self.sweep == 1 else now
        finished = state["done"] == state["runs"]
        if now - self.shown < self.every and not finished:
            return
        self.shown = now
        left = (now - self.began) * (state["work"] / state["work_done"] - 1)
        self._draw(
            f"{self.label}: sweep {self.sweep}, run {state['done']} of {state['runs']}, "
            f"{_duration(left)} left"
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
