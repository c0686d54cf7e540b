"""The queue: Celery messages, each of which says only that a step waits in a line."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from celery import Celery
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from jobs.broker import NAME as TRANSPORT
from jobs.errors import QueueUnavailable
from jobs.settings import Settings

BULK: Final = "bulk"  # takes every step of a job in the bulk lane
QUEUES = ("summary", "translation", BULK)
WEBHOOKS: Final = "webhooks"  # what couriers take; its messages are deliveries, which Celery knows nothing of
TAKE_STEP = "khulasa.take_step"
KEY_PREFIX = "khulasa:celery:"
log = logging.getLogger("khulasa.queue")


def broker_url(redis_url: str) -> str:
    """Kombu's spelling of a redis-py URL: it names a database only in the path, and a socket otherwise."""
    parts = urlsplit(redis_url)
    query = dict(parse_qsl(parts.query))
    database = query.get("db")
    if parts.scheme == "unix":
        return f"{TRANSPORT}+socket://{parts.netloc}{parts.path}" + (
            f"?virtual_host={database}" if database else ""
        )
    tls = {name: value for name, value in query.items() if name.startswith("ssl_")}
    if parts.scheme == "rediss":
        tls.setdefault("ssl_cert_reqs", "required")  # as redis-py has it; Kombu would ask for no certificate
    path = f"/{database}" if database else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(tls), ""))


def check_queues(names: Iterable[str], *, among: Sequence[str] = QUEUES) -> None:
    """Raises ValueError for a name that no worker could take from; those of steps, if no others are given."""
    unknown = sorted(set(names) - set(among))
    if unknown:
        raise ValueError(f"there is no queue {', '.join(unknown)}; there are {', '.join(among)}")


def make_celery(settings: Settings) -> Celery:
    """The one Celery configuration; API and workers must share it, the visibility timeout above all."""
    app = Celery("khulasa", broker=broker_url(settings.redis_url.get_secret_value()), set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,  # results live in the job record
        task_acks_late=True,  # a message is done when its step is
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
        task_default_queue="summary",
        task_create_missing_queues=False,
        task_time_limit=settings.step_time_limit_seconds,
        broker_connection_timeout=settings.store_timeout_seconds,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport=TRANSPORT,
        broker_channel_error_retry=True,  # else a Redis that is full for a moment ends the worker
        broker_transport_options={
            "global_keyprefix": KEY_PREFIX,
            # A long step must not be handed out again while it runs: well above the hard limit.
            "visibility_timeout": 2 * settings.step_time_limit_seconds + 600,
            "socket_timeout": max(settings.store_timeout_seconds, 3.0),  # above the 1 s of a BRPOP
            "socket_connect_timeout": settings.store_timeout_seconds,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
    )
    return app


class StepQueue:
    """Every method raises QueueUnavailable when the broker does not answer."""

    def __init__(self, celery: Celery, redis: Redis) -> None:
        self._celery = celery
        self._redis = redis

    def send(self, queue: str) -> None:
        """Says that a step waits in that line; whoever is free then takes the one whose turn it is."""
        try:
            self._celery.send_task(
                TAKE_STEP,
                args=(queue,),
                queue=queue,
                retry=True,
                retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1},
            )
        except (OperationalError, RedisError, OSError) as error:
            raise QueueUnavailable("the broker does not answer; submit again shortly") from error

    def depths(self) -> dict[str, int]:
        """Messages that wait in each queue, those that a worker holds not counted."""
        with _broker_errors():
            return {name: self._redis.llen(f"{KEY_PREFIX}{name}") for name in QUEUES}

    def trim(self, queue: str, most: int) -> None:
        """Drops the oldest messages beyond so many."""
        with _broker_errors():
            self._redis.ltrim(f"{KEY_PREFIX}{queue}", 0, most - 1)


def send_all(queue: StepQueue, names: Iterable[str]) -> None:
    """A message for each step that stands in line now; those that cannot be sent, the reaper sends."""
    for name in names:
        try:
            queue.send(name)
        except QueueUnavailable:
            log.warning("queue.not_told", extra={"queue": name})


@contextmanager
def _broker_errors() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise QueueUnavailable("the broker does not answer") from error
