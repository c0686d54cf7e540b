"""In the middle of a submission: a reply is lost, a client is quicker, the API process freezes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from redis import Redis

from api.acceptance import Acceptance
from jobs.errors import Fenced, JobGone, StoreUnavailable
from jobs.idempotency import IdempotencyKeys
from jobs.job import Job, StoredJob
from jobs.queue import StepQueue, make_celery
from jobs.segment_store import SegmentStore
from jobs.settings import Settings
from jobs.store import JobStore, connect, utc_now
from jobs.webhooks.outbox import Outbox
from jobs.work import SharedWork
from tests.integration.deliveries.bench import end
from tests.records import a_job

T = TypeVar("T")
TEXT = "نص"


class DiesAfterWriting(JobStore):
    """Its job is there, whoever made it is told otherwise, and it is back before the key is given up."""

    def create(self, job: Job, text: str, *_: object) -> None:
        super().create(job, text)
        raise StoreUnavailable("no reply")

    def discard(self, job: Job) -> None:
        raise StoreUnavailable("still away")


class ErasedAtOnce(JobStore):
    """Its client had repeated the submission, was given the job, and has erased it."""

    def create(self, job: Job, text: str, *_: object) -> None:
        super().create(job, text)
        self.delete(job.id)


class FreezesAfterWriting(JobStore):
    """For so long that the reaper sends the job's messages, of which a worker takes the first."""

    def create(self, job: Job, text: str, *_: object) -> None:
        super().create(job, text)
        self.change(job.id, lambda it: it.start("summary", token="t", now=utc_now(), lease_seconds=10))


class LosesAReplyAndAWorkerIsQuick(JobStore):
    """What Redis has done already is done again, as after a connection that broke before its reply came."""

    def change(self, job_id: str, change: Callable[[Job], T], **more: Any) -> T:
        super().change(job_id, change, **more)
        results = {name: {"text": name} for name in self.peek(job_id).steps}
        super().change(job_id, lambda it: end(it, utc_now()), results=results)
        return super().change(job_id, change, **more)


def submit(it: Acceptance, job: Job) -> StoredJob:
    return it.accept_once(job, TEXT, key="k", body=b"{}", fresh=False)


def acceptance(redis: Redis, settings: Settings, store: JobStore) -> Acceptance:
    queue = StepQueue(make_celery(settings), redis)
    work = SharedWork(store, queue, redis, lambda _, result, __: result)
    return Acceptance(
        store, queue, work, IdempotencyKeys(redis, store.was_accepted), SegmentStore(redis, settings)
    )


def test_a_submission_whose_reply_was_lost_is_found_again_under_its_key(redis_settings: Settings) -> None:
    redis, now = connect(redis_settings, retries=0), datetime.now(UTC)
    dying = acceptance(redis, redis_settings, DiesAfterWriting(redis, redis_settings, Outbox({})))
    with pytest.raises(StoreUnavailable):
        submit(dying, a_job("01FIRST", now))
    well = acceptance(redis, redis_settings, JobStore(redis, redis_settings, Outbox({})))
    assert submit(well, a_job("01SECOND", now)).job.id == "01FIRST"
    assert list(redis.scan_iter("khulasa:job:*")) == ["khulasa:job:01FIRST"]


def test_a_job_that_is_erased_while_it_is_submitted_once_more_stays_known_as_gone(
    redis_settings: Settings,
) -> None:
    redis, now = connect(redis_settings, retries=0), datetime.now(UTC)
    store = JobStore(redis, redis_settings, Outbox({}))
    leader, job = a_job("01LEADER", now), a_job("01FIRST", now)
    leader.work = job.work = "the same"
    acceptance(redis, redis_settings, store).accept(leader, TEXT, fresh=False)
    quick = acceptance(redis, redis_settings, ErasedAtOnce(redis, redis_settings, Outbox({})))
    with pytest.raises(JobGone):
        submit(quick, job)
    with pytest.raises(JobGone):
        store.peek(job.id)
    with pytest.raises(JobGone):
        submit(acceptance(redis, redis_settings, store), a_job("01SECOND", now))


def test_a_job_that_has_begun_before_it_could_join_another_goes_its_own_way(redis_settings: Settings) -> None:
    redis, now = connect(redis_settings, retries=0), datetime.now(UTC)
    store = JobStore(redis, redis_settings, Outbox({}))
    leader, job = a_job("01LEADER", now), a_job("01FIRST", now)
    leader.work = job.work = "the same"
    acceptance(redis, redis_settings, store).accept(leader, TEXT, fresh=False)
    submit(acceptance(redis, redis_settings, FreezesAfterWriting(redis, redis_settings, Outbox({}))), job)
    found = store.peek(job.id)
    assert (found.status, found.follows) == ("running", None)


def test_a_job_that_has_ended_before_its_client_was_answered_is_told_with_its_results(
    redis_settings: Settings,
) -> None:
    redis = connect(redis_settings, retries=0)
    store = JobStore(redis, redis_settings, Outbox({}))
    losing = LosesAReplyAndAWorkerIsQuick(redis, redis_settings, Outbox({}))
    answered = submit(acceptance(redis, redis_settings, losing), a_job("01FIRST", datetime.now(UTC)))
    assert answered.job.status == "succeeded"
    assert answered.results.keys() == answered.job.steps.keys()
    assert answered == store.get("01FIRST")
    assert answered.job.revision == 2  # lined up, ended, and not written since


def test_a_message_of_a_job_that_has_joined_another_since_begins_nothing() -> None:
    job, now = a_job(), datetime.now(UTC)
    job.follow("01LEADER")
    with pytest.raises(Fenced):
        job.start("summary", token="t", now=now, lease_seconds=10)
