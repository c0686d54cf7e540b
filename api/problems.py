"""Problems: every error leaves as `application/problem+json` (RFC 9457) with a stable `code`."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, json
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from jobs.errors import (
    InvalidBatch,
    InvalidSubmission,
    KhulasaError,
    MalformedBody,
    Unauthorized,
    UnknownField,
)

MEDIA_TYPE = "application/problem+json"
_MOST_FIELDS = 20  # what a person mends in one go
_LONGEST_PART = 200
log = logging.getLogger("khulasa.api")
_HTTP_CODES = {404: "no-such-route", 405: "method-not-allowed", 413: "body-too-large"}


def register_problems(app: Flask) -> None:
    app.register_error_handler(KhulasaError, _from_own)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _from_bug)


def problem(status: int, code: str, title: str, detail: str, **members: Any) -> Response:
    """A problem response; `members` are RFC 9457 extension members."""
    body = {
        "type": f"urn:khulasa:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    return Response(json.dumps(body | {"code": code} | members), status, mimetype=MEDIA_TYPE)


def from_validation(error: ValidationError) -> KhulasaError:
    """The client's mistakes as one error; what was sent is never quoted."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return MalformedBody("send one JSON object in UTF-8 and check its commas, quotes and escapes")
    unknown = [it for it in found if it["type"] == "extra_forbidden"]
    if unknown:
        return UnknownField([_field(it) for it in unknown[:_MOST_FIELDS]])
    return InvalidSubmission([_field(it) for it in found[:_MOST_FIELDS]])


def _field(found: Mapping[str, Any]) -> tuple[str, str]:
    # pydantic says of a mistake in a key, not in its value, that it is in "[key]".
    place = found["loc"][:-1] if found["loc"][-1:] == ("[key]",) else found["loc"]
    parts = (str(part)[:_LONGEST_PART].replace("~", "~0").replace("/", "~1") for part in place)
    unknown = found["type"] == "extra_forbidden"
    message = "there is no such field; leave it out" if unknown else str(found["msg"])
    return "".join(f"/{part}" for part in parts), message


def _from_own(error: KhulasaError) -> Response:
    members: dict[str, Any] = {}
    if isinstance(error, InvalidSubmission):
        members["errors"] = [{"pointer": at, "detail": message} for at, message in error.fields]
    if isinstance(error, InvalidBatch):
        members["errors"] = list(error.problems)
    response = problem(error.status, error.code, error.title, error.detail, **members)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = error.challenge
    return response


def _from_http(error: HTTPException) -> Response:
    status = error.code or 500
    code = _HTTP_CODES.get(status, error.name.lower().replace(" ", "-"))
    response = problem(status, code, error.name, error.description or error.name)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _from_bug(error: Exception) -> Response:
    log.error("request.crashed", exc_info=error)
    return problem(500, KhulasaError.code, KhulasaError.title, "it is in our log; try again later")
