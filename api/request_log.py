"""The request log: an id for each request, on its answer and in the log, and a line when it is done."""

import logging
import re
import secrets
from time import perf_counter

from flask import Flask, Response, g, request

from jobs.logs import REQUEST_ID

HEADER = "X-Request-Id"
_SAFE = re.compile(r"[\x21-\x7e]{1,128}")  # visible ASCII: nothing that could break out of a log line
log = logging.getLogger("khulasa.api")


def request_id(given: str | None) -> str:
    """The client's own id where it is safe to repeat, else a new one."""
    return given if given and _SAFE.fullmatch(given) else secrets.token_hex(16)


def register_request_log(app: Flask) -> None:
    """To be registered before whatever may refuse a request, which then has an id already."""

    @app.before_request
    def begin() -> None:
        g.began_at = perf_counter()
        g.request_id = request_id(request.headers.get(HEADER))
        REQUEST_ID.set(g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = g.request_id
        # The route's template, never the path: paths and queries hold what clients write there.
        route = request.url_rule.rule if request.url_rule else None
        facts = {"method": request.method, "route": route, "status": response.status_code}
        began_at: float = g.began_at

        def done() -> None:
            milliseconds = round((perf_counter() - began_at) * 1000, 1)
            log.info("request.done", extra={**facts, "milliseconds": milliseconds})
            REQUEST_ID.set(None)  # the greenlet may serve this connection's next request

        response.call_on_close(done)  # of a stream: when its last line is sent, or its client is gone
        return response
