"""What a manifest and the results of a page have to look like, as JSON schemas."""

import re
from functools import cache

import fastjsonschema

from normlab.handover import RESULTS
from normlab.plain import short

_TEXT = {"type": "string"}
_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_NUMBER = {"type": ["number", "null"]}  # null: it was not finite
_ANSWER, _FLAG = {"enum": ["yes", "no", "open"]}, {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}
_FILES = {
    "type": "object",
    "patternProperties": {r"^[^./\x00-\x1f][^/\x00-\x1f]*$": _HASH},
    "additionalProperties": False,
}


def _object(required, **properties):
    return {"type": "object", "required": [*required], "properties": properties}


def _each(schema):
    return {"type": "object", "additionalProperties": schema}


_INPUTS = ("normlab", "notebook", "code of the runs", "code of the page", "requirements.lock")
_MANIFEST = _object(
    ("digest", "files", "pages"),
    digest=_HASH,
    files=_FILES,
    pages=_each(_each(_TEXT) | {"required": [*_INPUTS]}),
)
_PARTS = {
    "short": _TEXT,
    "answer": _TEXT,
    "headline": _each(
        {"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 3, "maxItems": 3}]}
    ),
    "claims": {
        "type": "array",
        "items": _object(
            (
                *("name", "statement", "state", "evidence", "source", "link"),
                *("expected", "outcome", "exact", "says", "against_source", "cells", "seeds"),
            ),
            **dict.fromkeys(("name", "statement", "evidence", "source", "outcome"), _TEXT),
            state={"enum": ["supported", "equivalent", "refuted", "inconclusive"]},
            link={"type": "string", "pattern": "^(https://.*)?$"},
            expected=_ANSWER,
            says=_ANSWER,
            exact=_FLAG,
            against_source=_FLAG,
            cells=_COUNT,
            seeds=_COUNT,
        ),
    },
    "tables": {"type": "object"},
    "dataset": {
        "anyOf": [
            {"type": "null"},
            _object(
                ("name", "title", "origin", "sha256"),
                name=_TEXT,
                title=_TEXT,
                origin=_TEXT,
                sha256=_TEXT,
            ),
        ]
    },
    "figure": _object(("alt",), alt=_TEXT),
    "arithmetic": _object(
        ("numpy", "blas_core", "threads", "simd", "denormals"),
        simd={"type": "array", "items": _TEXT},
    ),
    "seeds": {"type": "array", "items": _COUNT},
    "runs": _COUNT,
    "diverged": _COUNT,
    "normlab": _TEXT,
    "parameters": {"type": "object"},
    "files": _FILES,
}
_PAGE = _object([name for name in RESULTS if name != "code"], **_PARTS)
_SHAPES = {"manifest": _MANIFEST, "page": _PAGE}


def check_shape(value, kind: str) -> None:
    """Refuse a "manifest" or a "page" of another shape; the ValueError names place and fault."""
    try:
        _validator(kind)(value)
    except fastjsonschema.JsonSchemaValueException as error:
        raise ValueError(short(re.sub(r"^data\.?", "", str(error)).strip(), 160)) from None


@cache
def _validator(kind):
    return fastjsonschema.compile(_SHAPES[kind], use_default=False)
