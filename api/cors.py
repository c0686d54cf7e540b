"""CORS: which other origins' pages may read the answers; none, unless a setting names them."""

from collections.abc import Set

from flask import Flask, Response, request

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Cache-Control, Content-Type, Idempotency-Key, "
    "If-Match, If-None-Match, Last-Event-ID, Prefer, X-API-Key, X-Request-Id",
    "Access-Control-Max-Age": "600",
}
_EXPOSED = "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"


def register_cors(app: Flask, origins: Set[str]) -> None:
    """Credentials (cookies) are never allowed; a key in a header needs none.

    To be registered before whatever asks for a key: a browser sends none with its preflight.
    """
    if not origins:
        return

    @app.before_request
    def answer_preflight() -> Response | None:
        return Response(status=204) if _is_preflight() else None

    @app.after_request
    def allow(response: Response) -> Response:
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
            if _is_preflight():
                response.headers.update(_PREFLIGHT)
        return response


def _is_preflight() -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
