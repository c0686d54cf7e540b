"""The switches: a URL that has answered 410 Gone is sent nothing more, until its owner turns it on again."""

import hashlib
from datetime import datetime, timedelta
from typing import cast

from redis import Redis
from redis.client import Pipeline

from jobs.redis_errors import store_errors

# When the URL of this digest answered 410 to this owner's delivery.
_OFF = "khulasa:webhook-off:{owner}:{digest}"
_OFF_FOR = timedelta(days=30)


class Switches:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def off_since(self, owner: str, url: str) -> str | None:
        """As RFC 3339; raises StoreUnavailable."""
        with store_errors():
            return cast("str | None", self._redis.get(_key(owner, url)))

    def turn_off(self, pipe: Pipeline, owner: str, url: str, now: datetime) -> None:
        pipe.set(_key(owner, url), now.isoformat(timespec="seconds"), ex=_OFF_FOR)

    def turn_on(self, owner: str, url: str) -> None:
        """Raises StoreUnavailable."""
        with store_errors():
            self._redis.delete(_key(owner, url))


def _key(owner: str, url: str) -> str:
    return _OFF.format(owner=owner, digest=hashlib.sha256(url.encode()).hexdigest()[:32])
