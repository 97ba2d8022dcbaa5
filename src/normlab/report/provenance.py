"""What made a page, in three forms: rows on the page, inputs in the manifest, a log beside it.

On the page stands what a reader can name: data, seeds, versions, arithmetic. The hashes that
identify notebook and code stand in the manifest alone, so that a change which changes no number,
sentence or picture changes no page. What changes from run to run or from machine to machine goes
to the log.
"""

import datetime
import hashlib
import json
import os
import platform
import re
import shlex
import subprocess
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import normlab
from normlab.codehash import PAGES, RUNS, files_of_package, hash_code, sources
from normlab.report.errors import BuildError
from normlab.report.files import read_bytes

_PICTURE = re.compile(r"[^\s\"'()<>\[\]]+\.(?:png|jpe?g|gif|webp)", re.I)


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def inputs_of(notebook: str, code, results) -> dict[str, str]:
    """What a page depends on: label -> hash or version, canonical.

    ``notebook`` is the hash of its notebook, ``code`` what `code_now` said of the code.
    """
    inputs = {"normlab": normlab.__version__, "notebook": notebook, **code}
    if results["dataset"]:
        inputs["data"] = results["dataset"]["sha256"]
    return inputs


def notebook_hash(path: Path, folder: Path | None = None) -> str:
    """SHA-256 of the kinds, tags, sources and pictures of a notebook's cells, not of its outputs.

    ``folder`` is where pictures lie that Markdown names; by default that of the notebook. Of a
    file that is no notebook it is the hash of its bytes, and empty if it cannot be read.
    """
    try:
        content = read_bytes(path)
    except OSError:
        return ""
    try:
        parts = [
            [
                cell["cell_type"],
                cell["metadata"].get("tags", []),
                "".join(cell["source"]),
                *_pictures(cell, folder or path.parent),
            ]
            for cell in json.loads(content)["cells"]
        ]
        return sha256(json.dumps(parts).encode())
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return sha256(content)


def _pictures(cell, folder):
    """The pictures pasted into a cell, and those beside the notebook that it names."""
    if cell["cell_type"] == "markdown":
        yield from sorted(map(str, cell.get("attachments", {}).items()))
        for name in re.findall(_PICTURE, "".join(cell["source"])):
            with suppress(OSError, ValueError):  # it is named in a text, or on the web
                yield sha256(read_bytes(folder / unquote(name)))


def code_now(project) -> dict[str, str]:
    """What code there is now, beside the notebooks: label -> hash.

    BuildError if a module is no Python, as it may be while somebody edits it.
    """
    try:
        code = _code_of(_bytes_of_package())
    except (OSError, SyntaxError, ValueError) as error:
        raise BuildError(f"the code of normlab cannot be read ({error}); mend it") from error
    return code | {"requirements.lock": lock_hash(project)}


@lru_cache(maxsize=1)  # most of the time not a byte has changed since the last look
def _code_of(state):
    return {"code of the runs": run_code_hash(), "code of the page": page_code_hash()}


def _bytes_of_package():
    digest = hashlib.sha256()
    for path in files_of_package():
        if path.is_file() and path.suffix != ".pyc":
            digest.update(f"{path} {sha256(path.read_bytes())}".encode())
    return digest.digest()


def run_code_hash() -> str:
    """SHA-256 of the code that trains."""
    return hash_code(RUNS, sources())


def page_code_hash() -> str:
    """SHA-256 of the code behind a page, with templates and style."""
    package = Path(normlab.__file__).parent
    digest = hashlib.sha256(hash_code(PAGES, sources()).encode())
    others = [*package.glob("report/templates/**/*.*"), *package.glob("show/*.mplstyle")]
    for path in sorted(others):
        digest.update(
            f"{path.relative_to(package).as_posix()} {sha256(path.read_bytes())}".encode()
        )
    return digest.hexdigest()


def lock_hash(project) -> str:
    """SHA-256 of requirements.lock, or a word that there is none."""
    lock = project.root / "requirements.lock"
    try:
        return sha256(read_bytes(lock)) if lock.exists() else "no lock file"
    except OSError as error:
        raise BuildError(f"{lock} cannot be read ({error.strerror}); restore it") from error


def page_rows(results, values, command) -> list[tuple[str, str]]:
    """(label, text) pairs for the end of a page."""
    rows = [("Made by", f"normlab {results['normlab']}")]
    if dataset := results["dataset"]:
        rows.append(("Data set", f"{dataset['title']}. {dataset['origin']}"))
        rows.append(("SHA-256 of the data", dataset["sha256"]))
    options = " ".join(options_of(values))
    rows.append(("Parameters", options or "all at their defaults"))
    if results["seeds"]:
        rows.append(("Seeds", ", ".join(map(str, results["seeds"]))))
    in_force = results["arithmetic"]
    arithmetic = (
        f"numpy {in_force['numpy']}, BLAS core {in_force['blas_core']}, "
        f"{in_force['threads']} BLAS thread, SIMD {' '.join(in_force['simd'])}, "
        f"denormals {in_force['denormals']}"
    )
    return [
        *rows,
        ("Arithmetic", arithmetic),
        ("SHA-256 of notebook, code and lock file", "in manifest.json, beside this page"),
        ("Make it again", f"{command} {options}".strip()),
    ]


def options_of(values) -> list[str]:
    """Values as options of the command line, in one order, quoted for a shell."""
    return [
        "-p " + shlex.quote(f"{name}={value if isinstance(value, str) else repr(value)}")
        for name, value in sorted(values.items())
    ]


def write_log(path: Path, project, seconds: float | None = None) -> None:
    """Write what changes from run to run: date, duration, machine, interpreter, commit.

    ``seconds`` is None for a notebook that has not come to its end.
    """
    entry = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": None if seconds is None else round(seconds, 1),
        "host": platform.node(),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "libm": " ".join(platform.libc_ver()),
        "commit": _commit(project.root),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")


def _commit(folder):
    command = ["git", "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:  # git is not installed
        return "unknown"
    return found.stdout.strip() or "unknown"


def _cpu_model():
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or "unknown"
