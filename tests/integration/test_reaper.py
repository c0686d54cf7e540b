"""The reaper on a real Redis, with a clock of the test's own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from jobs.job import Status
from jobs.line import Line
from jobs.queue import KEY_PREFIX, StepQueue, make_celery, send_all
from jobs.settings import Settings
from jobs.store import connect, utc_now
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
        self.line = Line(self.redis)
        self.reaper = Reaper(self.store, self.line, self.queue, work, settings=settings, clock=utc_now)

    def accept(self, job_id: str = "01TEST", *, send: bool = True, now: datetime = NOW) -> None:
        job = a_job(job_id, now)
        ready = job.line_up(now)
        self.store.create(job, "نص")
        send_all(self.queue, ready if send else [])

    def lose_messages(self) -> None:
        for name in self.queue.depths():
            self.redis.delete(f"{KEY_PREFIX}{name}")

    def lose_line(self) -> None:
        for name in self.line.lengths():
            self.redis.delete(f"khulasa:line:{name}")

    def start(self, step: str, now: datetime) -> None:
        self.store.change("01TEST", lambda job: job.start(step, token="t", now=now, lease_seconds=10))


@pytest.fixture
def bench(redis_settings: Settings) -> Bench:
    return Bench(redis_settings)


def test_a_lost_message_is_sent_again_once(bench: Bench) -> None:
    bench.accept()
    bench.lose_messages()
    for _ in range(2):
        bench.reaper.reap(NOW)
        assert bench.queue.depths() == {"summary": 1, "translation": 1, "bulk": 0}


def test_a_step_that_waits_in_a_long_line_is_not_told_of_twice(bench: Bench) -> None:
    bench.accept()
    for minute in range(1, 20):
        assert bench.reaper.reap(NOW + timedelta(minutes=minute)) == 0
    assert bench.queue.depths()["summary"] == 1


def test_messages_that_are_far_more_than_steps_do_not_pile_up(bench: Bench) -> None:
    bench.accept()
    send_all(bench.queue, ["translation"] * 300)
    bench.reaper.reap(NOW)
    assert bench.queue.depths() == {"summary": 1, "translation": 101, "bulk": 0}


def test_a_job_whose_api_died_before_lining_it_up_is_lined_up(bench: Bench) -> None:
    bench.store.create(a_job(), "نص")
    assert bench.reaper.reap(NOW + timedelta(seconds=29)) == 0
    assert bench.reaper.reap(LOST) == 2
    assert bench.line.lengths() == {"summary": 1, "translation": 1, "bulk": 0}
    assert bench.queue.depths() == {"summary": 1, "translation": 1, "bulk": 0}


def test_a_line_that_was_emptied_is_restored_from_the_records(bench: Bench) -> None:
    bench.accept()
    bench.lose_line()
    bench.reaper.reap(LOST)
    assert bench.line.lengths() == {"summary": 1, "translation": 1, "bulk": 0}


def test_a_step_whose_lease_is_over_is_sent_again(bench: Bench) -> None:
    bench.accept(send=False)
    bench.start("summary", NOW)
    assert bench.reaper.reap(NOW + timedelta(seconds=9)) == 0
    bench.reaper.reap(NOW + timedelta(seconds=10))
    step = bench.store.peek("01TEST").steps["summary"]
    assert (step.status, step.token) == (Status.RUNNING, None)
    assert [it.step for it in bench.line.first(["summary"], 2)] == ["summary"]
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


def test_of_reapers_at_once_one_lines_it_up(bench: Bench, redis_settings: Settings) -> None:
    bench.store.create(a_job(), "نص")
    reapers = [Bench(redis_settings).reaper for _ in range(4)]
    together = threading.Barrier(len(reapers))

    def reap(reaper: Reaper) -> int:
        together.wait()
        return reaper.reap(LOST)

    with ThreadPoolExecutor(len(reapers)) as threads:
        assert sum(threads.map(reap, reapers)) == 2
    assert bench.line.lengths() == {"summary": 1, "translation": 1, "bulk": 0}


def test_looking_at_a_waiting_job_does_not_change_it(bench: Bench) -> None:
    bench.accept()
    for minute in range(1, 20):
        bench.reaper.reap(NOW + timedelta(minutes=minute))
    assert bench.store.peek("01TEST").revision == 0


def test_a_lease_is_looked_at_in_time_though_another_step_of_its_job_waits_in_a_queue(bench: Bench) -> None:
    bench.accept()
    bench.start("summary", NOW + timedelta(seconds=25))
    assert bench.reaper.reap(LOST) == 0
    assert bench.store.due(NOW + timedelta(seconds=35), 10) == ["01TEST"]


def test_one_unreadable_record_does_not_hide_the_others(bench: Bench) -> None:
    bench.accept("01BROKEN", now=NOW - timedelta(days=1))
    bench.redis.hset("khulasa:job:01BROKEN", "record", "{")
    bench.store.create(a_job(), "نص")
    assert bench.reaper.reap(LOST) == 2
    assert bench.store.due(LOST, 10) == []
