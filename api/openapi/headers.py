"""Headers: those that a request may carry, and those that answers carry."""

from api.headers import KEY_PATTERN
from api.openapi.words import Json


def _request(name: str, description: str, example: str, **schema: str) -> Json:
    told: Json = {"name": name, "in": "header", "description": description, "example": example}
    return told | {"schema": {"type": "string", **schema}}


PREFER = _request(
    "Prefer", "`wait=N` holds the answer until the job ends, N seconds at most (60 at most).", "wait=20"
)
IDEMPOTENCY_KEY = _request(
    "Idempotency-Key",
    "A key of your own for this submission: sent again with the same body it gives the same job or batch.",
    "cms-4711-1",
    pattern=f"^{KEY_PATTERN}$",
)
CACHE_CONTROL = _request(
    "Cache-Control",
    "`no-cache` does the work again, though the same work, or a part of it, was done before.",
    "no-cache",
)
IF_NONE_MATCH = _request("If-None-Match", "An `ETag` that you have: 304 while nothing has changed.", '"7"')
LAST_EVENT_ID = _request("Last-Event-ID", "What you heard last: the stream goes on after it.", "3-12")

RESPONSE_HEADERS: dict[str, Json] = {
    "X-Request-Id": {
        "description": "Yours, if you sent one of at most 128 visible ASCII characters; it is in our log.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where to follow the job.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "Ask again after so many seconds.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "ETag": {"description": "Changes with the job.", "schema": {"type": "string"}},
    "Vary": {"description": "The answer depends on these request headers.", "schema": {"type": "string"}},
}
