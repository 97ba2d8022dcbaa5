"""Pictures of a notebook's Markdown, as addresses that hold them: a page fetches nothing."""

import base64
import io
import warnings
from pathlib import Path
from urllib.parse import unquote

from normlab.report.errors import BuildError

_KINDS = {"PNG": "png", "JPEG": "jpeg", "GIF": "gif", "WEBP": "webp"}
_MOST_BYTES, _MOST_PIXELS = 2_000_000, 25_000_000


def embedded(address: str, attachments, folder: Path | None) -> str:
    """A picture as a data: address; a BuildError names it and says why no page can hold it.

    Parameters
    ----------
    address : str
        A data: address, ``attachment:name``, or the path of a file from ``folder``.
    attachments : mapping
        Of the cell: name -> MIME type -> base64.
    folder : Path or None
        Of the notebook; the picture must lie within its project, the folder around that.
    """
    try:
        content = _content(address, attachments, folder)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be read"
        raise BuildError(f"the picture {address[:60]!r}: {reason}; mend its address") from error
    kind = _checked(address, content)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _content(address, attachments, folder):
    scheme, colon, rest = address.partition(":")
    if colon and scheme == "data":
        return base64.b64decode(rest.partition(";base64,")[2], validate=True)
    if colon and scheme == "attachment":
        kinds = attachments.get(rest) or attachments.get(unquote(rest))
        if not kinds:
            raise BuildError(f"the cell has no attachment {unquote(rest)!r}; paste it again")
        return base64.b64decode("".join(next(iter(kinds.values()))))
    if folder is None or (colon and "/" not in scheme) or address.startswith("//"):
        raise _refusal(address, "is not in the project; save it there and name its path")
    path = (folder / unquote(address.partition("?")[0])).resolve()
    if not path.is_relative_to(folder.resolve().parent):
        raise _refusal(address, "is outside the project; copy it there")
    if path.is_file() and path.stat().st_size > _MOST_BYTES:
        raise _too_large(address, path.stat().st_size)
    if not path.is_file() and path.exists():
        raise _refusal(address, "is not a file; mend its address")
    return path.read_bytes()


def _checked(address, content):
    """The kind of a picture that a page may hold."""
    from PIL import Image

    if len(content) > _MOST_BYTES:
        raise _too_large(address, len(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=list(_KINDS)) as picture:
                width, height = picture.size
                kind = _KINDS[picture.format]
    except Exception as error:
        why = "is no PNG, JPEG, GIF or WebP; save it as one of these"
        raise _refusal(address, why) from error
    if width * height > _MOST_PIXELS:
        raise _refusal(address, f"has {width} x {height} pixels; make it smaller")
    return kind


def _too_large(address, size):
    return _refusal(address, f"has {size / 1e6:.1f} MB, and 2 are allowed; make it smaller")


def _refusal(address, why):
    return BuildError(f"the picture {address[:60]!r} {why}")
