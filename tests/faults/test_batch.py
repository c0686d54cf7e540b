"""In the middle of storing a batch: the API dies, freezes, or does not hear from Redis."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from api.acceptance import Acceptance
from api.batches import Batches
from jobs.batch import Batch, BatchStore
from jobs.errors import BatchNotFound, IdempotencyInFlight, QueueFull, StoreUnavailable
from jobs.idempotency import IdempotencyKeys
from jobs.job import Job, StoredJob
from jobs.queue import StepQueue, make_celery
from jobs.segment_store import SegmentStore
from jobs.settings import Settings
from jobs.store import JobStore, connect
from jobs.webhooks.outbox import Outbox
from jobs.work import SharedWork
from models.steps import load_steps
from tests.records import a_job

TEXT = "نص"


class Killed(BaseException):
    """What no handler of the code sees."""


class Disturbed(Acceptance):
    """Runs `disturb` when it has accepted two jobs."""

    disturb: Callable[[], Any]
    count = 0

    def accept(self, job: Job, text: str, *, fresh: bool) -> StoredJob:
        self.count += 1
        if self.count == 3:
            self.disturb()
        return super().accept(job, text, fresh=fresh)


class Bench:
    """Two API processes of one Redis."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.redis = connect(settings, retries=0)
        self.jobs = JobStore(self.redis, settings, Outbox({}))
        self.batches = BatchStore(self.redis, settings)

    def api(self, disturb: Callable[[], Any] = lambda: None, store: BatchStore | None = None) -> Batches:
        queue = StepQueue(make_celery(self.settings), self.redis)
        work = SharedWork(self.jobs, queue, self.redis, lambda _, result, __: result)
        keys = IdempotencyKeys(self.redis, self.jobs.was_accepted)
        acceptance = Disturbed(self.jobs, queue, work, keys, SegmentStore(self.redis, self.settings))
        acceptance.disturb = disturb
        return Batches(store or self.batches, self.jobs, acceptance, self.redis, load_steps())

    @property
    def stored(self) -> set[str]:
        return {key.rsplit(":", 1)[1] for key in self.redis.scan_iter("khulasa:job:*")}


@pytest.fixture
def bench(redis_settings: Settings) -> Bench:
    return Bench(redis_settings)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.idempotency._BATCH_IN_FLIGHT_SECONDS", 0)


def submit(api: Batches, attempt: str) -> Batch:
    articles = [(a_job(f"01{attempt}{number}", datetime.now(UTC)), TEXT) for number in range(3)]
    return api.accept_once(articles, "", key="k", body=b"the same", fresh=True)


def die() -> None:
    raise Killed


def test_who_repeats_a_batch_that_was_cut_off_gets_one_batch_and_nothing_beside_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Killed):
        submit(bench.api(die), "FIRST")
    assert bench.stored == {"01FIRST0", "01FIRST1"}
    with pytest.raises(IdempotencyInFlight):
        submit(bench.api(), "EARLY")
    monkeypatch.setattr("jobs.idempotency._BATCH_IN_FLIGHT_SECONDS", 0)
    batch = submit(bench.api(), "SECOND")
    assert bench.stored == set(batch.jobs) == {"01SECOND0", "01SECOND1", "01SECOND2"}
    assert submit(bench.api(), "THIRD") == batch == bench.batches.get(batch.id, "")
    assert not list(bench.redis.scan_iter("khulasa:batch-draft:*"))


@pytest.mark.usefixtures("impatient")
def test_a_batch_whose_process_froze_until_another_had_taken_its_place_comes_to_nothing(bench: Bench) -> None:
    taken: list[Batch] = []
    frozen = bench.api(lambda: taken.append(submit(bench.api(), "SECOND")))
    with pytest.raises(IdempotencyInFlight):
        submit(frozen, "FIRST")
    assert bench.stored == set(taken[0].jobs)
    assert submit(bench.api(), "THIRD") == taken[0]


def test_a_batch_that_is_refused_half_way_leaves_nothing(bench: Bench) -> None:
    def full() -> None:
        raise QueueFull("it is")

    with pytest.raises(QueueFull):
        submit(bench.api(full), "FIRST")
    assert not bench.stored
    assert not list(bench.redis.scan_iter("khulasa:batch*"))
    assert submit(bench.api(), "SECOND").jobs[0] == "01SECOND0"


class RepliesAreLost(BatchStore):
    """The batch is there, and whoever made it is told otherwise."""

    back = False

    def create(self, batch: Batch) -> None:
        super().create(batch)
        raise StoreUnavailable("no reply")

    def discard(self, batch_id: str) -> None:
        if not self.back:
            raise StoreUnavailable("still away")
        super().discard(batch_id)


def test_a_batch_whose_reply_was_lost_is_found_again_whole_under_its_key(bench: Bench) -> None:
    with pytest.raises(StoreUnavailable):
        submit(bench.api(store=RepliesAreLost(bench.redis, bench.settings)), "FIRST")
    batch = submit(bench.api(), "SECOND")
    assert bench.stored == set(batch.jobs) == {"01FIRST0", "01FIRST1", "01FIRST2"}


def test_a_batch_whose_reply_was_lost_is_withdrawn_whole_where_redis_answers_again(bench: Bench) -> None:
    store = RepliesAreLost(bench.redis, bench.settings)
    store.back = True
    with pytest.raises(StoreUnavailable):
        submit(bench.api(store=store), "FIRST")
    assert not bench.stored
    with pytest.raises(BatchNotFound):
        bench.batches.get("01FIRST", "")
    assert submit(bench.api(), "SECOND").jobs[0] == "01SECOND0"
