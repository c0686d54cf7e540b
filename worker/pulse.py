"""The pulse: a worker says, from the loop that takes messages, that it is alive and what it takes."""

import logging
from typing import Any

from celery import bootsteps
from redis.exceptions import RedisError

from jobs.workers import PULSE_SECONDS, WorkerRegister
from worker.hearing import Hearing

log = logging.getLogger("khulasa.worker")


def pulse_step(register: WorkerRegister, hearing: Hearing) -> type[bootsteps.StartStopStep]:
    """A part of Celery's consumer that beats in its own timer: a loop that hangs falls silent.

    It tells the hearing what is to be heard, and falls silent where that hears nothing.
    """

    class Pulse(bootsteps.StartStopStep):
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def __init__(self, consumer: Any, **options: Any) -> None:
            super().__init__(consumer, **options)
            self._timer: Any = None

        def start(self, consumer: Any) -> None:
            hearing.listen([queue.name for queue in consumer.task_consumer.queues])
            self._beat(consumer)
            self._timer = consumer.timer.call_repeatedly(PULSE_SECONDS, self._beat, (consumer,))

        def stop(self, consumer: Any) -> None:
            hearing.listen([])
            if self._timer is not None:
                self._timer.cancel()
            _leave(register, consumer.hostname)

        def _beat(self, consumer: Any) -> None:
            taker = consumer.task_consumer
            if taker is None:  # between two connections
                return
            if hearing.is_deaf:
                _leave(register, consumer.hostname)
                return
            queues = [queue.name for queue in taker.queues]
            try:
                register.beat(consumer.hostname, queues)
            except RedisError:
                log.warning("pulse.missed")

    return Pulse


def _leave(register: WorkerRegister, name: str) -> None:
    try:
        register.leave(name)
    except RedisError:
        log.warning("pulse.not_ended")
