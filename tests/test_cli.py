"""The command line as a newcomer would type it, typos included."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from normlab.cli import main

ROOT = Path(__file__).parents[1]

MISTAKES = [
    (["bulid"], "did you mean 'build'?"),
    (["build", "02-deep-network"], "did you mean '02-deep-networks'?"),
    (["build", "-p", "seed=3"], "did you mean 'seeds'?"),
    (["build", "-p", "seeds=abc"], "'abc' is not of type int; for example seeds=10"),
    (["build", "-p", "seeds=2.5"], "'2.5' is not of type int"),
    (["build", "-p", "learning_rate=nan"], "'nan' is not of type float"),
    (["build", "-p", "hidden_dims=100"], "'100' is not of type list"),
    (["build", "-p", "seeds"], "expected name=value"),
    (["build", "--dataset", "cifar"], "did you mean 'cifar10'?"),
    (["build", "--dataset", "no-such-file.npz"], "no-such-file.npz"),
    (["build", "--datset", "cifar10"], "--help"),
    (["build", "--output", "/dev/null/pages"], "choose another folder with --output"),
    (["build", "--forse"], "did you mean '--force'? (see normlab build --help)"),
    (["build", "-j", "2"], "unknown option '-j'; did you mean '--jobs'? (see"),
    (["build", "-t", "2"], "unknown option '-t'; did you mean '--tls-ca' or"),
    (["build", "-v"], "unknown option '-v' (see normlab build --help)"),
    (["build", "--profile", "quick"], "'--profile'; to set a parameter, write -p profile=quick"),
    (["build", "--seeds=3"], "'--seeds=3'; to set a parameter, write -p seeds=3 (see"),
    (["build", "--output", "  "], "'  ' names no folder; name one"),
    (["build", "-p", "seeds", "=", "3"], "=: to set a parameter, write -p NAME=VALUE without"),
    (["build", "-p", "seeds", "=3"], "=3: to set a parameter, write -p NAME=VALUE without"),
    (["build", "--param", "seeds=3"], "seeds=3: No such file or directory; write -p seeds=3 for"),
    (["check", "notebooks/01-gradient-checks.ipynb"], "ipynb is a notebook; put its functions"),
    (["verify", "--rebuid"], "did you mean '--rebuild'?"),
    (["build", "seeds=3"], "seeds=3: to set a parameter, write -p seeds=3"),
    (["build", "-p", "solution=nix.py"], "parameter solution: no file nix.py; give the path"),
    (["list", "19"], "unknown notebook '19'"),
    (["data", "fetch", "cifr10"], "did you mean 'cifar10'?"),
    (["data", "fetch"], "--help"),
    (["data", "get"], "--help"),
    (["build", "--workers", "0"], "0 is not in the range 1<=x<=1024; see normlab build --help"),
    (["build", "--worker", "2", "--sched", "tcp://a:1"], "--scheduler is of a cluster; give one"),
    (["build", "--scheduler", "localhost:8786"], "expected an address, like tcp://host:8786, or"),
    (["build", "--scheduler", "pyproject.toml"], "or the file that `normlab scheduler"),
    (["build", "--tls-ca", "pyproject.toml"], "--tls-cert is missing: expected a PEM file"),
    (["worker", "tcp://a:1", "--tls-cert", "x.pem"], "--tls-ca is missing: expected a PEM file"),
    (["worker", "head-node"], "scheduler head-node: expected an address, like tcp://host:8786"),
    (["worker"], "missing argument 'ADDRESS|FILE'; see normlab worker --help"),
    (["scheduler", "--port", "99999"], "99999 is not in the range 0<=x<=65535"),
    (["check"], "--help"),
    (["check", "no-such-file.py"], "no file no-such-file.py"),
    (["check", "tests/check/solution.py", "--only", "adams"], "did you mean 'adam'?"),
    (["check", "tests/check/solution.py", "--timeout", "0"], "expected seconds above 0"),
]


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(("arguments", "hint"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_one_line_with_the_way_out(arguments, hint, capsys):
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("normlab: ")
    assert hint in err


def test_list_names_each_notebook_with_its_question(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert out.count("?") == len(list((ROOT / "notebooks").glob("[0-9]*.ipynb")))


def test_list_goes_on_after_a_notebook_that_is_none(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "notebooks" / "02-deep-networks.ipynb").write_text("{", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["list"]) == 1
    out = capsys.readouterr().out
    assert "02-deep-networks\n    02-deep-networks.ipynb: not a notebook" in out
    assert "04-batch-size\n" in out


def test_no_command_writes_escape_codes(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    source = (ROOT / "notebooks" / "02-deep-networks.ipynb").read_text("utf-8")
    for old, new in (("Question.** ", "Question.** \\u001b[31mé "), ("images (1", "\\u001b[2J (1")):
        assert old in source
        source = source.replace(old, new)
    (tmp_path / "notebooks" / "01-\x1b[31m.ipynb").write_text("{", "utf-8")
    (tmp_path / "notebooks" / "02-é.ipynb").write_text(source, "utf-8")
    monkeypatch.chdir(tmp_path)
    for arguments in ([], ["02-é"], ["\x1b[31m"]):
        main(["list", *arguments])
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert out.count(r"\x1b[31mé") == 2
    assert r"\x1b[2J (1 or more)" in out
    assert r"unknown notebook '\x1b[31m'" in err


def test_list_of_one_notebook_explains_its_parameters(capsys):
    assert main(["list", "03-weight-initialization"]) == 0
    out = capsys.readouterr().out
    assert "num_scales=20 (int)" in out
    assert "evenly spaced in the logarithm" in out


def test_data_list_names_the_data_sets(capsys):
    assert main(["data", "list"]) == 0
    assert "fashion-mnist\n    comes with normlab" in capsys.readouterr().out


def test_outside_a_checkout(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 2
    assert "change to a checkout of normlab" in capsys.readouterr().err


def test_without_a_command_the_help_is_shown(capsys):
    assert main([]) == 0
    assert "build" in capsys.readouterr().out


def test_debug_shows_the_traceback(capsys):
    with pytest.raises(Exception, match="unknown notebook"):
        main(["--debug", "list", "19"])


def test_a_command_in_another_thread_hears_no_signals():
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(main, ["data", "list"]).result() == 0


def test_a_reader_that_goes_away_is_no_error(monkeypatch, capsys):
    def leave(options):
        raise BrokenPipeError

    monkeypatch.setattr("normlab.commands.list_notebooks", leave)
    assert main(["list"]) == 141
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "arguments",
    [["data", "--data", "{0}"], ["data", "--data-dir={0}", "list"], ["data", "list", "--d", "{0}"]],
)
def test_options_may_be_cut_short_and_stand_before_or_after(arguments, tmp_path, capsys):
    assert main([argument.format(tmp_path) for argument in arguments]) == 0
    assert "fashion-mnist" in capsys.readouterr().out


def test_what_begins_like_two_options_is_refused(capsys):
    assert main(["build", "--max", "3"]) == 2
    assert "unknown option '--max'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("normlab bu", "build"), ("normlab build --fo", "--force"), ("normlab list 03", "03-weight")],
)
def test_a_shell_can_complete_commands_options_and_notebooks(typed, expected):
    words = typed.split()
    environment = {
        "_NORMLAB_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "normlab.cli"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"plain,{expected}" in done.stdout, done.stderr
