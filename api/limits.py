"""The limits: how many submissions and how many other requests one key, or else one address, may send."""

import logging
import math
import time

from flask import Flask, Response, current_app, make_response, request
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.errors import RateLimitExceeded
from redis import Redis
from redis.exceptions import RedisError

from api.auth import is_open
from api.caller import api_key, client, owner
from jobs.errors import RateLimited
from jobs.settings import Settings

_SUBMISSIONS, _POLLS = "submissions", "polls"
log = logging.getLogger("khulasa.api")


class Limits:
    """Counts in Redis, so that every process counts together.

    A Redis that does not count lets the request through: what it then needs of Redis has answers of its
    own, and reading and erasing go on when Redis is full.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._settings = settings
        storage = {"connection_pool": redis.connection_pool, "key_prefix": "khulasa:limit"}
        self._limiter = Limiter(
            self._who,
            application_limits=[
                ApplicationLimit(self._rate, scope=_SUBMISSIONS, exempt_when=_is_no_submission),
                ApplicationLimit(settings.poll_rate_limit, scope=_POLLS, exempt_when=_is_no_poll),
            ],
            storage_uri="redis://",
            storage_options=storage,  # type: ignore[arg-type]  # it takes a pool too, as `limits` documents
            strategy="sliding-window-counter",  # a fixed one lets twice the rate through where two meet
            swallow_errors=True,
        )
        self._limiter.logger.addFilter(_as_event)

    def register(self, app: Flask) -> None:
        """After the gate: a request is counted to the key that the gate recognised."""
        app.register_error_handler(RateLimitExceeded, self._refuse)
        app.after_request(self._describe)
        self._limiter.init_app(app)

    def _who(self) -> str:
        return f"key:{owner()}" if owner() else f"address:{client(self._settings.trusted_proxies)}"

    def _rate(self) -> str:
        key = api_key()
        return (key and key.rate) or self._settings.rate_limit

    def _refuse(self, _: RateLimitExceeded) -> Response:
        limit = self._limiter.current_limit
        rate = f"{limit.limit.amount} in {limit.limit.get_expiry()} s" if limit else "the limit"
        error = RateLimited(
            f"{_policy()} are limited to {rate}; wait and send fewer", self._reset_seconds() or 1
        )
        return make_response(current_app.handle_user_exception(error))

    def _describe(self, response: Response) -> Response:
        """The fields of draft-ietf-httpapi-ratelimit-headers-11."""
        limit = self._limiter.current_limit
        reset_seconds = self._reset_seconds()
        if limit and reset_seconds is not None:
            name, window = _policy(), limit.limit.get_expiry()
            response.headers["RateLimit-Policy"] = f'"{name}";q={limit.limit.amount};w={window}'
            response.headers["RateLimit"] = f'"{name}";r={limit.remaining};t={reset_seconds}'
        return response

    def _reset_seconds(self) -> int | None:
        """Until more is allowed, at least 1; None where nothing was counted."""
        limit = self._limiter.current_limit
        try:
            return max(1, math.ceil(limit.window.reset_time - time.time())) if limit else None
        except RedisError:
            return None


def _policy() -> str:
    return _SUBMISSIONS if request.method == "POST" else _POLLS


def _is_no_submission() -> bool:
    return is_open() or _policy() != _SUBMISSIONS


def _is_no_poll() -> bool:
    return is_open() or _policy() != _POLLS


def _as_event(record: logging.LogRecord) -> bool:
    """Flask-Limiter logs sentences with the client's address in them; ours are events without."""
    record.msg = "limit.exceeded" if record.levelno == logging.INFO else "limit.unavailable"
    record.args = ()
    return True
