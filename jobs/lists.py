"""The lists of jobs: one for each owner, and one for each of an owner's references, in order of age."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import cast

from redis import Redis
from redis.client import Pipeline
from ulid import ULID

from jobs.job import Job
from jobs.settings import Settings

# A sorted set of job ids, all of one score: ULIDs sort by the time of their making.
_ALL = "khulasa:jobs:{owner}"
_OF_REFERENCE = "khulasa:jobs:{owner}:{digest}"


class JobLists:
    """An id may outlive its job here; whoever reads a list leaves out what is gone."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._longest = timedelta(seconds=settings.max_ttl_seconds)

    def add(self, pipe: Pipeline, job: Job) -> None:
        oldest = str(ULID.from_datetime(datetime.now(UTC) - 2 * self._longest))
        for key in _keys(job):
            pipe.zadd(key, {job.id: 0})
            pipe.zremrangebylex(key, "-", f"[{oldest}")
            pipe.expire(key, 2 * self._longest)

    def remove(self, pipe: Pipeline, job: Job) -> None:
        for key in _keys(job):
            pipe.zrem(key, job.id)

    def page(self, owner: str, reference: str | None, before: str | None, count: int) -> list[str]:
        key = _ALL.format(owner=owner) if reference is None else _of_reference(owner, reference)
        found = self._redis.zrevrangebylex(key, f"({before}" if before else "+", "-", start=0, num=count)
        return cast("list[str]", found)


def _keys(job: Job) -> list[str]:
    keys = [_ALL.format(owner=job.owner)]
    if job.article.reference is not None:
        keys.append(_of_reference(job.owner, job.article.reference))
    return keys


def _of_reference(owner: str, reference: str) -> str:
    digest = hashlib.sha256(reference.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return _OF_REFERENCE.format(owner=owner, digest=digest)
