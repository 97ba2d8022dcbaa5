"""Fetch a data set over the network: checked by size and SHA-256, or not kept at all."""

import re
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from normlab.data.files import DataError, data_directory, reason

PATIENCE = 30.0  # seconds without a byte
LONGEST = 3600.0  # seconds for a whole file
_REDIRECTS = 5
_PIECE = 1 << 16  # bytes


@dataclass(frozen=True)
class RemoteFile:
    """A file that can be downloaded, and the hash and the size in bytes that it must have."""

    url: str
    sha256: str
    file_name: str
    size: int


REMOTE = {
    "cifar10": RemoteFile(
        url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        file_name="cifar-10-binary.tar.gz",
        size=170_052_171,
    ),
}


def download(remote: RemoteFile, data_dir: str | Path | None = None, progress: bool = True) -> Path:
    """Download a file into the data directory, unless it is there with the right hash.

    The bytes go to a temporary file, which takes its name only when its hash is
    right. Progress is written to standard error. Nothing that a server sends makes it
    take more bytes than the file has, or more time than LONGEST.

    Raises
    ------
    DataError
        No connection, a wrong size or hash, too slow, or a folder that cannot be written.
    """
    import pooch
    import requests

    directory = data_directory(data_dir)
    target = directory / remote.file_name
    if progress:
        print(f"{remote.file_name} ({remote.size / 1e6:.3g} MB) from {remote.url}", file=sys.stderr)
    pooch.get_logger().setLevel("WARNING")  # what it tells beyond that is said above
    try:
        return Path(
            pooch.retrieve(
                remote.url,
                known_hash=f"sha256:{remote.sha256}",
                fname=remote.file_name,
                path=directory,
                downloader=lambda url, path, _: _fetch(remote, path, progress),
            )
        )
    except (requests.ConnectionError, requests.Timeout):
        fault = f"no connection to {remote.url}"
    except OSError as error:  # the other errors of requests too
        fault = f"cannot be fetched from {remote.url} ({reason(error)})"
    except ValueError as error:  # pooch's word for a wrong hash
        found = re.search(r"got ([0-9a-f]{64})", str(error))
        fault = f"what {remote.url} sent has SHA-256 {found[1] if found else 'unknown'}"
    raise DataError(
        f"{target}: {fault}; nothing was saved; try again, or put the file there by hand "
        f"(expected SHA-256 {remote.sha256})"
    )


def _fetch(remote, path, progress):
    """Write the file to ``path``, in a thread, since no time limit of a socket is one for all."""
    from tqdm import tqdm

    errors = []
    with (
        open(path, "wb") as file,
        tqdm(total=remote.size, unit="B", unit_scale=True, disable=not progress) as bar,
    ):

        def receive():
            try:
                for piece in _pieces(remote):
                    file.write(piece)
                    bar.update(len(piece))
            except Exception as error:  # given to the thread that waits
                errors.append(error)

        thread = threading.Thread(target=receive, daemon=True)
        thread.start()
        thread.join(LONGEST)
        if thread.is_alive():  # it ends at its next write, as the file is closed
            raise OSError(f"not done after {LONGEST:g} s")
    if errors:
        raise errors[0]


def _pieces(remote):
    """Yield the file as it was sent, not unpacked; OSError as soon as it has another size."""
    with _answer(remote.url) as response:
        response.raise_for_status()
        announced = response.headers.get("Content-Length", str(remote.size))
        if announced != str(remote.size):
            raise OSError(f"it announces {announced} bytes, not {remote.size:,}")
        received = 0
        try:
            for piece in response.raw.stream(_PIECE, decode_content=False):
                received += len(piece)
                if received > remote.size:
                    break
                yield piece
        except Exception as error:  # of urllib3
            raise OSError(f"it broke off after {received:,} of {remote.size:,} bytes") from error
        if received > remote.size:
            raise OSError(f"it sends more than {remote.size:,} bytes")
        if received < remote.size:
            raise OSError(f"it broke off after {received:,} of {remote.size:,} bytes")


def _answer(url):
    """The response at the end of the redirects, whose bodies are not read."""
    import requests

    session = requests.Session()
    session.get_redirect_target = lambda _: None  # it would read the body to its end
    for _ in range(_REDIRECTS + 1):
        response = session.get(
            url,
            stream=True,
            timeout=PATIENCE,
            headers={"Accept-Encoding": "identity"},
        )
        if not response.is_redirect:
            return response
        response.close()
        url = urljoin(url, response.headers["Location"])
    raise OSError(f"more than {_REDIRECTS} redirects")
