"""The queue on a real Redis."""

from typing import Any

import pytest
from kombu import Queue
from redis.exceptions import ConnectionError as NotConnected

from jobs.queue import StepQueue, make_celery
from jobs.settings import Settings
from jobs.store import connect


def test_a_connection_that_breaks_while_a_queue_is_declared_is_made_anew(
    redis_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare, breaks = Queue.declare, [NotConnected("reset by peer")]

    def declare_on_the_second_connection(self: Queue, *given: Any, **named: Any) -> Any:
        if breaks:
            raise breaks.pop()
        return declare(self, *given, **named)

    monkeypatch.setattr(Queue, "declare", declare_on_the_second_connection)
    queue = StepQueue(make_celery(redis_settings), connect(redis_settings, retries=0))
    queue.send("summary")
    assert queue.depths()["summary"] == 1
    assert not breaks
