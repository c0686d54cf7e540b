"""Security headers: what every answer tells a browser not to do with it."""

from types import MappingProxyType

from flask import Flask, Response

# JSON, text and problems load nothing and stand in no frame, whatever a browser takes them for.
HEADERS = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
)
# Pages load from here alone, and nothing that stands in the page itself: no unsafe-inline.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def register_security_headers(app: Flask) -> None:
    @app.after_request
    def add(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = PAGE_POLICY
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        # Without it a cache may keep a 404, a 410 or a /readyz for as long as it likes.
        response.headers.setdefault("Cache-Control", "no-store")
        return response
