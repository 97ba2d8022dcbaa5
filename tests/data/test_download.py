import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from normlab import data
from normlab.data import download

CONTENT = b"a small archive " * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:5000] if self.path == "/truncated" else CONTENT)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def remote(monkeypatch):
    """Let ``fetch("cifar10")`` ask another address or expect another hash."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def point_to(url, sha256=SHA256):
        file = download.RemoteFile(url, sha256, "cifar-10-binary.tar.gz", "16 KB")
        monkeypatch.setitem(download.REMOTE, "cifar10", file)

    return point_to


def assert_refused(folder, *words):
    with pytest.raises(data.DataError) as caught:
        data.fetch("cifar10", folder, progress=False)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for word in (str(folder / "cifar-10-binary.tar.gz"), "nothing was saved", *words):
        assert word in message
    assert not folder.exists() or list(folder.iterdir()) == []


def test_fetch_with_progress(server, remote, tmp_path, capfd):
    remote(f"{server}/good")
    path = data.fetch("cifar10", tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "cifar-10-binary.tar.gz"
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]
    captured = capfd.readouterr()
    assert "16 KB" in captured.err
    assert "100%" in captured.err
    assert captured.out == ""


def test_fetch_without_progress_is_silent(server, remote, tmp_path, capfd):
    remote(f"{server}/good")
    data.fetch("cifar10", tmp_path, progress=False)
    assert capfd.readouterr() == ("", "")


def test_fetch_again_asks_nobody(server, remote, tmp_path):
    remote(f"{server}/good")
    first = data.fetch("cifar10", tmp_path, progress=False)
    remote("http://127.0.0.1:1/nobody")
    assert data.fetch("cifar10", tmp_path, progress=False) == first


def test_fetch_replaces_a_damaged_file(server, remote, tmp_path):
    remote(f"{server}/good")
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(CONTENT[:100])
    assert data.fetch("cifar10", tmp_path, progress=False).read_bytes() == CONTENT


def test_wrong_hash(server, remote, tmp_path):
    remote(f"{server}/good", sha256="0" * 64)
    assert_refused(tmp_path, SHA256, "0" * 64)


def test_truncated(server, remote, tmp_path):
    remote(f"{server}/truncated")
    assert_refused(tmp_path, SHA256)


def test_not_found(server, remote, tmp_path):
    remote(f"{server}/missing")
    assert_refused(tmp_path, "404", SHA256)


def test_connection_refused(server, remote, tmp_path):
    remote("http://127.0.0.1:1/nobody")
    assert_refused(tmp_path, "no connection to http://127.0.0.1:1/nobody", SHA256)


def test_folder_that_cannot_be_made(server, remote, tmp_path):
    remote(f"{server}/good")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(data.DataError, match="nothing was saved"):
        data.fetch("cifar10", tmp_path / "file" / "folder", progress=False)


def test_embedded_needs_no_fetching(tmp_path, capfd):
    assert data.fetch("fashion-mnist", tmp_path).name == "fashion_mnist_subset.npz"
    assert "nothing to fetch" in capfd.readouterr().err


def test_full_fashion_mnist_is_got_by_hand(tmp_path, monkeypatch):
    monkeypatch.setattr("normlab.data.fashion_mnist.DEBIAN_FOLDER", tmp_path / "nowhere")
    with pytest.raises(data.DataError, match=r"by hand.*dataset-fashion-mnist"):
        data.fetch("fashion-mnist-full", tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").touch()
    assert data.fetch("fashion-mnist-full", tmp_path, progress=False) == tmp_path
