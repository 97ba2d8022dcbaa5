"""Fetch a data set over the network: checked by SHA-256, or not kept at all."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from normlab.data.files import DataError, data_directory, reason


@dataclass(frozen=True)
class RemoteFile:
    """A file that can be downloaded, and the hash that it must have."""

    url: str
    sha256: str
    file_name: str
    size: str  # about, for people


REMOTE = {
    "cifar10": RemoteFile(
        url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        file_name="cifar-10-binary.tar.gz",
        size="170 MB",
    ),
}


def download(remote: RemoteFile, data_dir: str | Path | None = None, progress: bool = True) -> Path:
    """Download a file into the data directory, unless it is there with the right hash.

    The bytes go to a temporary file, which takes its name only when its hash is
    right. Progress is written to standard error.

    Raises
    ------
    DataError
        No connection, a wrong hash, or a folder that cannot be written.
    """
    import pooch
    import requests

    directory = data_directory(data_dir)
    target = directory / remote.file_name
    if progress:
        print(f"{remote.file_name} ({remote.size}) from {remote.url}", file=sys.stderr)
    pooch.get_logger().setLevel("WARNING")  # what it tells beyond that is said above
    try:
        return Path(
            pooch.retrieve(
                remote.url,
                known_hash=f"sha256:{remote.sha256}",
                fname=remote.file_name,
                path=directory,
                progressbar=progress,
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
