"""The queue: where the broker is and what a message carries."""

import pytest

from jobs.queue import broker_url, make_celery
from jobs.settings import Settings


@pytest.mark.parametrize(
    ("redis_url", "expected"),
    [
        ("redis://localhost:6379/2", "redis://localhost:6379/2"),
        ("rediss://:secret@redis.example:6380/0", "rediss://:secret@redis.example:6380/0"),
        ("unix:///tmp/a/redis.sock", "redis+socket:///tmp/a/redis.sock"),
        ("unix:///tmp/a/redis.sock?db=3", "redis+socket:///tmp/a/redis.sock?virtual_host=3"),
    ],
)
def test_the_broker_is_the_job_store_in_the_spelling_of_kombu(redis_url: str, expected: str) -> None:
    assert broker_url(redis_url) == expected


def test_a_running_step_is_not_handed_out_again_before_its_time_limit() -> None:
    settings = Settings(step_time_limit_seconds=7200)
    assert make_celery(settings).conf.broker_transport_options["visibility_timeout"] > 7200
