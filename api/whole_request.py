"""The whole request: a body that ends before its `Content-Length` is refused, not taken as it is."""

from typing import Any

from flask import Request


class WholeRequest(Request):
    """gunicorn ends a short body as if it were complete; werkzeug notices, where it counts for itself."""

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        if environ.get("CONTENT_LENGTH"):  # chunks end by themselves
            environ.pop("wsgi.input_terminated", None)
        super().__init__(environ, *args, **kwargs)
