"""Job records, and a store of them, for tests that need no article."""

from datetime import UTC, datetime

from redis import Redis

from jobs.job import ArticleFacts, Job, Receipt, StepRecord
from jobs.settings import Settings
from jobs.store import JobStore
from jobs.webhooks.outbox import Outbox

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_job(job_id: str = "01TEST", now: datetime = NOW) -> Job:
    return Job(
        id=job_id,
        created_at=now,
        ttl_seconds=60,
        article=ArticleFacts(characters=10, segments=4, language="ar"),
        steps={
            "summary": StepRecord(queue="summary"),
            "translation": StepRecord(queue="translation", receipt=Receipt(segments_in=4)),
            "english_summary": StepRecord(queue="translation", after=["summary"]),
        },
    )


def a_store(redis: Redis, settings: Settings) -> JobStore:
    return JobStore(redis, settings, Outbox({}))
