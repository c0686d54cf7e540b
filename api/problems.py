"""Problems: every error leaves as `application/problem+json` (RFC 9457) with a stable `code`."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, json
from gunicorn.http.errors import ParseException
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


class MalformedRequest(KhulasaError):
    status = 400
    code = "malformed-request"
    title = "The request is not HTTP as it should be"


class NoSuchRoute(KhulasaError):
    status = 404
    code = "no-such-route"
    title = "There is nothing at this address"


class MethodNotAllowed(KhulasaError):
    status = 405
    code = "method-not-allowed"
    title = "This address does not take that method"


class RequestTimeout(KhulasaError):
    status = 408
    code = "request-timeout"
    title = "The request came too slowly"


class BodyTooLarge(KhulasaError):
    status = 413
    code = "body-too-large"
    title = "The body is too large"


class AddressTooLong(KhulasaError):
    status = 414
    code = "address-too-long"
    title = "The address is too long"


class HeadersTooLarge(KhulasaError):
    status = 431
    code = "headers-too-large"
    title = "The headers are too large or too many"


_HTTP_ERRORS = {it.status: it for it in (MalformedRequest, NoSuchRoute, MethodNotAllowed, BodyTooLarge)}


def register_problems(app: Flask) -> None:
    app.register_error_handler(KhulasaError, from_own)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(ParseException, lambda _: from_own(broken_body()))
    app.register_error_handler(Exception, _from_bug)


def problem_body(status: int, code: str, title: str, detail: str, **members: Any) -> dict[str, Any]:
    """The members of a problem; `members` are RFC 9457's extension members."""
    body = {"type": f"urn:khulasa:problem:{code}", "title": title, "status": status, "detail": detail}
    return body | {"code": code} | members


def from_own(error: KhulasaError, **members: Any) -> Response:
    """The answer that an error of ours becomes."""
    if isinstance(error, InvalidSubmission):
        members["errors"] = [{"pointer": at, "detail": message} for at, message in error.fields]
    if isinstance(error, InvalidBatch):
        members["errors"] = list(error.problems)
    response = _answer(error.status, error.code, error.title, error.detail, **members)
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = error.challenge
    return response


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


def _from_http(error: HTTPException) -> Response:
    status = error.code or 500
    own = _HTTP_ERRORS.get(status)
    code, title = (own.code, own.title) if own else (error.name.lower().replace(" ", "-"), error.name)
    response = _answer(status, code, title, error.description or error.name)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def broken_body() -> MalformedRequest:
    """gunicorn reads a body only when we do, and finds then that its chunks are broken (ParseException)."""
    return MalformedRequest("the body's chunks are not as they should be; send it with a length")


def _from_bug(error: Exception) -> Response:
    log.error("request.crashed", exc_info=error)
    return from_own(KhulasaError("it is in our log; try again later"))


def _answer(status: int, code: str, title: str, detail: str, **members: Any) -> Response:
    body = json.dumps(problem_body(status, code, title, detail, **members))
    return Response(body, status, mimetype=MEDIA_TYPE)
