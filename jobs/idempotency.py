"""Idempotency keys: the same key and body give the same job, or batch, however often they are sent."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from redis import Redis

from jobs.errors import IdempotencyInFlight, IdempotencyMismatch
from jobs.redis_errors import store_errors
from jobs.store import utc_now

LIVES_SECONDS = 86_400
_KEY = "khulasa:idempotency:{owner}:{digest}"
# A submission that is not stored by then never will be: its process is dead.
_IN_FLIGHT_SECONDS = 60
_BATCH_IN_FLIGHT_SECONDS = 300  # a thousand articles
_DELETE_IF_SAME = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"


class IdempotencyKeys:
    """A key is reserved before its job is stored, with the id that the job will have: that the job is there
    says that it was accepted. Raises StoreUnavailable when Redis does not answer.

    `was_accepted` is asked for an id; `abandon` is told one that was not stored in time.
    """

    def __init__(
        self,
        redis: Redis,
        was_accepted: Callable[[str], bool],
        abandon: Callable[[str], None] = lambda _: None,
        *,
        of_batches: bool = False,
    ) -> None:
        self._redis = redis
        self._was_accepted = was_accepted
        self._abandon = abandon
        self._of_batches = of_batches

    def reserve(self, owner: str, key: str, body: bytes, job_id: str) -> str | None:
        """None: the key was free and is reserved now. Else the id of the job that was made with it.

        Raises IdempotencyMismatch where the key came with another body, and IdempotencyInFlight where
        its first submission has not been answered yet.
        """
        name, digest = self._name(owner, key), hashlib.sha256(body).hexdigest()
        marker = json.dumps({"body": digest, "job": job_id, "at": utc_now().timestamp()})
        while True:
            found = self._claim(name, marker)
            if found is None:
                return None
            held = _held(found, digest)
            if self._was_accepted(held["job"]):
                return cast("str", held["job"])
            in_flight = _BATCH_IN_FLIGHT_SECONDS if self._of_batches else _IN_FLIGHT_SECONDS
            if utc_now().timestamp() - held["at"] < in_flight:
                raise IdempotencyInFlight("the first submission with this Idempotency-Key is being answered")
            self._abandon(held["job"])
            self._delete_if_same(name, found)

    def accepted(self, owner: str, key: str, body: bytes) -> str | None:
        """The id of the job that was made with it. Raises IdempotencyMismatch."""
        with store_errors():
            found = cast("str | None", self._redis.get(self._name(owner, key)))
        held = found and _held(found, hashlib.sha256(body).hexdigest())
        return cast("str", held["job"]) if held and self._was_accepted(held["job"]) else None

    def release(self, owner: str, key: str, job_id: str) -> None:
        """The submission came to nothing: the key is as if it had never been sent.

        Unless its job is there all the same, because Redis went away in between: the next one is to find it.
        Nor where this one took so long that another has reserved the key since.
        """
        name = self._name(owner, key)
        with store_errors():
            found = cast("str | None", self._redis.get(name))
        if found and json.loads(found)["job"] == job_id and not self._was_accepted(job_id):
            self._delete_if_same(name, found)

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
        named = f"batch\n{key}" if self._of_batches else key  # no key has a line break
        return _KEY.format(owner=owner, digest=hashlib.sha256(named.encode()).hexdigest())


def _held(found: str, digest: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(found)
    if held["body"] != digest:
        raise IdempotencyMismatch("this Idempotency-Key came with another body; use a new key")
    return held
