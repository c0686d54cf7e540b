"""The server: gunicorn's gevent worker, which answers as the API does where a request never reaches it."""

import json
import logging
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.workers.ggevent import GeventWorker

from api.connection import Connection, Patience
from api.problems import (
    MEDIA_TYPE,
    AddressTooLong,
    HeadersTooLarge,
    MalformedRequest,
    RequestTimeout,
    problem_body,
)
from api.request_log import HEADER, request_id
from api.security_headers import HEADERS
from jobs.errors import KhulasaError


def _of(error: type[KhulasaError]) -> tuple[int, str, str]:
    return error.status, error.code, error.title


_REFUSALS = {
    RequestTimeout: _of(RequestTimeout),
    errors.LimitRequestLine: _of(AddressTooLong),
    errors.LimitRequestHeaders: _of(HeadersTooLarge),
    errors.UnsupportedTransferCoding: (501, "unsupported-coding", "This transfer coding is not supported"),
    errors.ExpectationFailed: (417, "expectation-failed", "This expectation cannot be met"),
}
_MALFORMED = _of(MalformedRequest)
_CRASHED = _of(KhulasaError)
log = logging.getLogger("khulasa.api")


class Server(GeventWorker):  # type: ignore[misc]  # gunicorn carries no types
    """`gunicorn --worker-class api.server.Server`."""

    def load_wsgi(self) -> None:
        from jobs.settings import Settings  # noqa: PLC0415  # loads redis, which must find gevent's ssl

        super().load_wsgi()
        self._patience = Patience.of(Settings.from_environment())

    def timeout_ctx(self) -> AbstractContextManager[None]:
        """None: gunicorn's one limit, for idling and head together, ends without an answer."""
        return nullcontext()

    def handle(self, listener: socket.socket, client: socket.socket, addr: Any) -> None:
        super().handle(listener, Connection(client, self._patience), addr)

    def handle_request(self, listener_name: Any, req: Any, sock: Connection, addr: Any) -> None:
        sock.await_body(on_late=req.force_close)
        super().handle_request(listener_name, req, sock, addr)
        sock.await_rest()
        while req.body.read(65_536):
            pass
        sock.await_request()

    def handle_error(self, req: Any, client: Connection, addr: Any, exc: BaseException) -> None:
        """In place of gunicorn's page in HTML; its log lines, too, would quote the request."""
        status, code, title = _refusal(exc)
        answered = request_id(None)
        extra = {"status": status, "code": code, "request_id": answered}
        log.log(
            logging.ERROR if status == 500 else logging.INFO,
            "request.refused",
            extra=extra,
            exc_info=exc if status == 500 else None,
        )
        body = json.dumps(problem_body(status, code, title, "the request was refused before it was read"))
        with suppress(OSError):
            client.sendall("\r\n".join(_lines(status, answered, body)).encode("latin-1"))
            client.linger()


def _refusal(error: BaseException) -> tuple[int, str, str]:
    for kind, refusal in _REFUSALS.items():
        if isinstance(error, kind):
            return refusal
    ours = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)
    is_theirs = isinstance(error, errors.ParseException) and not isinstance(error, ours)
    return _MALFORMED if is_theirs else _CRASHED


def _lines(status: int, answered: str, body: str) -> Iterator[str]:
    yield f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    yield f"Content-Type: {MEDIA_TYPE}"
    yield f"Content-Length: {len(body)}"
    yield f"{HEADER}: {answered}"
    yield from (f"{name}: {value}" for name, value in HEADERS.items())
    yield from ("Cache-Control: no-store", "Connection: close", "", body)
