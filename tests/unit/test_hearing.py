"""When a worker is taken for deaf, and when it is not."""

from typing import cast

import pytest
from celery.worker import state

from jobs.errors import QueueUnavailable
from jobs.queue import StepQueue
from worker.drain import Drain
from worker.hearing import DEAF_SECONDS, Hearing

LONG = int(DEAF_SECONDS) + 2


class Broker:
    """As much of the queue as the hearing asks for, and a clock."""

    def __init__(self) -> None:
        self.depth = 1
        self.now = 0.0
        self.is_away = False

    def depths(self) -> dict[str, int]:
        if self.is_away:
            raise QueueUnavailable("away")
        return {"summary": self.depth, "bulk": 0}

    def hearing(self) -> Hearing:
        hearing = Hearing(
            cast("StepQueue", self),
            Drain(0),
            processes=1,
            drain_seconds=0,
            stop_companions=lambda: None,
            clock=lambda: self.now,
        )
        hearing.listen(["summary"])
        return hearing

    def look(self, hearing: Hearing, seconds: int = LONG) -> bool:
        """Whether it is deaf after looks at each second."""
        for _ in range(seconds):
            self.now += 1
            hearing.look()
        return hearing.is_deaf


def test_a_free_worker_that_gets_nothing_of_what_waits_is_deaf() -> None:
    broker = Broker()
    hearing = broker.hearing()
    assert not broker.look(hearing, int(DEAF_SECONDS))
    assert broker.look(hearing)


def test_one_for_which_nothing_waits_is_not() -> None:
    broker = Broker()
    broker.depth = 0
    assert not broker.look(broker.hearing())


def test_one_that_takes_from_other_queues_is_not() -> None:
    broker = Broker()
    hearing = broker.hearing()
    hearing.listen(["bulk"])
    assert not broker.look(hearing)


def test_one_without_a_connection_is_not() -> None:
    broker = Broker()
    hearing = broker.hearing()
    hearing.listen([])
    assert not broker.look(hearing)


def test_one_that_is_busy_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "reserved_requests", {"a request"})
    broker = Broker()
    assert not broker.look(broker.hearing())


def test_one_that_gets_something_now_and_then_is_not() -> None:
    broker = Broker()
    hearing = broker.hearing()
    for _ in range(5):
        assert not broker.look(hearing, int(DEAF_SECONDS))
        hearing.hear()


def test_one_whose_redis_is_away_now_and_then_is_not() -> None:
    broker = Broker()
    hearing = broker.hearing()
    for _ in range(5):
        broker.is_away = False
        assert not broker.look(hearing, int(DEAF_SECONDS))
        broker.is_away = True
        broker.look(hearing, 1)


def test_one_that_stood_still_is_not() -> None:
    broker = Broker()
    hearing = broker.hearing()
    broker.look(hearing, 2)
    broker.now += 40
    assert not broker.look(hearing, 2)


def test_one_whose_connection_is_new_is_given_its_time() -> None:
    broker = Broker()
    hearing = broker.hearing()
    broker.look(hearing, int(DEAF_SECONDS))
    hearing.listen(["summary"])
    assert not broker.look(hearing, int(DEAF_SECONDS))
