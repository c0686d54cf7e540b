"""The shared clock, on a real Redis."""

from datetime import timedelta

import pytest
from redis import Redis

from jobs.clock import SharedClock
from jobs.errors import StoreUnavailable
from jobs.settings import Settings
from jobs.store import connect, utc_now


class Steady:
    """Seconds that pass when a test says so."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def redis(redis_settings: Settings) -> Redis:
    return connect(redis_settings, retries=0)


def test_it_is_redis_time_carried_on_by_what_passes_here(redis: Redis) -> None:
    steady = Steady()
    clock = SharedClock(redis, steady)
    told = clock.now()
    assert abs(told - utc_now()) < timedelta(seconds=30)
    steady.seconds = 20
    assert clock.now() == told + timedelta(seconds=20)


def test_it_asks_again_before_it_is_far_off(redis: Redis) -> None:
    steady = Steady()
    clock = SharedClock(redis, steady)
    told = clock.now()
    steady.seconds = 3_600  # of which Redis knows nothing
    assert clock.now() - told < timedelta(seconds=60)


def test_while_redis_is_away_it_goes_on_with_what_it_knows(redis_settings: Settings) -> None:
    steady = Steady()
    redis = connect(redis_settings, retries=0)
    clock = SharedClock(redis, steady)
    told = clock.now()
    away = redis_settings.model_copy(
        update={"redis_url": redis_settings.redis_url.__class__("redis://127.0.0.1:1")}
    )
    clock._redis = connect(away, retries=0)
    steady.seconds = 100
    assert clock.now() == told + timedelta(seconds=100)
    with pytest.raises(StoreUnavailable):
        SharedClock(connect(away, retries=0)).now()
