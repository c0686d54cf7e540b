"""The request headers that change how a submission is taken."""

import re

from flask import request

from api.waiting import wait_seconds
from jobs.errors import InvalidHeader

KEY_PATTERN = "[!-~](?:[ -~]{0,253}[!-~])?"
_KEY = re.compile(KEY_PATTERN)


def idempotency_key() -> str | None:
    """`Idempotency-Key` (IETF draft); raises InvalidHeader for one that no client would mean."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidHeader("Idempotency-Key must be 1 to 255 visible ASCII characters")
    return key


def wants_fresh() -> bool:
    """`Cache-Control: no-cache` (RFC 9111): no earlier result, and no work that is going on, will do."""
    return bool(request.cache_control.no_cache)


def preferred_seconds() -> int:
    """How long the client would rather wait than poll."""
    return wait_seconds(request.headers.get("Prefer", ""))
