"""A Redis that does what it is told and dies before it says so, in the middle of a submission."""

from datetime import UTC, datetime

import pytest
from redis import Redis

from api.acceptance import Acceptance
from jobs.errors import StoreUnavailable
from jobs.idempotency import IdempotencyKeys
from jobs.job import Job
from jobs.queue import StepQueue, make_celery
from jobs.segment_store import SegmentStore
from jobs.settings import Settings
from jobs.store import JobStore, connect
from jobs.webhooks.outbox import Outbox
from jobs.work import SharedWork
from tests.records import a_job

TEXT = "نص"
AGAIN = {"key": "k", "body": b"{}", "fresh": False}


class DiesAfterWriting(JobStore):
    """Its job is there, whoever made it is told otherwise, and it is back before the key is given up."""

    def create(self, job: Job, text: str, *_: object) -> None:
        super().create(job, text)
        raise StoreUnavailable("no reply")

    def discard(self, job: Job) -> None:
        raise StoreUnavailable("still away")


def acceptance(redis: Redis, settings: Settings, store: JobStore) -> Acceptance:
    queue = StepQueue(make_celery(settings), redis)
    work = SharedWork(store, queue, redis, lambda _, result, __: result)
    return Acceptance(store, queue, work, IdempotencyKeys(redis, store), SegmentStore(redis, settings))


def test_a_submission_whose_reply_was_lost_is_found_again_under_its_key(redis_settings: Settings) -> None:
    redis, now = connect(redis_settings, retries=0), datetime.now(UTC)
    dying = acceptance(redis, redis_settings, DiesAfterWriting(redis, redis_settings, Outbox({})))
    with pytest.raises(StoreUnavailable):
        dying.accept_once(a_job("01FIRST", now), TEXT, **AGAIN)
    well = acceptance(redis, redis_settings, JobStore(redis, redis_settings, Outbox({})))
    assert well.accept_once(a_job("01SECOND", now), TEXT, **AGAIN).job.id == "01FIRST"
    assert list(redis.scan_iter("khulasa:job:*")) == ["khulasa:job:01FIRST"]
