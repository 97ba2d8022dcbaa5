import json

from normlab.handover import PROGRESS_FILE
from normlab.runs.progress import progress


def test_lines_of_json_in_the_file_that_is_named(tmp_path, monkeypatch, capfd):
    path = tmp_path / "progress"
    monkeypatch.setenv(PROGRESS_FILE, str(path))
    with progress(runs=3, work=60) as tick:
        for amount in (10, 20, 30):
            tick(amount)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [line["done"] for line in lines] == [0, 1, 2, 3]
    assert [line["work_done"] for line in lines] == [0, 10, 30, 60]
    assert {(line["runs"], line["work"]) for line in lines} == {(3, 60)}
    assert capfd.readouterr() == ("", "")


def test_each_line_is_there_at_once(tmp_path, monkeypatch):
    path = tmp_path / "progress"
    monkeypatch.setenv(PROGRESS_FILE, str(path))
    with progress(runs=2, work=2) as tick:
        tick(1)
        assert path.read_text("utf-8").endswith("\n")


def test_a_second_sweep_is_appended(tmp_path, monkeypatch):
    path = tmp_path / "progress"
    monkeypatch.setenv(PROGRESS_FILE, str(path))
    for _ in range(2):
        with progress(runs=1, work=5) as tick:
            tick(5)
    assert [json.loads(line)["done"] for line in path.read_text("utf-8").splitlines()] == [
        0,
        1,
        0,
        1,
    ]


def test_a_bar_where_no_file_is_named(monkeypatch, capfd):
    monkeypatch.delenv(PROGRESS_FILE, raising=False)
    with progress(runs=2, work=40) as tick:
        tick(40)
    out, err = capfd.readouterr()
    assert out == ""
    assert "2 runs: 100%" in err
