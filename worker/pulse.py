"""The pulse: a worker says, from the loop that takes messages, that it is alive and what it takes."""

import logging
from typing import Any

from celery import bootsteps
from redis.exceptions import RedisError

from jobs.workers import PULSE_SECONDS, WorkerRegister

log = logging.getLogger("khulasa.worker")


def pulse_step(register: WorkerRegister) -> type[bootsteps.StartStopStep]:
    """A part of Celery's consumer that beats in its own timer: a loop that hangs falls silent."""

    class Pulse(bootsteps.StartStopStep):
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def __init__(self, consumer: Any, **options: Any) -> None:
            super().__init__(consumer, **options)
            self._timer: Any = None

        def start(self, consumer: Any) -> None:
            self._beat(consumer)
            self._timer = consumer.timer.call_repeatedly(PULSE_SECONDS, self._beat, (consumer,))

        def stop(self, consumer: Any) -> None:
            if self._timer is not None:
                self._timer.cancel()
            try:
                register.leave(consumer.hostname)
            except RedisError:
                log.warning("pulse.not_ended")

        def _beat(self, consumer: Any) -> None:
            taker = consumer.task_consumer
            if taker is None:  # between two connections
                return
            queues = [queue.name for queue in taker.queues]
            try:
                register.beat(consumer.hostname, queues)
            except RedisError:
                log.warning("pulse.missed")

    return Pulse
