import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from normlab.report import workplace
from normlab.report.errors import BuildError
from normlab.report.workplace import check_writable, locked, working_folder


@pytest.fixture(autouse=True)
def _fonts_are_known(monkeypatch):
    monkeypatch.setattr(workplace, "_find_fonts", lambda folder: None)


def test_one_build_a_folder_and_the_second_hears_of_the_first(tmp_path):
    with locked(tmp_path):
        with pytest.raises(BuildError) as refused, locked(tmp_path):
            pass
        assert str(refused.value).startswith(
            f"{tmp_path} is being built by process {os.getpid()} on "
        )
        assert str(refused.value).endswith("; wait for it, or choose another folder with --output")
    assert not list(tmp_path.iterdir())
    with locked(tmp_path):
        pass


def test_a_symlink_is_the_same_folder(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "link").symlink_to("pages")
    with locked(tmp_path / "link"), pytest.raises(BuildError), locked(tmp_path / "pages"):
        pass


def test_what_dead_builds_left_is_removed(tmp_path):
    (tmp_path / ".lock").write_text("process 1 on elsewhere")
    (tmp_path / ".new-x").mkdir()
    for name in (".lock", "page.html"):
        (tmp_path / ".new-x" / name).touch()
    (tmp_path / ".new-y").mkdir()
    (tmp_path / "page.html").touch()
    with locked(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {".lock", "page.html"}
    assert {path.name for path in tmp_path.iterdir()} == {"page.html"}


def test_a_folder_that_goes_away_meanwhile(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    with locked(folder):
        (folder / ".lock").unlink()
        folder.rmdir()
    assert not folder.exists()


def test_all_temporary_files_lie_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", "mine")
    monkeypatch.delenv("JUPYTER_RUNTIME_DIR", raising=False)
    before = tempfile.gettempdir()
    with working_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
        assert Path(tempfile.mkdtemp()).parent == folder
        for name in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
            assert os.environ[name].startswith(str(folder))
    assert not folder.exists()
    assert tempfile.gettempdir() == before
    assert os.environ["IPYTHONDIR"] == "mine"
    assert "JUPYTER_RUNTIME_DIR" not in os.environ


def test_a_working_folder_is_kept_while_its_build_lives(tmp_path):
    (tmp_path / "dead").mkdir()
    (tmp_path / "dead" / ".lock").touch()
    (tmp_path / "dead before it had a lock").mkdir()
    with working_folder(tmp_path) as first:
        assert list(tmp_path.iterdir()) == [first]
        with working_folder(tmp_path) as second:
            assert first.exists()
            assert first != second


def test_a_folder_that_another_build_takes_away_meanwhile(tmp_path, monkeypatch):
    (tmp_path / "a file").touch()
    (tmp_path / "old").mkdir()
    take = workplace._take

    def late(path):
        shutil.rmtree(tmp_path / "old", ignore_errors=True)
        return take(path)

    monkeypatch.setattr(workplace, "_take", late)
    with working_folder(tmp_path) as folder:
        assert folder.exists()
    assert not folder.exists()


def test_it_is_gone_after_an_error(tmp_path):
    with pytest.raises(KeyboardInterrupt), working_folder(tmp_path) as folder:
        raise KeyboardInterrupt
    assert not folder.exists()


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BuildError, match=r"^cannot write to .*; choose another folder"):
        check_writable(tmp_path / "file" / "pages")


@pytest.mark.parametrize("calls", range(5))
def test_what_is_left_of_a_build_that_was_killed_at_its_very_end_goes(calls, tmp_path, monkeypatch):
    old, left = tmp_path / "old", calls
    for name in (".lock", "a", "b", "deep/a"):
        (old / name).parent.mkdir(parents=True, exist_ok=True)
        (old / name).touch()

    def dying(call):
        def die(*arguments, **options):
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return call(*arguments, **options)

        return die

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(Path, "unlink", dying(Path.unlink))
        patch.setattr(shutil, "rmtree", dying(shutil.rmtree))
        workplace._remove_work(old)
    assert old.exists() == (calls < 4)
    with working_folder(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]
