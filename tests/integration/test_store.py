"""The store on a real Redis: nothing written over, nothing kept for ever."""

import json
import threading
import time
from datetime import timedelta
from itertools import islice

import pytest
from redis import Redis

from api.waiting import WaitingRoom
from jobs.batch import Batch, BatchStore
from jobs.errors import Fenced, JobGone, JobNotFound, QueueFull, StoreFull
from jobs.job import Job
from jobs.settings import Settings
from jobs.store import JobStore, connect, utc_now
from jobs.workers import WorkerRegister
from tests.records import a_job, a_store

OWNERS_END = "khulasa:turn-ends:interactive"  # a number for each owner


@pytest.fixture
def redis(redis_settings: Settings) -> Redis:
    return connect(redis_settings, retries=0)


@pytest.fixture
def store(redis: Redis, redis_settings: Settings) -> JobStore:
    return a_store(redis, redis_settings)


def succeed_all(job: Job) -> None:
    now = utc_now()
    for name in job.steps:
        job.start(name, token="t", now=now, lease_seconds=10)
        job.succeed(name, token="t", receipt=None, now=now)


def test_a_record_comes_back_as_it_was_written(store: JobStore) -> None:
    job = a_job()
    store.create(job, "نص")
    stored = store.get(job.id)
    assert (stored.job, stored.text, stored.results) == (job, "نص", {})


def test_changes_made_at_the_same_time_are_all_kept(store: JobStore) -> None:
    store.create(a_job(), "نص")

    def add() -> None:
        for _ in range(50):
            store.change("01TEST", lambda job: job.metadata.update(n=str(int(job.metadata.get("n", 0)) + 1)))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job = store.peek("01TEST")
    assert (job.metadata["n"], job.revision) == ("200", 200)


def test_one_of_many_attempts_at_once_gets_the_step(store: JobStore) -> None:
    store.create(a_job(), "نص")
    outcomes: list[str] = []

    def attempt(token: str) -> None:
        try:
            store.change(
                "01TEST", lambda job: job.start("summary", token=token, now=utc_now(), lease_seconds=10)
            )
            outcomes.append("got it")
        except Fenced:
            outcomes.append("refused")

    threads = [threading.Thread(target=attempt, args=[str(number)]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["got it"] + ["refused"] * 7


def test_a_change_that_raises_writes_nothing_not_even_its_result(store: JobStore) -> None:
    store.create(a_job(), "نص")

    def fail(_: Job) -> None:
        raise Fenced("no")

    with pytest.raises(Fenced):
        store.change("01TEST", fail, results={"summary": {"text": "late"}})
    stored = store.get("01TEST")
    assert (stored.results, stored.job.revision) == ({}, 0)


def test_an_unfinished_job_never_expires_and_a_finished_one_does(store: JobStore, redis: Redis) -> None:
    store.create(a_job(now=utc_now() - timedelta(days=30)), "نص")
    assert redis.ttl("khulasa:job:01TEST") == -1
    store.change("01TEST", succeed_all)
    assert 0 < redis.ttl("khulasa:job:01TEST") <= 60


def test_a_finished_job_leaves_no_key_without_a_ttl(store: JobStore, redis: Redis) -> None:
    store.create(a_job(), "نص")
    store.change("01TEST", succeed_all)
    assert [key for key in redis.scan_iter("*") if redis.ttl(key) < 0] == []


def test_an_expired_id_is_gone_and_a_strange_one_is_not_found(store: JobStore, redis: Redis) -> None:
    store.create(a_job(), "نص")
    store.change("01TEST", succeed_all)
    redis.pexpire("khulasa:job:01TEST", 1)
    time.sleep(0.05)
    with pytest.raises(JobGone):
        store.get("01TEST")
    with pytest.raises(JobNotFound):
        store.get("01OTHER")


def test_an_id_outlives_its_job_by_the_time_that_is_set(redis: Redis, redis_settings: Settings) -> None:
    store = a_store(redis, redis_settings.model_copy(update={"tombstone_seconds": 100}))
    for number in ("01ENDED", "01ERASED"):
        store.create(a_job(number), "نص")
    store.change("01ENDED", succeed_all)
    store.delete("01ERASED")
    batches = BatchStore(redis, redis_settings.model_copy(update={"tombstone_seconds": 100}))
    batches.create(Batch(id="01BATCH", created_at=utc_now(), ttl_seconds=60, jobs=[]))
    assert 150 < redis.ttl("khulasa:seen:01ENDED") <= 160
    assert 90 < redis.ttl("khulasa:seen:01ERASED") <= 100
    assert 150 < redis.ttl("khulasa:batch-seen:01BATCH") <= 160


def test_an_erased_job_leaves_nothing_of_the_article(store: JobStore, redis: Redis) -> None:
    store.create(a_job(), "نص سري")
    store.delete("01TEST")
    assert set(redis.scan_iter("*")) == {"khulasa:seen:01TEST", OWNERS_END}
    with pytest.raises(JobGone):
        store.change("01TEST", succeed_all)


def test_a_discarded_job_leaves_nothing(store: JobStore, redis: Redis) -> None:
    store.create(a_job(), "نص")
    store.discard(a_job())
    assert list(redis.scan_iter("*")) == [OWNERS_END]


def test_the_bound_on_unfinished_jobs_counts_only_unfinished_ones(
    redis: Redis, redis_settings: Settings
) -> None:
    store = a_store(redis, redis_settings.model_copy(update={"max_queued_jobs": 1}))
    store.create(a_job("01A"), "نص")
    with pytest.raises(QueueFull):
        store.create(a_job("01B"), "نص")
    store.change("01A", succeed_all)
    store.create(a_job("01C"), "نص")


def test_the_bound_on_characters_counts_those_of_unfinished_jobs(
    redis: Redis, redis_settings: Settings
) -> None:
    settings = redis_settings.model_copy(update={"max_queued_characters": 30})
    store = a_store(redis, settings)  # each article has 10
    ids = ["01A", "01B", "01C"]
    store.check_room([a_job(job_id) for job_id in ids])
    for job_id in ids:
        store.create(a_job(job_id), "نص")
    for refused in ([a_job("01D")], [a_job("01D"), a_job("01E")]):
        with pytest.raises(QueueFull, match="30 characters"):
            store.check_room(refused)
    with pytest.raises(QueueFull):
        store.create(a_job("01D"), "نص")
    store.change("01A", succeed_all)
    store.delete("01B")
    assert store.unfinished_characters() == 10
    with pytest.raises(QueueFull):  # all of them at once, or none
        store.check_room([a_job(job_id) for job_id in ("01D", "01E", "01F")])
    store.create(a_job("01D"), "نص")
    store.discard(a_job("01D"))
    store.discard(a_job("01C"))
    assert (store.unfinished(), store.unfinished_characters()) == (0, 0)


def test_characters_are_counted_once_however_often_a_job_changes(store: JobStore) -> None:
    store.create(a_job("01A"), "نص")
    for _ in range(3):
        store.change("01A", lambda job: job.metadata.update(n="often"))
    store.create(a_job("01B"), "نص")
    assert store.unfinished_characters() == 20
    store.change("01A", succeed_all)
    store.change("01A", lambda job: job.metadata.update(n="late"))
    assert store.unfinished_characters() == 10


def test_a_full_redis_refuses_the_job_and_keeps_what_it_has(store: JobStore, redis: Redis) -> None:
    store.create(a_job("01A"), "نص")
    redis.config_set("maxmemory", "1")
    with pytest.raises(StoreFull):
        store.create(a_job("01B"), "نص")
    assert store.get("01A").text == "نص"
    assert store.unfinished_characters() == 10
    redis.config_set("maxmemory", "0")
    with pytest.raises(JobNotFound):
        store.get("01B")


def test_every_change_is_told_by_the_job_s_id(store: JobStore, redis: Redis) -> None:
    changed = store.changed_ids()
    heard: list[str] = []
    listener = threading.Thread(target=lambda: heard.extend(islice(changed, 3)))
    listener.start()
    while not redis.pubsub_numsub("khulasa:changed")[0][1]:
        time.sleep(0.01)
    store.create(a_job(), "نص")
    store.change("01TEST", succeed_all)
    store.delete("01TEST")
    listener.join(20)
    assert heard == ["01TEST"] * 3


def test_waiting_ends_with_the_job_and_all_who_wait_share_one_subscription(
    store: JobStore, redis: Redis
) -> None:
    store.create(a_job(), "نص")
    room = WaitingRoom(store, places=3)
    waiters = [threading.Thread(target=room.wait, args=("01TEST", 30)) for _ in range(3)]
    started = time.monotonic()
    for waiter in waiters:
        waiter.start()
    while len(room._waiting.get("01TEST", ())) < 3:
        time.sleep(0.01)
    room.wait("01TEST", 30)  # no place is left: it returns at once
    assert time.monotonic() - started < 20
    assert redis.pubsub_numsub("khulasa:changed")[0][1] == 1
    store.change("01TEST", succeed_all)
    for waiter in waiters:
        waiter.join(20)
    assert not any(waiter.is_alive() for waiter in waiters)


def test_a_full_redis_lets_jobs_be_erased(store: JobStore, redis: Redis) -> None:
    store.create(a_job(), "نص")
    redis.config_set("maxmemory", "1")
    store.delete("01TEST")
    assert sorted(redis.scan_iter("*")) == ["khulasa:seen:01TEST", OWNERS_END]


def test_a_full_redis_lets_a_job_be_withdrawn(store: JobStore, redis: Redis) -> None:
    store.create(a_job(), "نص")
    redis.config_set("maxmemory", "1")
    store.discard(a_job())
    assert list(redis.scan_iter("*")) == [OWNERS_END]


def test_a_record_of_a_newer_version_can_be_read(store: JobStore, redis: Redis) -> None:
    store.create(a_job(), "نص")
    record = json.loads(str(redis.hget("khulasa:job:01TEST", "record")))
    redis.hset("khulasa:job:01TEST", "record", json.dumps(record | {"a_newer_field": 1}))
    assert store.peek("01TEST") == a_job()


def test_a_silent_worker_is_forgotten(redis: Redis) -> None:
    register = WorkerRegister(redis)
    register.beat("one", ["summary"])
    register.beat("two", ["bulk"])
    redis.delete("khulasa:worker:one")
    assert register.alive() == {"two": ["bulk"]}
    assert redis.smembers("khulasa:workers") == {"two"}
    register.leave("two")
    assert register.alive() == {}


def test_a_worker_that_beats_forgets_those_that_fell_silent(redis: Redis) -> None:
    register = WorkerRegister(redis)
    register.beat("one", ["summary"])
    redis.delete("khulasa:worker:one")
    register.beat("two", ["bulk"])
    assert redis.smembers("khulasa:workers") == {"two"}
