"""The dead letters: what an operator can do with the jobs on the dead list."""

from datetime import datetime
from typing import cast

from redis import Redis
from redis.client import Pipeline

from jobs.dead.dead_list import DEAD
from jobs.errors import JobGone, JobNotFound
from jobs.ids import new_id
from jobs.job import Job, Receipt, StepRecord, Webhook
from jobs.queue import StepQueue, send_all
from jobs.redis_errors import store_errors
from jobs.store import JobStore
from jobs.transactions import transact


class DeadLetters:
    """Every method raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis, store: JobStore, queue: StepQueue) -> None:
        self._redis = redis
        self._store = store
        self._queue = queue

    def count(self, now: datetime) -> int:
        with store_errors():
            return self._redis.zcount(DEAD, now.timestamp(), "+inf")

    def all(self, now: datetime) -> list[Job]:
        """Those that expire first come first; what is gone is dropped from the list."""
        with store_errors():
            self._redis.zremrangebyscore(DEAD, "-inf", now.timestamp())
            ids = cast("list[str]", self._redis.zrange(DEAD, 0, -1))
        jobs = dict(zip(ids, self._store.peek_all(ids), strict=True))
        if gone := [job_id for job_id, job in jobs.items() if job is None]:
            with store_errors():
                self._redis.zrem(DEAD, *gone)
        return [job for job in jobs.values() if job]

    def get(self, job_id: str) -> Job:
        """Raises JobNotFound for what is not on the list, and JobGone for what has expired."""
        with store_errors():
            if self._redis.zscore(DEAD, job_id) is None:
                raise _not_listed(job_id)
        try:
            return self._store.peek(job_id)
        except JobGone:
            with store_errors():
                self._redis.zrem(DEAD, job_id)
            raise

    def retry(self, job_id: str, now: datetime) -> Job:
        """Submits its article anew, as a job of its own that takes its place; the dead one stays as it ended.

        Of two retries at once one raises JobNotFound, as `get` does. Raises QueueFull.
        """
        self.get(job_id)
        dead = self._store.get(job_id)
        job = _anew(dead.job, now)
        ready = job.line_up(now)

        def resubmit(pipe: Pipeline) -> None:
            if pipe.zscore(DEAD, job_id) is None:  # WATCH mode answers at once
                raise _not_listed(job_id)
            pipe.multi()
            pipe.zrem(DEAD, job_id)
            self._store.add(pipe, job, dead.text)

        self._store.admit(job)
        with store_errors():
            transact(self._redis, resubmit, DEAD)
        send_all(self._queue, ready)
        return job

    def drop(self, job_id: str) -> None:
        """Off the list; the job itself stays until it expires. Raises JobNotFound for what is not on it."""
        with store_errors():
            if not self._redis.zrem(DEAD, job_id):
                raise _not_listed(job_id)


def _anew(dead: Job, now: datetime) -> Job:
    """What was submitted, with nothing of what has become of it.

    Fresh, since what was done before, by others too, may be what it died of.
    """
    return Job(
        id=new_id(),
        created_at=now,
        ttl_seconds=dead.ttl_seconds,
        article=dead.article,
        steps={name: _step_anew(step, dead.article.segments) for name, step in dead.steps.items()},
        lane=dead.lane,
        metadata=dead.metadata,
        webhook=Webhook(url=dead.webhook.url, events=dead.webhook.events) if dead.webhook else None,
        owner=dead.owner,
        fresh=True,
    )


def _step_anew(step: StepRecord, segments: int) -> StepRecord:
    return StepRecord(
        queue=step.queue,
        after=step.after,
        options=step.options,
        segments_total=segments,
        receipt=Receipt(segments_in=segments) if step.receipt else None,
    )


def _not_listed(job_id: str) -> JobNotFound:
    return JobNotFound(f"{job_id} is not on the dead-letter list; `khulasa dead list` shows what is")
