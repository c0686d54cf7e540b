"""The shared clock: Redis's time, carried on by our own steady clock, so that machines need not agree."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from redis import Redis

from jobs.errors import StoreUnavailable
from jobs.redis_errors import store_errors

_TRUSTED_SECONDS = 30.0  # after which Redis is asked again


class SharedClock:
    """A clock that is wrong, or jumps, would take living steps back, or leave dead ones alone."""

    def __init__(self, redis: Redis, steady: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._steady = steady
        self._told: datetime | None = None
        self._told_at = 0.0

    def now(self) -> datetime:
        """Raises StoreUnavailable as long as Redis has never told it."""
        told = self._told
        if told is None or self._steady() - self._told_at > _TRUSTED_SECONDS:
            try:
                told = self._ask()
            except StoreUnavailable:
                if told is None:
                    raise
        return told + timedelta(seconds=self._steady() - self._told_at)

    def _ask(self) -> datetime:
        with store_errors():
            seconds, microseconds = self._redis.time()
        self._told = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)
        self._told_at = self._steady()
        return self._told
