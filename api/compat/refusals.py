"""Refusals: every error on these routes leaves as `{"error": "…"}`, with the statuses that clients know."""

import logging

from flask import Blueprint, Response, jsonify
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException

from api.problems import broken_body
from jobs.errors import KhulasaError

# What LibreTranslate's clients were never told of, as the nearest that they were.
_KNOWN_STATUS = {401: 403, 415: 400, 422: 400}
log = logging.getLogger("khulasa.api")


def register_refusals(routes: Blueprint) -> None:
    routes.register_error_handler(KhulasaError, _from_own)
    routes.register_error_handler(HTTPException, _from_http)
    routes.register_error_handler(ParseException, lambda _: _from_own(broken_body()))
    routes.register_error_handler(Exception, _from_bug)


def refusal(status: int, message: str) -> Response:
    response = jsonify(error=message)
    response.status_code = _KNOWN_STATUS.get(status, status)
    return response


def _from_own(error: KhulasaError) -> Response:
    response = refusal(error.status, f"{error.title}: {error.detail}")
    if error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def _from_http(error: HTTPException) -> Response:
    response = refusal(error.code or 500, error.description or error.name)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _from_bug(error: Exception) -> Response:
    log.error("request.crashed", exc_info=error)
    return refusal(500, "Something went wrong on our side; it is in our log, try again later")
