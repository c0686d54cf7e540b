"""The queue: where the broker is and what a message carries."""

import pytest
from pydantic import SecretStr

from jobs.broker import Transport
from jobs.queue import QUEUES, broker_url, check_queues, make_celery
from jobs.settings import Settings


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("redis://localhost:6379/2", "redis://localhost:6379/2"),
        (
            "rediss://:secret@redis.example:6380/0",
            "rediss://:secret@redis.example:6380/0?ssl_cert_reqs=required",
        ),
        (
            "rediss://redis.example?ssl_ca_certs=/ca.pem&ssl_cert_reqs=optional&db=1",
            "rediss://redis.example/1?ssl_ca_certs=%2Fca.pem&ssl_cert_reqs=optional",
        ),
        ("unix:///tmp/a/redis.sock", "khulasa+socket:///tmp/a/redis.sock"),
        ("unix:///tmp/a/redis.sock?db=3", "khulasa+socket:///tmp/a/redis.sock?virtual_host=3"),
        (
            "unix:///tmp/redis.sock?timeout=1&db=3",
            "khulasa+socket:///tmp/redis.sock?virtual_host=3",
        ),
        ("redis://localhost:6379?db=2", "redis://localhost:6379/2"),
    ],
)
def test_the_broker_is_the_job_store_in_the_spelling_of_kombu(redis_url: str, expected: str) -> None:
    assert broker_url(redis_url) == expected


@pytest.mark.parametrize(
    "redis_url", ["redis://localhost/2", "rediss://localhost", "unix:///tmp/redis.sock?db=3"]
)
def test_every_way_to_redis_has_the_transport_that_loses_no_place(redis_url: str) -> None:
    with make_celery(Settings(redis_url=SecretStr(redis_url))).connection() as connection:
        assert isinstance(connection.transport, Transport)


def test_a_running_step_is_not_handed_out_again_before_its_time_limit() -> None:
    settings = Settings(step_time_limit_seconds=7200)
    assert make_celery(settings).conf.broker_transport_options["visibility_timeout"] > 7200


def test_each_queue_has_an_exchange_of_its_own() -> None:
    queues = make_celery(Settings()).conf.task_queues
    assert [(queue.name, queue.exchange.name, queue.routing_key) for queue in queues] == [
        (name, name, name) for name in QUEUES
    ]


def test_a_step_for_a_queue_that_nobody_takes_from_is_refused() -> None:
    check_queues(["summary", "bulk"])
    with pytest.raises(ValueError, match="gpu"):
        check_queues(["summary", "gpu"])
