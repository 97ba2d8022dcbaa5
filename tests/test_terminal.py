import io
import re
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


def run(notebook, clock, runs=10, seconds=5):
    """A sweep whose runs finish one every so many seconds."""
    notebook.runs(state(0, runs))
    for done in range(1, runs + 1):
        clock.now += seconds
        notebook.runs(state(done, runs))


def screen(text):
    """What a terminal shows after this text: the lines, with no empty ones at the end."""
    lines, row = [""], 0
    for part in re.split(r"(\x1b\[\d*[AJ]|\n|\r)", text):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.endswith("A") and part.startswith("\x1b"):
            row -= int(part[2:-1])
            assert row >= 0
        elif part == "\x1b[J":
            lines = [*lines[:row], ""]
        elif part != "\r":
            lines[row] += part
    while lines and not lines[-1]:
        lines.pop()
    return lines


def test_a_log_file_gets_a_line_now_and_then(clock):
    stream = Stream(live=False)
    notebook = Terminal(stream).start("01-a (1 of 4)")
    run(notebook, clock)
    clock.now += 3
    notebook.finish("01-a: reports/01-a.html")
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


def test_in_a_log_file_each_notebook_has_its_own_turns(clock):
    stream = Stream(live=False)
    terminal = Terminal(stream)
    a, b = terminal.start("a"), terminal.start("b")
    for notebook in (a, b):
        notebook.runs(state(0))
    for done in (1, 2):
        clock.now += 5
        a.runs(state(done))
        b.runs(state(done))
    b.finish("b: page")
    a.finish("a: cell 4 failed", failed=True)
    assert stream.getvalue().splitlines() == [
        "a: running",
        "b: running",
        "a: sweep 1, run 1 of 10, 45 s left",
        "b: sweep 1, run 1 of 10, 45 s left",
        "done b: page (10 s)",
        "FAILED a: cell 4 failed",
    ]


def test_a_screen_has_one_line_a_running_notebook(clock):
    stream = Stream(live=True)
    terminal = Terminal(stream)
    a = terminal.start("a (1 of 3)")
    b = terminal.start("b (2 of 3)")
    assert screen(stream.getvalue()) == ["a (1 of 3): running", "b (2 of 3): running"]
    run(b, clock, runs=2)
    assert screen(stream.getvalue()) == [
        "a (1 of 3): running",
        "b (2 of 3): sweep 1, run 2 of 2, 0 s left",
    ]
    b.finish("b: page")
    c = terminal.start("c (3 of 3)")
    assert screen(stream.getvalue()) == [
        "done b: page (10 s)",
        "a (1 of 3): running",
        "c (3 of 3): running",
    ]
    a.finish("a: page")
    c.finish("c: lost", failed=True)
    assert screen(stream.getvalue()) == [
        "done b: page (10 s)",
        "done a: page (10 s)",
        "FAILED c: lost",
    ]
    assert stream.getvalue().endswith("\n")


def test_a_long_line_does_not_wrap(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    stream = Stream(live=True)
    notebook = Terminal(stream).start("a" * 100)
    assert screen(stream.getvalue()) == ["a" * 39]
    notebook.finish("b" * 100)
    assert screen(stream.getvalue()) == ["done " + "b" * 100 + " (0 s)"]


def test_wide_signs_take_two_columns(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    stream = Stream(live=True)
    Terminal(stream).start("正規化" * 30)
    assert screen(stream.getvalue()) == [("正規化" * 30)[:19]]


@pytest.mark.parametrize("live", [False, True])
def test_what_a_notebook_says_steers_nothing(live):
    stream = Stream(live)
    notebook = Terminal(stream).start("a\x1b[5A")
    notebook.finish("a: failed: \x1b[2J\x9b1mré\rd\nand", failed=True)
    lines = screen(stream.getvalue())
    assert lines[-1] == r"FAILED a: failed: \x1b[2J\x9b1mré\rd\nand"
    assert "\x1b[5A" not in stream.getvalue()


def test_a_screen_is_not_drawn_more_often_than_a_person_reads(clock):
    stream = Stream(live=True)
    run(Terminal(stream).start("a"), clock, runs=100, seconds=0.01)
    assert 3 <= stream.getvalue().count("sweep 1") <= 8


def test_time_left_goes_by_work_and_not_by_runs(clock):
    stream = Stream(live=True)
    notebook = Terminal(stream).start("a")
    clock.now += 60
    notebook.runs({"done": 1, "runs": 10, "work": 100, "work_done": 50})
    assert "run 1 of 10, 1 min 0 s left" in stream.getvalue()


def test_sweeps_are_counted_and_start_anew_with_each_notebook(clock):
    stream = Stream(live=False)
    terminal = Terminal(stream, every=0)
    for label in ("a", "b"):
        notebook = terminal.start(label)
        run(notebook, clock, runs=2)
        run(notebook, clock, runs=2)
        notebook.finish(label)
    counted = [line.split(",")[0] for line in stream.getvalue().splitlines() if "sweep" in line]
    assert counted == [f"{label}: sweep {n}" for label in "ab" for n in (1, 1, 2, 2)]


def test_time_left_of_a_second_sweep_counts_its_first_run(clock):
    stream = Stream(live=False)
    notebook = Terminal(stream, every=0).start("a")
    run(notebook, clock)
    run(notebook, clock)
    assert "sweep 2, run 1 of 10, 45 s left" in stream.getvalue()
    assert "sweep 2, run 5 of 10, 25 s left" in stream.getvalue()


def test_a_notebook_with_two_sweeps_took_the_time_of_both(clock):
    stream = Stream(live=False)
    notebook = Terminal(stream).start("a")
    run(notebook, clock)
    run(notebook, clock)
    notebook.finish("a")
    assert stream.getvalue().endswith("done a (1 min 40 s)\n")


def test_errors_go_where_errors_go(capsys):
    Terminal().start("a")
    assert capsys.readouterr() == ("", "a: running\n")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (125, "2 min 5 s"),
        (7200, "120 min 0 s"),
        (-3, "0 s"),
    ],
)
def test_duration(seconds, text):
    assert _duration(seconds) == text
