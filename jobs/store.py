"""The job store: job records in Redis, changed only inside optimistic transactions."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeVar, cast

from redis import BlockingConnectionPool, Redis
from redis.backoff import ExponentialBackoff
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from jobs.backlog import Backlog
from jobs.dead.dead_list import DeadList
from jobs.errors import JobGone, JobNotFound, StoreFull
from jobs.job import Job, StoredJob
from jobs.lists import JobLists
from jobs.redis_errors import store_errors
from jobs.settings import Settings
from jobs.transactions import transact
from jobs.webhooks.outbox import Outbox

T = TypeVar("T")
Results = Mapping[str, Mapping[str, Any]]  # by step

# One hash a job: `record` (the Job), `text` (the article), `result:STEP` (what a step gave).
_JOB = "khulasa:job:{}"
# The job's owner. Outlives the job, so that an expired or deleted id is told from one never seen.
_SEEN = "khulasa:seen:{}"
_NOBODY = "1"  # no key's id
_CHANGED = "khulasa:changed"  # the channel on which the id of a changed job is told
_MAX_CONNECTIONS = 64  # of one process: a thousand who wait take turns


def connect(settings: Settings, *, retries: int) -> Redis:
    """A client that gives up on a silent server; ten `retries` ride out a restart of about 25 s."""
    pool = BlockingConnectionPool.from_url(
        settings.redis_url.get_secret_value(),
        max_connections=_MAX_CONNECTIONS,
        timeout=settings.store_timeout_seconds,  # of waiting for a free connection
        decode_responses=True,
        socket_timeout=settings.store_timeout_seconds,
        socket_connect_timeout=settings.store_timeout_seconds,
        retry=Retry(
            ExponentialBackoff(cap=5, base=0.1),
            retries,
            supported_errors=(RedisConnectionError, RedisTimeoutError),
        ),
    )
    return Redis(connection_pool=pool)


class JobStore:
    """Every method raises StoreUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis, settings: Settings, outbox: Outbox) -> None:
        self._redis = redis
        self._outbox = outbox
        self._tombstone_seconds = settings.tombstone_seconds
        self._backlog = Backlog(redis, settings)
        self._lists = JobLists(redis, settings)
        self._dead = DeadList(settings)

    def create(self, job: Job, text: str, results: Results = MappingProxyType({})) -> None:
        """Raises QueueFull as `admit` does; a job that is finished already is let in."""
        if not job.is_terminal:
            self.admit(job)
        with store_errors(), self._redis.pipeline() as pipe:
            self.add(pipe, job, text, results)
            pipe.execute()

    def add(self, pipe: Pipeline, job: Job, text: str, results: Results = MappingProxyType({})) -> None:
        """As `create`, within the transaction of another and for a job that has been admitted."""
        pipe.hset(_JOB.format(job.id), "text", text)
        pipe.set(_SEEN.format(job.id), job.owner or _NOBODY)
        self._write_results(pipe, job.id, results)
        self._outbox.add(pipe, StoredJob(job, text, _copied(results)))
        self._write(pipe, job)
        self._lists.add(pipe, job)

    def discard(self, job: Job) -> None:
        """Removes a job that was never accepted, as if it had not been."""
        # Not a transaction: a full Redis refuses those.
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.delete(_JOB.format(job.id), _SEEN.format(job.id))
            self._backlog.remove(pipe, job)
            self._lists.remove(pipe, job)
            self._outbox.cancel(pipe, job.id)
            pipe.execute()

    def check_owner(self, job_id: str, owner: str) -> None:
        """Raises JobNotFound for another's job, whether it lives or not, exactly as for an id never seen."""
        with store_errors():
            found = self._redis.get(_SEEN.format(job_id))
        if found != (owner or _NOBODY):
            raise _never_seen()

    def get(self, job_id: str) -> StoredJob:
        """Raises JobNotFound for an id never seen and JobGone for one expired or deleted."""
        with store_errors():
            fields = cast("dict[str, str]", self._redis.hgetall(_JOB.format(job_id)))
            if not fields:
                raise self._absent(job_id)
        return StoredJob(Job.model_validate_json(fields["record"]), fields["text"], _results(fields))

    def peek(self, job_id: str) -> Job:
        """The record alone, without text and results; raises as `get` does."""
        with store_errors():
            record = self._redis.hget(_JOB.format(job_id), "record")
            if record is None:
                raise self._absent(job_id)
        return Job.model_validate_json(record)

    def was_accepted(self, job_id: str) -> bool:
        """Whether it was ever stored, whatever has become of it."""
        with store_errors():
            return bool(self._redis.exists(_SEEN.format(job_id)))

    def peek_all(self, job_ids: Sequence[str]) -> list[Job | None]:
        """The records alone, in the order given; None for what is gone."""
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            for job_id in job_ids:
                pipe.hget(_JOB.format(job_id), "record")
            return [record and Job.model_validate_json(record) for record in pipe.execute()]

    def page(self, owner: str, reference: str | None, before: str | None, count: int) -> list[str]:
        """The ids of an owner's jobs, newest first; `before` is the id that the last page ended with."""
        with store_errors():
            return self._lists.page(owner, reference, before, count)

    def change(
        self,
        job_id: str,
        change: Callable[[Job], T],
        *,
        results: Results = MappingProxyType({}),
    ) -> T:
        """Applies `change` to the newest record and writes it with `results`, all or nothing.

        With a job that ends its delivery is written, and its place on the dead list. `change` may run several
        times, and may raise to leave everything as it was.
        """
        key = _JOB.format(job_id)

        def write(pipe: Pipeline) -> T:
            record = cast("str | None", pipe.hget(key, "record"))
            if record is None:
                raise self._absent(job_id)
            job = Job.model_validate_json(record)
            had_ended = job.is_terminal
            outcome = change(job)
            job.revision += 1
            ending = None if had_ended or not job.event else self._whole(pipe, job, results)
            pipe.multi()
            self._write_results(pipe, job_id, results)
            if ending:
                self._outbox.add(pipe, ending)
            if not had_ended:
                self._dead.add(pipe, job)
            if job.is_terminal and not had_ended:
                self._backlog.give_back_turn(pipe, job)
            self._write(pipe, job)
            return outcome

        with store_errors():
            return transact(self._redis, write, key)

    def delete(self, job_id: str) -> Job:
        """Erases text, results and record; work still running on it is thrown away at its next write.

        Gives the record as it was. Raises as `get` does; of a job that has expired a delivery may still wait,
        which is erased all the same.
        """
        try:
            job = self.peek(job_id)
        except JobGone:
            with store_errors():
                self._outbox.cancel(self._redis, job_id)
            raise
        # Not a transaction: a full Redis refuses those, and erasing is what would help it. The id expires
        # first: whatever is cut off after that, the reaper or time removes.
        with store_errors(), self._redis.pipeline(transaction=False) as pipe:
            pipe.expire(_SEEN.format(job_id), self._tombstone_seconds)
            pipe.unlink(_JOB.format(job_id))
            self._backlog.remove(pipe, job)
            self._lists.remove(pipe, job)
            self._dead.remove(pipe, job_id)
            self._outbox.cancel(pipe, job_id)
            pipe.publish(_CHANGED, job_id)
            pipe.execute()
        if not job.is_terminal:
            with suppress(StoreFull), store_errors(), self._redis.pipeline(transaction=False) as pipe:
                self._backlog.give_back_turn(pipe, job)
                pipe.execute()
        return job

    def due(self, now: datetime, limit: int) -> list[str]:
        """Ids of unfinished jobs that the reaper should look at, the longest due first."""
        with store_errors():
            return self._backlog.due(now, limit)

    def postpone(self, job_id: str, until: datetime) -> None:
        """The reaper has seen it and need not look again before; the record stays as it is."""
        with store_errors():
            self._backlog.postpone(job_id, until)

    def forget_due(self, job_id: str) -> None:
        """Its record is gone, and whoever erased it was stopped before it was off the backlog."""
        with store_errors(), self._redis.pipeline() as pipe:
            self._backlog.forget(pipe, job_id)
            pipe.execute()

    def admit(self, job: Job) -> None:
        """Gives a new job its turn; raises QueueFull."""
        self.check_room([job])
        with store_errors():
            job.turn = self._backlog.take_turn(job)

    def check_room(self, jobs: Sequence[Job]) -> None:
        """Raises QueueFull where not all of them may be unfinished besides those that are."""
        with store_errors():
            self._backlog.check_room(jobs)

    def unfinished(self) -> int:
        with store_errors():
            return self._backlog.count()

    def unfinished_characters(self) -> int:
        with store_errors():
            return self._backlog.characters()

    def changed_ids(self) -> Iterator[str]:
        """The id of each job that changes from now on, without end."""
        with store_errors(), self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:  # type: ignore[no-untyped-call]
            pubsub.subscribe(_CHANGED)
            while True:
                if notice := pubsub.get_message(timeout=60.0):
                    yield notice["data"]

    def _whole(self, pipe: Pipeline, job: Job, results: Results) -> StoredJob:
        """The job with what the store has of it and what is about to be written."""
        fields = cast("dict[str, str]", pipe.hgetall(_JOB.format(job.id)))
        return StoredJob(job, fields["text"], _results(fields) | _copied(results))

    def _write_results(self, pipe: Pipeline, job_id: str, results: Results) -> None:
        for step, result in results.items():
            pipe.hset(_JOB.format(job_id), f"result:{step}", json.dumps(result, ensure_ascii=False))

    def _write(self, pipe: Pipeline, job: Job) -> None:
        key = _JOB.format(job.id)
        pipe.hset(key, "record", job.model_dump_json())
        if job.is_terminal:
            self._backlog.remove(pipe, job)
            pipe.expireat(key, job.expires_at)
            pipe.expire(_SEEN.format(job.id), job.ttl_seconds + self._tombstone_seconds)
        else:
            self._backlog.put(pipe, job)
        pipe.publish(_CHANGED, job.id)

    def _absent(self, job_id: str) -> JobNotFound | JobGone:
        if self._redis.exists(_SEEN.format(job_id)):
            return JobGone("it has expired or was deleted; submit the article again")
        return _never_seen()


def _results(fields: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return {
        name.removeprefix("result:"): json.loads(value)
        for name, value in fields.items()
        if name.startswith("result:")
    }


def _copied(results: Results) -> dict[str, dict[str, Any]]:
    return {name: dict(result) for name, result in results.items()}


def _never_seen() -> JobNotFound:
    return JobNotFound("check the id that the submission returned")


def utc_now() -> datetime:
    return datetime.now(UTC)
