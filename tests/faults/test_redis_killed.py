"""Redis killed under load: what its file has is what there is."""

import time

import pytest

from tests.faults.conftest import StartTrial
from tests.faults.load import Load

HEALTHY_WITHIN_SECONDS = 90


@pytest.mark.parametrize("appendfsync", ["everysec", "always"])
def test_a_kill_of_redis_loses_nothing_that_it_had_written(start_trial: StartTrial, appendfsync: str) -> None:
    trial = start_trial(redis={"appendfsync": appendfsync})
    with Load(trial) as load:
        for away_seconds in (0, 2):
            load.wait_for(8)
            trial.service.redis.kill()
            time.sleep(away_seconds)
            trial.service.redis.start()
        load.wait_for(4)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)
