"""The segment store: what was worked out for sentences, in Redis, with the jobs that used it."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from redis import Redis

from jobs.errors import StoreFull
from jobs.redis_errors import store_errors
from jobs.settings import Settings
from jobs.store import connect

# One hash a segment: the value, and a field for each of the first jobs that used it.
_SEGMENT = "khulasa:segment:{}"
_VALUE = "value"
# Somebody works it out; it lapses with whoever does not renew it.
_CLAIM = "khulasa:segment-claim:{}"
# The keys of the segments that a job has used, for its erasure.
_OF_JOB = "khulasa:segments-of:{}"
# What is kept, by last use: a member for each KiB of each segment, so that their number is the size.
_KEPT = "khulasa:segments"
_UNIT_BYTES = 1_024
_OVERHEAD_BYTES = 640  # of one segment, beside its value; docs/adr/0014 has the measurement
_MOST_USERS = 4  # noted of one segment: with these erased, it is too, whoever came later
_UNFINISHED_SECONDS = 86_400  # in which a job that has used a segment will end


@dataclass(frozen=True, slots=True)
class User:
    """A job that uses segments; `seconds`: how long it may live, and be erased."""

    job_id: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Entry:
    value: str
    users: int


def connect_segments(settings: Settings, *, timeout_seconds: float) -> Redis:
    """A client of the cache's own Redis, or of the job store's where it has none."""
    url = settings.segment_cache_url or settings.redis_url
    changed = {"redis_url": url, "store_timeout_seconds": timeout_seconds}
    return connect(settings.model_copy(update=changed), retries=1)


class SegmentStore:
    """Every method raises StoreUnavailable when Redis does not answer, and StoreFull when it has no memory.

    Each takes a whole window of segments in one round trip.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._ttl_seconds = settings.segment_cache_ttl_seconds
        self._most_units = settings.segment_cache_mb * 1_048_576 // _UNIT_BYTES
        # A batch ends well within the lease.
        self._claim_ms = int(settings.lease_seconds * 1_000 / 2)

    def read(self, keys: Sequence[str]) -> dict[str, Entry]:
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hgetall(_SEGMENT.format(key))
            return _entries(keys, pipe.execute())

    def claim(self, keys: Sequence[str], token: str) -> tuple[dict[str, Entry], list[str]]:
        """What has come since they were read, and the keys that now are whose `token` it is."""
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for key in keys:  # in this order: what comes before the claim is seen
                pipe.set(_CLAIM.format(key), token, nx=True, px=self._claim_ms)
                pipe.get(_CLAIM.format(key))
                pipe.hgetall(_SEGMENT.format(key))
            replies = pipe.execute()
        entries = _entries(keys, replies[2::3])
        claimed = [key for key, owner in zip(keys, replies[1::3], strict=True) if owner == token]
        self.release([key for key in claimed if key in entries])
        return entries, [key for key in claimed if key not in entries]

    def renew(self, keys: Sequence[str]) -> None:
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.pexpire(_CLAIM.format(key), self._claim_ms)
            pipe.execute()

    def release(self, keys: Sequence[str]) -> None:
        if keys:
            with store_errors():
                self._redis.unlink(*(_CLAIM.format(key) for key in keys))

    def note_use(self, entries: Mapping[str, Entry], user: User) -> None:
        """That `user` has used what it has read."""
        values = {key: entry.value for key, entry in entries.items()}
        crowded = {key for key, entry in entries.items() if entry.users >= _MOST_USERS}
        self._write(values, user, crowded=crowded, anew=False)

    def write(self, values: Mapping[str, str], user: User) -> None:
        """In place of what may be there; also releases the keys."""
        try:
            self._write(values, user, crowded=(), anew=True)
        except StoreFull:
            self.release(list(values))
            raise

    def end(self, user: User) -> None:
        """The job of `user` has ended: nobody erases it once it has expired."""
        with store_errors():
            self._redis.expire(_OF_JOB.format(user.job_id), user.seconds)

    def forget(self, job_id: str) -> None:
        """Erases the segments that nobody else has used; what it has done so far is done if it is cut off."""
        of_job = _OF_JOB.format(job_id)
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            keys = list(dict.fromkeys(cast("list[str]", self._redis.lrange(of_job, 0, -1))))
            for key in keys:
                pipe.hdel(_SEGMENT.format(key), job_id)
                pipe.hlen(_SEGMENT.format(key))
                pipe.hstrlen(_SEGMENT.format(key), _VALUE)
            replies = pipe.execute()
            for key, left, size in zip(keys, replies[1::3], replies[2::3], strict=True):
                if left <= 1:  # the value
                    pipe.unlink(_SEGMENT.format(key))
                    pipe.zrem(_KEPT, *_members(key, size))
            pipe.unlink(of_job)
            pipe.execute()

    def give_way(self) -> None:
        """Drops an eighth of all, the least lately used: jobs need the memory more."""
        with store_errors():
            self._drop(-(-self._redis.zcard(_KEPT) // 8))

    def _write(self, values: Mapping[str, str], user: User, *, crowded: Collection[str], anew: bool) -> None:
        """All or nothing. Not `anew`: only what has vanished since it was read is written again."""
        if not values:
            return
        now = time.time()
        of_job = _OF_JOB.format(user.job_id)
        with store_errors(), self._redis.pipeline() as pipe:
            put = pipe.hset if anew else pipe.hsetnx
            for key, value in values.items():
                put(_SEGMENT.format(key), _VALUE, value)
                if key not in crowded:
                    pipe.hset(_SEGMENT.format(key), user.job_id, "")
                    pipe.rpush(of_job, key)
                pipe.expire(_SEGMENT.format(key), self._ttl_seconds)
                pipe.zadd(_KEPT, dict.fromkeys(_members(key, len(value.encode())), now))
                pipe.unlink(_CLAIM.format(key))
            pipe.expire(of_job, user.seconds + _UNFINISHED_SECONDS)
            pipe.zremrangebyscore(_KEPT, "-inf", now - self._ttl_seconds)
            pipe.expire(_KEPT, self._ttl_seconds)
            pipe.zcard(_KEPT)
            units = pipe.execute()[-1]
            self._drop(units - self._most_units)

    def _drop(self, units: int) -> None:
        if units > 0:
            oldest = cast("list[tuple[str, float]]", self._redis.zpopmin(_KEPT, units))
            self._redis.unlink(*{_SEGMENT.format(member.partition(".")[0]) for member, _ in oldest})


def _entries(keys: Iterable[str], replies: Iterable[Mapping[str, str]]) -> dict[str, Entry]:
    return {
        key: Entry(fields[_VALUE], len(fields) - 1)
        for key, fields in zip(keys, replies, strict=True)
        if _VALUE in fields
    }


def _members(key: str, size: int) -> list[str]:
    """As many as it has KiB."""
    units = -(-(_OVERHEAD_BYTES + size) // _UNIT_BYTES)
    return [key, *(f"{key}.{number}" for number in range(1, units))]
