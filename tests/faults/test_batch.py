"""In the middle of storing a batch: the API dies, freezes, or does not hear from Redis."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError

from api.acceptance import Acceptance
from api.batches import Batches
from jobs.batch import Batch, BatchStore
from jobs.errors import IdempotencyInFlight, StoreFull, StoreUnavailable
from jobs.idempotency import BATCHES, IdempotencyKeys
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
    """Several API processes of one Redis."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.redis = connect(settings, retries=0)
        self.jobs = JobStore(self.redis, settings, Outbox({}))
        self.batches = BatchStore(self.redis, settings)

    def api(
        self,
        disturb: Callable[[], Any] = lambda: None,
        *,
        batches: type[BatchStore] = BatchStore,
        jobs: type[JobStore] = JobStore,
    ) -> Batches:
        store = jobs(self.redis, self.settings, Outbox({}))
        queue = StepQueue(make_celery(self.settings), self.redis)
        work = SharedWork(store, queue, self.redis, lambda _, result, __: result)
        keys = IdempotencyKeys(self.redis, store.was_accepted)
        acceptance = Disturbed(store, queue, work, keys, SegmentStore(self.redis, self.settings))
        acceptance.disturb = disturb
        kept = batches(self.redis, self.settings)
        return Batches(kept, store, acceptance, self.redis, load_steps())

    @property
    def stored(self) -> set[str]:
        return {key.rsplit(":", 1)[1] for key in self.redis.scan_iter("khulasa:job:*")}

    @property
    def drafts(self) -> list[str]:
        return list(self.redis.scan_iter("khulasa:batch-draft:*"))


@pytest.fixture
def bench(redis_settings: Settings) -> Bench:
    return Bench(redis_settings)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What makes it five minutes later, for the APIs that start from then on."""
    return lambda: monkeypatch.setattr("api.batches.BATCHES", BATCHES._replace(in_flight_seconds=0))


def submit(api: Batches, attempt: str) -> Batch:
    articles = [(a_job(f"01{attempt}{number}", datetime.now(UTC)), TEXT) for number in range(3)]
    return api.accept_once(articles, "", key="k", body=b"the same", fresh=True)


def ids(attempt: str) -> set[str]:
    return {f"01{attempt}{number}" for number in range(3)}


def die() -> None:
    raise Killed


def test_who_repeats_a_batch_that_was_cut_off_gets_one_batch_and_nothing_beside_it(
    bench: Bench, later: Callable[[], None]
) -> None:
    with pytest.raises(Killed):
        submit(bench.api(die), "FIRST")
    assert bench.stored == {"01FIRST0", "01FIRST1"}
    with pytest.raises(IdempotencyInFlight):
        submit(bench.api(), "EARLY")
    later()
    batch = submit(bench.api(), "SECOND")
    assert bench.stored == set(batch.jobs) == ids("SECOND")
    assert submit(bench.api(), "THIRD") == batch == bench.batches.get(batch.id, "")
    assert not bench.drafts


class CannotErase(JobStore):
    def delete(self, job_id: str) -> Job:
        raise StoreUnavailable("away again")


def test_who_cannot_withdraw_the_first_does_not_take_its_place(
    bench: Bench, later: Callable[[], None]
) -> None:
    with pytest.raises(Killed):
        submit(bench.api(die), "FIRST")
    later()
    with pytest.raises(StoreUnavailable):
        submit(bench.api(jobs=CannotErase), "SECOND")
    submit(bench.api(), "THIRD")
    assert bench.stored == ids("THIRD")


@pytest.mark.parametrize("frozen_before", ["begin", "create"])
def test_a_batch_whose_process_froze_until_another_had_taken_its_place_comes_to_nothing(
    bench: Bench, later: Callable[[], None], frozen_before: str
) -> None:
    taken: list[Batch] = []

    class Freezes(BatchStore):
        def begin(self, batch_id: str, jobs: Sequence[str]) -> None:
            self._freeze("begin")
            super().begin(batch_id, jobs)

        def create(self, batch: Batch) -> None:
            self._freeze("create")
            super().create(batch)

        def _freeze(self, where: str) -> None:
            if where == frozen_before:
                later()
                taken.append(submit(bench.api(), "SECOND"))

    with pytest.raises(IdempotencyInFlight):
        submit(bench.api(batches=Freezes), "FIRST")
    assert bench.stored == set(taken[0].jobs) == ids("SECOND")
    assert submit(bench.api(), "THIRD") == taken[0]


def test_a_batch_that_is_created_while_another_takes_its_place_stays(
    bench: Bench, later: Callable[[], None]
) -> None:
    with pytest.raises(Killed):
        submit(bench.api(die), "FIRST")
    [draft] = bench.drafts
    first = draft.rsplit(":", 1)[1]

    class Late(BatchStore):
        def abandon(self, batch_id: str) -> list[str] | None:
            if batch_id == first:  # the first is quicker by an instant
                jobs = json.loads(bench.redis.get(draft) or "")
                bench.batches.create(Batch(id=first, created_at=datetime.now(UTC), ttl_seconds=60, jobs=jobs))
            return super().abandon(batch_id)

    later()
    assert submit(bench.api(batches=Late), "SECOND").id == first
    assert bench.stored == {"01FIRST0", "01FIRST1"}


def test_a_batch_that_fills_redis_leaves_nothing(bench: Bench) -> None:
    try:
        with pytest.raises(StoreFull):
            submit(bench.api(lambda: bench.redis.config_set("maxmemory", 1)), "FIRST")
    finally:
        bench.redis.config_set("maxmemory", 0)
    assert not bench.stored
    assert not bench.drafts
    assert submit(bench.api(), "SECOND").jobs[0] == "01SECOND0"


class BreaksAtTheThird(JobStore):
    """After it has written the job, which cannot be discarded at once."""

    def create(self, job: Job, text: str, *_: object) -> None:
        super().create(job, text)
        if job.id == "01FIRST2":
            raise StoreFull("it is")

    def discard(self, job: Job) -> None:
        raise StoreUnavailable("no reply")


def test_a_batch_that_is_refused_half_way_leaves_nothing(bench: Bench) -> None:
    with pytest.raises(StoreUnavailable):
        submit(bench.api(jobs=BreaksAtTheThird), "FIRST")
    assert not bench.stored
    assert not bench.drafts
    assert submit(bench.api(), "SECOND").jobs[0] == "01SECOND0"


def test_a_batch_whose_reply_was_lost_is_accepted(bench: Bench) -> None:
    class RepliesAreLost(BatchStore):
        def create(self, batch: Batch) -> None:
            super().create(batch)
            raise StoreUnavailable("no reply")

    batch = submit(bench.api(batches=RepliesAreLost), "FIRST")
    assert bench.stored == set(batch.jobs) == ids("FIRST")
    assert submit(bench.api(), "SECOND") == batch == bench.batches.get(batch.id, "")


def test_a_batch_is_accepted_where_redis_writes_and_its_reply_is_lost_on_the_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """redis-py takes a connection lost under WATCH for a change by another, and begins again."""
    execute = Pipeline._execute_transaction
    lost: list[bool] = []

    def replies_are_lost(self: Any, *arguments: Any) -> Any:
        told = execute(self, *arguments)
        if not lost and any("khulasa:batch:" in str(command) for command in arguments[1]):
            lost.append(True)
            raise RedisConnectionError("reset")
        return told

    monkeypatch.setattr(Pipeline, "_execute_transaction", replies_are_lost)
    batch = submit(bench.api(), "FIRST")
    assert lost
    assert bench.stored == set(batch.jobs) == ids("FIRST")
    assert submit(bench.api(), "SECOND") == batch


def test_a_batch_of_which_redis_says_nothing_any_more_is_found_whole_under_its_key(bench: Bench) -> None:
    class GoesAway(BatchStore):
        def create(self, batch: Batch) -> None:
            super().create(batch)
            raise StoreUnavailable("no reply")

        def abandon(self, batch_id: str) -> list[str] | None:
            raise StoreUnavailable("still away")

    with pytest.raises(StoreUnavailable):
        submit(bench.api(batches=GoesAway), "FIRST")
    batch = submit(bench.api(), "SECOND")
    assert bench.stored == set(batch.jobs) == ids("FIRST")
