"""Idempotency keys: the same key and body give the same job, or batch, however often they are sent."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from redis import Redis

from jobs.errors import IdempotencyInFlight, IdempotencyMismatch
from jobs.redis_errors import store_errors
from jobs.store import utc_now

LIVES_SECONDS = 86_400
_KEY = "khulasa:idempotency:{owner}:{digest}"
_DELETE_IF_SAME = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


class Kind(NamedTuple):
    """What keys are for: those of two kinds do not meet. A submission that is not stored after
    `in_flight_seconds` never will be: its process is dead."""

    prefix: str
    in_flight_seconds: float


JOBS = Kind("", 60)
BATCHES = Kind("batch\n", 300)  # of a thousand articles; no key has a line break


class IdempotencyKeys:
    """A key is reserved before what is made with it is stored, with the id that it will have: that it is
    there says that it was accepted. Raises StoreUnavailable when Redis does not answer.

    `was_accepted` is asked for an id. `abandon` sees to it that what was not stored in time never will be;
    False: it was accepted after all.
    """

    def __init__(
        self,
        redis: Redis,
        was_accepted: Callable[[str], bool],
        abandon: Callable[[str], bool] = lambda _: True,
        kind: Kind = JOBS,
    ) -> None:
        self._redis = redis
        self._was_accepted = was_accepted
        self._abandon = abandon
        self._kind = kind

    def reserve(self, owner: str, key: str, body: bytes, made_id: str) -> str | None:
        """None: the key was free and is reserved now. Else the id of what was made with it.

        Raises IdempotencyMismatch where the key came with another body, and IdempotencyInFlight where
        its first submission has not been answered yet.
        """
        name, digest = self._name(owner, key), hashlib.sha256(body).hexdigest()
        marker = json.dumps({"body": digest, "job": made_id, "at": utc_now().timestamp()})
        while True:
            found = self._claim(name, marker)
            if found is None:
                return None
            earlier = self._settled(found, digest)
            if earlier:
                return earlier
            if self._abandon(json.loads(found)["job"]):
                self._delete_if_same(name, found)

    def accepted(self, owner: str, key: str, body: bytes) -> str | None:
        """The id of what was made with it, if anything was; raises as `reserve` does."""
        with store_errors():
            found = cast("str | None", self._redis.get(self._name(owner, key)))
        return self._settled(found, hashlib.sha256(body).hexdigest()) if found else None

    def release(self, owner: str, key: str, made_id: str) -> None:
        """The submission came to nothing: the key is as if it had never been sent.

        Unless it is there all the same, because Redis went away in between: the next one is to find it.
        Nor where this one took so long that another has reserved the key since.
        """
        name = self._name(owner, key)
        with store_errors():
            found = cast("str | None", self._redis.get(name))
        if found and json.loads(found)["job"] == made_id and not self._was_accepted(made_id):
            self._delete_if_same(name, found)

    def _settled(self, found: str, digest: str) -> str | None:
        """The id of what was made; None for what was not stored in time."""
        held: dict[str, Any] = json.loads(found)
        if held["body"] != digest:
            raise IdempotencyMismatch("this Idempotency-Key came with another body; use a new key")
        if self._was_accepted(held["job"]):
            return cast("str", held["job"])
        if utc_now().timestamp() - held["at"] < self._kind.in_flight_seconds:
            raise IdempotencyInFlight("the first submission with this Idempotency-Key is being answered")
        return None

    def _claim(self, name: str, marker: str) -> str | None:
        """None: it is ours. Else whose it is. In two commands: Redis 6.2 has no SET NX GET."""
        with store_errors():
            if self._redis.set(name, marker, nx=True, ex=LIVES_SECONDS):
                return None
            return cast("str | None", self._redis.get(name)) or self._claim(name, marker)

    def _delete_if_same(self, name: str, marker: str) -> None:
        with store_errors():
            self._redis.eval(_DELETE_IF_SAME, 1, name, marker)

    def _name(self, owner: str, key: str) -> str:
        digest = hashlib.sha256(f"{self._kind.prefix}{key}".encode()).hexdigest()
        return _KEY.format(owner=owner, digest=digest)
