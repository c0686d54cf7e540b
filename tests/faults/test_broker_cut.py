"""The way to Redis cut, silent or slow, in the middle of whatever goes over it."""

import time
from collections.abc import Iterator

import pytest

from tests.faults.conftest import StartTrial
from tests.faults.load import Load
from tests.faults.proxy import TO_CLIENT, TO_REDIS, Proxy
from tests.faults.trial import Trial

HEALTHY_WITHIN_SECONDS = 90
_CUTS = 12


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as one:
        yield one


def test_connections_that_are_reset_again_and_again_lose_nothing(
    start_trial: StartTrial, proxy: Proxy
) -> None:
    """Workers wait in BRPOP nearly all the time, so that many of these come in the middle of one."""
    trial = start_trial(through=proxy.through)
    with Load(trial) as load:
        cut = 0
        for place in range(_CUTS):
            load.wait_for(1)
            time.sleep(place % 4 / 10)
            cut += proxy.reset()
        assert cut > 3 * _CUTS  # API, worker and courier had some each time
        load.wait_for(2)
    check_nothing_has_ended(trial)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


@pytest.mark.long
def test_a_way_that_falls_silent_in_one_direction_or_both_is_noticed_and_loses_nothing(
    start_trial: StartTrial, proxy: Proxy
) -> None:
    trial = start_trial(through=proxy.through)
    with Load(trial) as load:
        for directions in ((TO_CLIENT,), (TO_REDIS,), (TO_REDIS, TO_CLIENT)):
            load.wait_for(3)
            with proxy.swallowing(*directions):
                time.sleep(trial.service.settings.store_timeout_seconds + 2)
        load.wait_for(2)
    check_nothing_has_ended(trial)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


@pytest.mark.long
def test_a_slow_way_costs_time_and_nothing_else(start_trial: StartTrial, proxy: Proxy) -> None:
    trial = start_trial(through=proxy.through)
    with Load(trial) as load:
        load.wait_for(3)
        for seconds in (0.3, 2.0):
            proxy.delay_seconds = seconds
            time.sleep(8)
        proxy.delay_seconds = 0.0
        load.wait_for(2)
    check_nothing_has_ended(trial)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def check_nothing_has_ended(trial: Trial) -> None:
    assert [part.name for part in trial.service.parts if part.has_ended] == []
