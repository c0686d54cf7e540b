"""Uploads: a text, a page or a file in the body, as the submission that it stands for."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Request
from pydantic_core import from_json
from werkzeug.datastructures import MultiDict

from api.files import ExtractedText, FileReader
from jobs.errors import InvalidSubmission, UnsupportedBody

_BODY_TYPES = ("text/plain", "text/html")
MULTIPART = "multipart/form-data"
UPLOAD_TYPES = (*_BODY_TYPES, MULTIPART)
_JSON_FIELDS = ("options", "metadata", "webhook")
_ARTICLE_FIELDS = ("title", "reference")
_FORM_OVERHEAD_BYTES = 65_536


def read_request(request: Request, reader: FileReader) -> tuple[bytes, ExtractedText]:
    """The submission as JSON, and what was found in the body. `steps` and the like are query or form fields.

    Raises InvalidSubmission and what FileReader.read raises.
    """
    request.max_content_length = reader.limits.max_bytes + _FORM_OVERHEAD_BYTES
    fields: MultiDict[str, str] = MultiDict(request.args)
    if request.mimetype == MULTIPART:
        files = [file for _, file in request.files.items(multi=True)]
        if len(files) != 1:
            raise InvalidSubmission([("/file", f"send one file; {len(files)} were found")])
        fields.update(request.form)
        found = reader.read(files[0].read(), files[0].content_type or "", files[0].filename)
    elif request.mimetype in _BODY_TYPES:
        found = reader.read(request.get_data(), request.content_type or "", None)
    else:
        raise UnsupportedBody(f"send application/json or one of {', '.join(UPLOAD_TYPES)}")
    return json.dumps(_submission(fields, found)).encode(), found


def _submission(fields: "MultiDict[str, str]", found: ExtractedText) -> dict[str, Any]:
    """Unknown fields go along as they are: the submission's own check names them."""
    told: dict[str, Any] = {name: fields[name] for name in fields if name not in _ARTICLE_FIELDS}
    article: dict[str, Any] = {"text": found.text, "title": found.title}
    article |= {name: fields[name] for name in _ARTICLE_FIELDS if name in fields}
    if "steps" in fields:
        told["steps"] = [name for value in fields.getlist("steps") for name in value.split(",")]
    if "ttl_seconds" in fields:
        told["ttl_seconds"] = _number(fields["ttl_seconds"])
    told |= {name: _json(name, fields) for name in _JSON_FIELDS if name in fields}
    return {"article": article, **told}


def _number(value: str) -> int | str:
    """What is no number stays as it is, for the submission's own check to name."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else value


def _json(name: str, fields: Mapping[str, str]) -> Any:
    try:
        return from_json(fields[name])
    except ValueError as error:
        raise InvalidSubmission([(f"/{name}", "must be JSON, as in the JSON submission")]) from error
