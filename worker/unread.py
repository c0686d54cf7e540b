"""Messages that came too late for a worker that is to stop: they go back to their queues at once."""

from contextlib import suppress
from queue import Empty
from typing import Any

from celery import bootsteps
from celery.worker import state


class Unread(bootsteps.StartStopStep):
    """A part of Celery's consumer. Without it what no process has begun, or nobody has read from the
    connection, would lie there until the steps under way have ended. Kombu has no public names for either."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def stop(self, consumer: Any) -> None:
        taker = consumer.task_consumer
        if consumer.connection is None or taker is None:
            return  # the connection was lost, with whatever was asked for
        with suppress(*consumer.connection_errors):
            taker.cancel()
            channel = taker.channel
            if channel._in_poll:  # noqa: SLF001
                with suppress(Empty):
                    channel._brpop_read()  # noqa: SLF001  # puts back what has no consumer any more
            begun = {request.message.delivery_tag for request in state.active_requests}
            for tag in set(channel.qos._delivered) - channel.qos._dirty - begun:  # noqa: SLF001
                channel.basic_reject(tag, requeue=True)
