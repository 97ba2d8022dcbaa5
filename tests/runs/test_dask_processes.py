"""How dask's processes are started, and what is said where dask is missing."""

import ast
import json
import os
import subprocess
import sys

import pytest

from normlab import arithmetic
from normlab.cli import main
from normlab.runs import dask_processes


def test_what_runs_imports_no_dask():
    look = "import sys, normlab.study, normlab.cli; sys.exit('distributed' in sys.modules)"
    assert not subprocess.run([sys.executable, "-c", look], check=False).returncode


@pytest.mark.parametrize(
    "command",
    [["build", "--scheduler", "tcp://a:1"], ["worker", "tcp://a:1"], ["scheduler"]],
    ids=" ".join,
)
def test_without_dask_the_way_out_is_said(command, monkeypatch, capsys):
    monkeypatch.setattr(dask_processes.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setitem(os.environ, "NORMLAB_SCHEDULER", "")
    assert main(command) == 2
    said = capsys.readouterr().err
    assert "needs dask, which is not installed; install it by `make cluster`, or by" in said
    assert said.count("\n") == 1


def test_workers_are_pinned_whatever_dask_would_set():
    pins = dask_processes.pins_of_workers()
    assert arithmetic.pins().items() <= pins.items()
    nanny = ast.literal_eval(pins["DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON"])
    assert arithmetic.pins().items() <= nanny.items()


def test_the_command_becomes_dask_with_these_pins(monkeypatch):
    called = []
    monkeypatch.setattr(os, "execve", lambda *arguments: called.append(arguments))
    dask_processes.become_workers("tcp://a:1", 3, {"TLS": "yes"})
    _, command, environment = called[0]
    assert command[1:4] == ["-m", "dask", "worker"]
    assert " ".join(command[4:]) == "tcp://a:1 --nworkers 3 --nthreads 1 --no-dashboard"
    assert (dask_processes.pins_of_workers() | {"TLS": "yes"}).items() <= environment.items()


def test_a_scheduler_listens_on_loopback_unless_told_otherwise(monkeypatch):
    called = []
    monkeypatch.setattr(os, "execve", lambda *arguments: called.append(arguments))
    monkeypatch.setattr(dask_processes, "check_installed", lambda what: None)
    for arguments in ([], ["--host", "0.0.0.0", "--port", "7"]):
        assert not main(["scheduler", *arguments])
    hosts = [command[command.index("--host") + 1] for _, command, _ in called]
    assert hosts == ["127.0.0.1", "0.0.0.0"]


@pytest.mark.parametrize("text", ["tcp://host:8786", "tls://10.0.0.1:1", "tcp://[::1]:8786"])
def test_an_address_is_taken_as_it_is(text):
    assert dask_processes.address_of(text) == text


def test_a_schedulers_file_holds_its_address(tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"type": "Scheduler", "address": "tcp://host:1"}))
    assert dask_processes.address_of(str(file)) == "tcp://host:1"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"address": 1}', "\0"])
def test_a_file_that_is_none_of_a_scheduler_is_refused(content, tmp_path):
    file = tmp_path / "scheduler.json"
    file.write_text(content)
    with pytest.raises(ValueError, match="expected an address, like tcp://host:8786, or the file"):
        dask_processes.address_of(str(file))


def test_tls_is_handed_to_every_role(tmp_path):
    files = [tmp_path / f"{name}.pem" for name in ("ca", "cert", "key")]
    for file in files:
        file.touch()
    assert dask_processes.tls(None, None, None) == {}
    variables = dask_processes.tls(*files)
    assert variables["DASK_DISTRIBUTED__COMM__TLS__CA_FILE"] == str(files[0])
    assert variables["DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION"] == "True"
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        for name, file in zip(("CERT", "KEY"), files[1:], strict=True):
            assert variables[f"DASK_DISTRIBUTED__COMM__TLS__{role}__{name}"] == str(file)
