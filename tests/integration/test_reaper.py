"""The reaper on a real Redis, with a clock of the test's own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from jobs.job import Status
from jobs.queue import KEY_PREFIX, StepQueue, make_celery
from jobs.settings import Settings
from jobs.store import connect
from jobs.work import SharedWork
from tests.records import NOW, a_job, a_store
from worker.reaper import Reaper

LOST = NOW + timedelta(seconds=31)


class Bench:
    """A store, a queue and a reaper with nothing else around them."""

    def __init__(self, settings: Settings) -> None:
        self.redis = connect(settings, retries=0)
        self.store = a_store(self.redis, settings)
        self.queue = StepQueue(make_celery(settings), self.redis)
        work = SharedWork(self.store, self.queue, self.redis, lambda _step, result, _text: result)
        self.reaper = Reaper(self.store, self.queue, work, settings)

    def accept(self, job_id: str = "01TEST", *, send: bool, now: datetime = NOW) -> None:
        job = a_job(job_id, now)
        ready = job.mark_ready(now)
        self.store.create(job, "نص")
        for step, queue in ready.items() if send else []:
            self.queue.send(job_id, step, queue, now=now)

    def lose_messages(self) -> None:
        for name in self.queue.depths():
            self.redis.delete(f"{KEY_PREFIX}{name}")

    def start(self, step: str, now: datetime) -> None:
        self.store.change("01TEST", lambda job: job.start(step, token="t", now=now, lease_seconds=10))


@pytest.fixture
def bench(redis_settings: Settings) -> Bench:
    return Bench(redis_settings)


def test_a_lost_message_is_sent_again_once(bench: Bench) -> None:
    bench.accept(send=True)
    bench.lose_messages()
    assert bench.reaper.reap(NOW + timedelta(seconds=29)) == 0
    assert bench.reaper.reap(LOST) == 2
    assert bench.reaper.reap(LOST) == 0
    assert bench.queue.depths() == {"summary": 1, "translation": 1, "bulk": 0}


def test_a_message_that_waits_in_a_long_queue_is_not_sent_twice(bench: Bench) -> None:
    bench.accept(send=True)
    for minute in range(1, 20):
        assert bench.reaper.reap(NOW + timedelta(minutes=minute)) == 0
    assert bench.queue.depths()["summary"] == 1


def test_a_job_whose_api_died_before_sending_is_sent(bench: Bench) -> None:
    bench.accept(send=False)
    assert bench.reaper.reap(LOST) == 2


def test_a_step_whose_lease_is_over_is_sent_again(bench: Bench) -> None:
    bench.accept(send=False)
    bench.start("summary", NOW)
    assert bench.reaper.reap(NOW + timedelta(seconds=9)) == 0
    bench.reaper.reap(NOW + timedelta(seconds=10))
    step = bench.store.peek("01TEST").steps["summary"]
    assert (step.status, step.token) == (Status.RUNNING, None)
    assert bench.queue.depths()["summary"] == 1


def test_the_last_attempt_that_is_lost_fails_the_step_and_what_needs_it(bench: Bench) -> None:
    bench.accept(send=False)
    now = NOW
    for _ in range(3):
        bench.start("summary", now)
        now += timedelta(seconds=10)
        bench.reaper.reap(now)
    job = bench.store.peek("01TEST")
    problems = {name: step.problem.code for name, step in job.steps.items() if step.problem}
    assert problems == {"summary": "poisoned", "english_summary": "dependency-failed"}


def test_an_erased_job_is_no_longer_looked_at(bench: Bench) -> None:
    bench.accept(send=False)
    bench.redis.delete("khulasa:job:01TEST")
    assert bench.reaper.reap(LOST) == 0
    assert (bench.store.unfinished(), bench.store.unfinished_characters()) == (0, 0)


def test_of_reapers_at_once_one_sends(bench: Bench, redis_settings: Settings) -> None:
    bench.accept(send=True)
    bench.lose_messages()
    reapers = [Bench(redis_settings).reaper for _ in range(4)]
    together = threading.Barrier(len(reapers))

    def reap(reaper: Reaper) -> int:
        together.wait()
        return reaper.reap(LOST)

    with ThreadPoolExecutor(len(reapers)) as threads:
        assert sum(threads.map(reap, reapers)) == 2
    assert bench.queue.depths() == {"summary": 1, "translation": 1, "bulk": 0}


def test_a_message_lost_from_a_queue_that_is_never_empty_is_sent_again(bench: Bench) -> None:
    bench.accept(send=True)
    bench.lose_messages()
    later = NOW + timedelta(minutes=2)
    bench.accept("01NEWER", send=True, now=later)
    assert bench.reaper.reap(later) == 2
    assert bench.queue.depths()["summary"] == 2


def test_looking_at_a_waiting_job_does_not_change_it(bench: Bench) -> None:
    bench.accept(send=True)
    for minute in range(1, 20):
        bench.reaper.reap(NOW + timedelta(minutes=minute))
    assert bench.store.peek("01TEST").revision == 0


def test_a_lease_is_looked_at_in_time_though_another_step_of_its_job_waits_in_a_queue(bench: Bench) -> None:
    bench.accept(send=True)
    bench.start("summary", NOW + timedelta(seconds=25))
    assert bench.reaper.reap(LOST) == 0
    assert bench.store.due(NOW + timedelta(seconds=35), 10) == ["01TEST"]


@pytest.mark.parametrize("message", ["{", "[]", '{"headers": null}', '{"headers": {"khulasa_sent_at": "x"}}'])
def test_a_strange_message_does_not_stop_the_reaper(bench: Bench, message: str) -> None:
    bench.accept(send=False)
    bench.redis.lpush(f"{KEY_PREFIX}summary", message)
    assert bench.reaper.reap(LOST) == 1  # the translation; the summary's own may be among the waiting


def test_one_unreadable_record_does_not_hide_the_others(bench: Bench) -> None:
    bench.accept("01BROKEN", send=False, now=NOW - timedelta(days=1))
    bench.redis.hset("khulasa:job:01BROKEN", "record", "{")
    bench.accept(send=False)
    assert bench.reaper.reap(LOST) == 2
    assert bench.store.due(LOST, 10) == []
