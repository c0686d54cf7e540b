"""The breakers: a receiver that is down is left alone for a while, then tried with one delivery."""

from datetime import datetime, timedelta
from typing import cast

from redis import Redis
from redis.client import Pipeline

# Addressees whose breaker has tripped, by when they may be tried again (half open from then on).
BREAKERS = "khulasa:breakers"
# Failures in a row of an addressee.
_FAILURES = "khulasa:addressee:{}:failures"
_MOST_FAILURES = 5
_SHORTEST_SECONDS, _LONGEST_SECONDS = 10, 300  # open; twice as long each time
_REMEMBERED = timedelta(days=1)


class Breakers:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def failures(self, addressee: str, now: datetime) -> int | None:
        """In a row, with one more; None while it is open: what was under way then says nothing new."""
        tripped = self._redis.zscore(BREAKERS, addressee)
        if tripped and tripped > now.timestamp():
            return None
        return int(cast("str | None", self._redis.get(_FAILURES.format(addressee))) or 0) + 1

    def close(self, pipe: Pipeline, addressee: str) -> None:
        pipe.delete(_FAILURES.format(addressee))
        pipe.zrem(BREAKERS, addressee)

    def note(self, pipe: Pipeline, addressee: str, failures: int, now: datetime) -> None:
        """Two at once may count as one, which only makes it trip later."""
        pipe.set(_FAILURES.format(addressee), failures, ex=_REMEMBERED)
        if failures >= _MOST_FAILURES:
            seconds = min(_LONGEST_SECONDS, _SHORTEST_SECONDS * 2 ** (failures - _MOST_FAILURES))
            pipe.zremrangebyscore(BREAKERS, "-inf", (now - _REMEMBERED).timestamp())
            pipe.zadd(BREAKERS, {addressee: now.timestamp() + seconds})

    def open(self, now: datetime) -> set[str]:
        return set(cast("list[str]", self._redis.zrangebyscore(BREAKERS, f"({now.timestamp()}", "+inf")))

    def by_state(self, now: datetime) -> dict[str, int]:
        opened = self._redis.zcount(BREAKERS, f"({now.timestamp()}", "+inf")
        return {"open": opened, "half-open": self._redis.zcard(BREAKERS) - opened}
