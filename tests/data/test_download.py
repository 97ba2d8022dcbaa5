import contextlib
import gzip
import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from normlab import data
from normlab.data import download

CONTENT = b"a small archive " * 1000
LENGTH = len(CONTENT)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """A server that answers as the name of the path says."""

    def do_GET(self):
        with contextlib.suppress(OSError):  # the other side may hang up
            getattr(self, self.path.strip("/"))()

    def begin(self, length=LENGTH, code=200, **more):
        self.send_response(code)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def good(self):
        self.begin()
        self.wfile.write(CONTENT)

    def good_without_a_length(self):
        self.begin(None)
        self.wfile.write(CONTENT)

    def moved(self):
        self.begin(0, 302, Location="/good")

    def missing(self):
        self.send_error(404)

    def truncated(self):
        self.begin()
        self.wfile.write(CONTENT[:5000])

    def truncated_without_a_length(self):
        self.begin(None)
        self.wfile.write(CONTENT[:5000])

    def announces_more(self):
        self.begin(10**12)
        self.wfile.write(CONTENT)

    def announces_less(self):
        self.begin(5000)
        self.wfile.write(CONTENT)

    def for_ever(self):
        self.begin(None)
        while True:
            self.wfile.write(CONTENT)

    def for_ever_in_chunks(self):
        self.begin(None, Transfer_Encoding="chunked")
        while True:
            self.wfile.write(b"5\r\nabcde\r\n")

    def one_vast_chunk(self):
        self.begin(None, Transfer_Encoding="chunked")
        self.wfile.write(b"f" * 15 + b"\r\n")
        while True:
            self.wfile.write(CONTENT)

    def slower_and_slower(self):
        self.begin()
        for number in range(len(CONTENT)):
            self.wfile.write(CONTENT[number : number + 1])
            time.sleep(number / 50)

    def headers_for_ever(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            self.wfile.write(b"x")
            time.sleep(0.05)

    def silent(self):
        time.sleep(5)

    def gzip_bomb(self):
        bomb = gzip.compress(bytes(50_000_000))
        self.begin(len(bomb), Content_Encoding="gzip")
        self.wfile.write(bomb)

    def gzip_bomb_of_the_right_size(self):
        bomb = gzip.compress(bytes(50_000_000))[: len(CONTENT)]
        self.begin(Content_Encoding="gzip")
        self.wfile.write(bomb.ljust(len(CONTENT), b"x"))

    def packed_on_the_way(self):
        self.begin(Content_Encoding="gzip")  # a server that takes .tar.gz for a packed .tar
        self.wfile.write(CONTENT)

    def loop(self):
        self.begin(0, 302, Location="/loop")

    def moved_for_ever(self):
        self.begin(None, 302, Location="/good")
        while True:
            self.wfile.write(CONTENT)

    def moved_to_a_file(self):
        self.begin(0, 302, Location="file:///etc/passwd")

    def no_http(self):
        self.wfile.write(b"\x00\xff" * 40000)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
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
        file = download.RemoteFile(url, sha256, "cifar-10-binary.tar.gz", len(CONTENT))
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
    assert "0.016 MB" in captured.err
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


@pytest.mark.parametrize("path", ["good_without_a_length", "moved", "packed_on_the_way"])
def test_other_ways_to_send_it(path, server, remote, tmp_path):
    remote(f"{server}/{path}")
    assert data.fetch("cifar10", tmp_path, progress=False).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing", "404"),
        ("truncated", "broke off after 5,000 of 16,000 bytes"),
        ("truncated_without_a_length", "broke off after 5,000 of 16,000 bytes"),
        ("announces_more", "announces 1000000000000 bytes, not 16,000"),
        ("announces_less", "announces 5000 bytes, not 16,000"),
        ("for_ever", "more than 16,000 bytes"),
        ("for_ever_in_chunks", "more than 16,000 bytes"),
        ("one_vast_chunk", "more than 16,000 bytes"),
        ("slower_and_slower", "not done after 1 s"),
        ("headers_for_ever", "not done after 1 s"),
        ("silent", "not done after 1 s"),
        ("gzip_bomb", "bytes, not 16,000"),
        ("gzip_bomb_of_the_right_size", "has SHA-256"),
        ("loop", "more than 5 redirects"),
        ("moved_to_a_file", "file:///etc/passwd"),
        ("no_http", "no connection"),
    ],
)
def test_servers_that_misbehave(path, words, server, remote, tmp_path, monkeypatch):
    if words.startswith("not done"):
        monkeypatch.setattr(download, "LONGEST", 1.0)
    remote(f"{server}/{path}")
    began = time.monotonic()
    assert_refused(tmp_path / "new", f"{server}/{path}", words, SHA256)
    assert time.monotonic() < began + 20


def test_the_body_of_a_redirect_is_not_read(server, remote, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "LONGEST", 20.0)
    remote(f"{server}/moved_for_ever")
    assert data.fetch("cifar10", tmp_path, progress=False).read_bytes() == CONTENT


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
