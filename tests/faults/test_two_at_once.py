"""Two parts that fail at the same time, and a courier in the middle of an attempt."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.service import Service
from tests.faults.trial import Trial
from tests.integration.deliveries.bench import Received
from tests.jobs_over_http import ARABIC
from tests.receivers import reply

HEALTHY_WITHIN_SECONDS = 90


@pytest.fixture(scope="module")
def trial(_redis_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """One for all of them: each leaves the service as it found it, or the next one says so."""
    doubles = Path(__file__).parents[1] / "doubles"
    folder = tmp_path_factory.mktemp("two") / "service"
    with Service(folder, steps_dir=doubles) as service, Trial.of(service) as one:
        yield one


def test_redis_and_the_worker_killed_together_lose_nothing(trial: Trial) -> None:
    service = trial.service
    with Load(trial) as load:
        load.wait_for(4)
        service.workers[0].kill_alone()
        service.redis.kill()
        service.workers[0].start()  # it finds no Redis, and waits for one
        time.sleep(2)
        service.redis.start()
        load.wait_for(4)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def test_the_api_killed_while_redis_is_frozen_loses_nothing(trial: Trial) -> None:
    service = trial.service
    with Load(trial) as load:
        load.wait_for(4)
        service.redis.freeze()
        time.sleep(1)
        service.api.kill()
        service.api.start()
        time.sleep(service.settings.lease_seconds + 1)
        service.redis.thaw()
        load.wait_for(4)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def test_a_courier_killed_during_an_attempt_is_followed_by_one_that_sends_the_same(trial: Trial) -> None:
    attempted = threading.Event()

    def hold(_: Received) -> bytes:
        attempted.set()
        time.sleep(1)
        return reply(204)

    trial.inbox.answer = hold
    entry = trial.customer().submit(ARABIC, webhook=trial.inbox.url, steps=["summary"])
    assert attempted.wait(60)
    trial.inbox.answer = lambda _: reply(204)
    trial.service.couriers[0].kill()
    trial.service.couriers[0].start()
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)
    assert len(trial.events()[entry.accepted_ids[0]]) == 2
