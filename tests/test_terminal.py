import io
import time

import pytest

from normlab.terminal import Terminal, _duration


class Stream(io.StringIO):
    def __init__(self, live):
        super().__init__()
        self.live = live

    def isatty(self):
        return self.live


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def state(done, runs=10, work=100):
    return {"done": done, "runs": runs, "work": work, "work_done": work * done // runs}


def run(terminal, clock, runs=10, seconds=5):
    """A sweep whose runs finish one every so many seconds."""
    terminal.runs(state(0, runs))
    for done in range(1, runs + 1):
        clock.now += seconds
        terminal.runs(state(done, runs))


def test_a_log_file_gets_a_line_now_and_then(clock):
    stream = Stream(live=False)
    terminal = Terminal(stream)
    terminal.start("01-a (1 of 4)")
    run(terminal, clock)
    clock.now += 3
    terminal.finish("01-a: reports/01-a.html")
    assert stream.getvalue().splitlines() == [
        "01-a (1 of 4): running",
        "01-a (1 of 4): sweep 1, run 1 of 10, 45 s left",
        "01-a (1 of 4): sweep 1, run 3 of 10, 35 s left",
        "01-a (1 of 4): sweep 1, run 5 of 10, 25 s left",
        "01-a (1 of 4): sweep 1, run 7 of 10, 15 s left",
        "01-a (1 of 4): sweep 1, run 9 of 10, 5 s left",
        "01-a (1 of 4): sweep 1, run 10 of 10, 0 s left",
        "done 01-a: reports/01-a.html (53 s)",
    ]


def test_a_screen_has_one_line_that_is_drawn_over(clock):
    stream = Stream(live=True)
    terminal = Terminal(stream)
    terminal.start("01-a (1 of 1)")
    run(terminal, clock, runs=2)
    terminal.finish("01-a: reports/01-a.html")
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("\n")
    drawn = text.rstrip("\n").split("\r\x1b[K")
    assert drawn == [
        "",
        "01-a (1 of 1): running",
        "01-a (1 of 1): sweep 1, run 1 of 2, 5 s left",
        "01-a (1 of 1): sweep 1, run 2 of 2, 0 s left",
        "done 01-a: reports/01-a.html (10 s)",
    ]


def test_a_screen_is_not_drawn_more_often_than_a_person_reads(clock):
    stream = Stream(live=True)
    terminal = Terminal(stream)
    terminal.start("a")
    run(terminal, clock, runs=100, seconds=0.01)
    assert 3 <= stream.getvalue().count("sweep 1") <= 8


def test_time_left_goes_by_work_and_not_by_runs(clock):
    stream = Stream(live=True)
    terminal = Terminal(stream)
    terminal.start("a")
    clock.now += 60
    terminal.runs({"done": 1, "runs": 10, "work": 100, "work_done": 50})
    assert "run 1 of 10, 1 min 0 s left" in stream.getvalue()


def test_sweeps_are_counted_and_start_anew_with_each_notebook(clock):
    stream = Stream(live=False)
    terminal = Terminal(stream, every=0)
    for label in ("a", "b"):
        terminal.start(label)
        run(terminal, clock, runs=2)
        run(terminal, clock, runs=2)
        terminal.finish(label)
    counted = [line.split(",")[0] for line in stream.getvalue().splitlines() if "sweep" in line]
    assert counted == [f"{label}: sweep {n}" for label in "ab" for n in (1, 1, 2, 2)]


def test_time_left_of_a_second_sweep_counts_its_first_run(clock):
    stream = Stream(live=False)
    terminal = Terminal(stream, every=0)
    terminal.start("a")
    run(terminal, clock)
    run(terminal, clock)
    assert "sweep 2, run 1 of 10, 45 s left" in stream.getvalue()
    assert "sweep 2, run 5 of 10, 25 s left" in stream.getvalue()


def test_a_notebook_with_two_sweeps_took_the_time_of_both(clock):
    stream = Stream(live=False)
    terminal = Terminal(stream)
    terminal.start("a")
    run(terminal, clock)
    run(terminal, clock)
    terminal.finish("a")
    assert stream.getvalue().endswith("done a (1 min 40 s)\n")


def test_a_failure(clock):
    stream = Stream(live=False)
    terminal = Terminal(stream)
    terminal.start("a")
    terminal.finish("a: cell 4 failed", failed=True)
    assert stream.getvalue().splitlines() == ["a: running", "FAILED a: cell 4 failed"]


def test_errors_go_where_errors_go(capsys):
    terminal = Terminal()
    terminal.start("a")
    assert capsys.readouterr() == ("", "a: running\n")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"),
        (7200, "120 min 0 s"), (-3, "0 s"),
    ],
)  # fmt: skip
def test_duration(seconds, text):
    assert _duration(seconds) == text
