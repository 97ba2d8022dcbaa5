"""``normlab cache``: only runs are counted and removed, and what stays is named."""

import os

import pytest

from normlab import cli
from normlab.report.cache import clear, entries

KEYS = ["ab" + "0" * 62, "ab" + "1" * 62, "cd" + "2" * 62]


@pytest.fixture
def store(tmp_path, small_project, monkeypatch):
    """A store of three runs, in a folder that the environment names."""
    folder = tmp_path / "store"
    for key in KEYS:
        put(folder / key[:2] / f"{key}.run", "a run")
    monkeypatch.setenv("NORMLAB_RUNS", str(folder))
    monkeypatch.chdir(small_project.root)
    return folder


def put(path, text="mine"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_it_says_how_much_there_is(store, capsys):
    assert cli.main(["cache"]) == 0
    assert capsys.readouterr().out == "3 runs, 0.0 MB, stored in store\n"
    assert len(list(entries(store))) == 3


def test_it_clears_runs_and_their_folders(store, capsys):
    assert cli.main(["cache", "clear"]) == 0
    assert capsys.readouterr().out == "3 runs, 0.0 MB, cleared\n"
    assert list(store.iterdir()) == []
    assert cli.main(["cache", "clear"]) == 0
    assert capsys.readouterr().out == "0 runs, 0.0 MB, cleared\n"


OTHERS = [
    "thesis.tex",
    "notes/thesis.tex",
    "ab/thesis.run",
    "ab/thesis.tex",
    f"{KEYS[0]}.run",
    f"ab/{KEYS[2]}.run",
    f"AB/{KEYS[0]}.run",
    f"ab/deep/{KEYS[0]}.run",
    f"ab/{KEYS[0]}.run.bak",
    f"ab/{KEYS[0]}.run~",
    f"ab/{KEYS[0].upper()}.run",
    "ef/ab.run",
    ".git/config",
    "00/empty/x",
    f"ab\n/{KEYS[0]}.run",
    f"ab/{KEYS[0]}.run\n",
    f"ab/{KEYS[0]}.RUN",
]


@pytest.mark.parametrize("name", OTHERS)
def test_whatever_else_lies_there_stays_and_is_named(name, store, capsys):
    path = put(store / name)
    assert cli.main(["cache", "clear"]) == 0
    assert path.read_text("utf-8") == "mine"
    out = capsys.readouterr().out.splitlines()
    shown = name.split("/")[0].replace("\n", "\\n")
    assert out == ["3 runs, 0.0 MB, cleared", f"left in store: {shown}"]


def test_no_link_is_followed(store, tmp_path):
    mine = put(tmp_path / "mine" / f"{KEYS[0]}.run")
    (store / "ef").symlink_to(tmp_path / "mine")
    (tmp_path / "mine" / ("ef" + "0" * 62 + ".run")).write_text("mine")
    run = store / "ab" / f"{'ab' + '5' * 62}.run"
    run.symlink_to(mine)
    sizes, failed, others = clear(store)
    assert (len(sizes), failed, others) == (3, [], ["ab", "ef"])
    assert len(list((tmp_path / "mine").iterdir())) == 2
    assert run.is_symlink()


@pytest.mark.parametrize("kind", ["a folder", "a pipe"])
def test_what_only_has_the_name_of_a_run_stays(kind, store):
    path = store / "ab" / f"{'ab' + '5' * 62}.run"
    path.mkdir() if kind == "a folder" else os.mkfifo(path)
    sizes, failed, others = clear(store)
    assert (len(sizes), failed, others) == (3, [], ["ab"])
    assert os.path.lexists(path)


def test_what_cannot_be_removed_is_named(store, capsys, monkeypatch):
    def refuse(path):
        raise PermissionError(1, "Operation not permitted", path)

    monkeypatch.setattr(os, "unlink", refuse)
    assert cli.main(["cache", "clear"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "0 runs, 0.0 MB, cleared"
    assert len([line for line in out if line.startswith("not removed: ")]) == 3
    assert "Operation not permitted" in out[1]
    assert out[-1] == "left in store: ab, cd"


def test_many_others_are_counted(store, capsys):
    for number in range(5):
        put(store / f"mine-{number}")
    cli.main(["cache", "clear"])
    assert capsys.readouterr().out.endswith("left in store: mine-0, mine-1, mine-2 and 2 more\n")


@pytest.mark.parametrize("action", ["info", "clear"])
def test_a_store_that_is_not_there_or_is_a_file(action, store, monkeypatch, capsys):
    monkeypatch.setenv("NORMLAB_RUNS", str(store / "none"))
    assert cli.main(["cache", action]) == 0
    path = put(store / "file")
    monkeypatch.setenv("NORMLAB_RUNS", str(path))
    assert cli.main(["cache", action]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert path.exists()
