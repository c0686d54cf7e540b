"""Processes that are stopped for longer than a lease, and then go on as if nothing had happened."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs.settings import Settings
from tests.faults.conftest import StartTrial
from tests.faults.ledger import Entry
from tests.faults.load import Load
from tests.faults.part import Part
from tests.faults.service import Service
from tests.faults.test_worker_killed import SLOW
from tests.faults.trial import Trial
from tests.jobs_over_http import ARABIC

HEALTHY_WITHIN_SECONDS = 90
_FROZEN_SECONDS = 15.0  # two leases and more


@pytest.fixture(scope="module")
def trial(_redis_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """One for all of them, with two workers: each leaves the service as it found it."""
    doubles = Path(__file__).parents[1] / "doubles"
    folder = tmp_path_factory.mktemp("frozen") / "service"
    with Service(folder, steps_dir=doubles, workers=2) as service, Trial.of(service) as one:
        yield one


def test_a_worker_that_is_frozen_writes_nothing_late(trial: Trial) -> None:
    """Its step is another's by then, who ends it meanwhile."""
    worker, entry = begin_slow_step(trial)
    with frozen(worker):
        sight = trial.customer().follow(entry)
    assert sight
    assert sight.status == "succeeded"
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def test_a_pool_process_that_is_frozen_is_replaced_and_its_step_done_once(trial: Trial) -> None:
    worker, entry = begin_slow_step(trial)
    for child in worker.children():
        os.kill(child, signal.SIGSTOP)  # nobody thaws it: the watchdog has to see
    sight = trial.customer().follow(entry)
    assert sight
    assert sight.status == "succeeded"
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def test_a_pool_process_ends_with_its_worker_frozen_or_not_and_another_does_its_step(trial: Trial) -> None:
    worker, entry = begin_slow_step(trial)
    [child] = worker.children()
    os.kill(child, signal.SIGSTOP)
    worker.kill_alone()
    deadline = time.monotonic() + 10
    while is_alive(child):
        assert time.monotonic() < deadline, "an orphan is left, and could write"
        time.sleep(0.05)
    sight = trial.customer().follow(entry)
    worker.start()
    assert sight
    assert sight.status == "succeeded"
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


@pytest.mark.parametrize("name", ["api", pytest.param("redis", marks=pytest.mark.long)])
def test_while_the_api_or_redis_is_frozen_clients_wait_and_nothing_is_lost(trial: Trial, name: str) -> None:
    part: Part = getattr(trial.service, name)
    with Load(trial) as load:
        load.wait_for(3)
        with frozen(part):
            time.sleep(_FROZEN_SECONDS)
        load.wait_for(3)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


@pytest.mark.long
def test_forty_seconds_are_borne_with_the_settings_that_everybody_has(start_trial: StartTrial) -> None:
    usual = Settings()
    trial = start_trial(
        workers=2,
        lease_seconds=usual.lease_seconds,
        requeue_seconds=usual.requeue_seconds,
        reap_interval_seconds=usual.reap_interval_seconds,
    )
    worker, entry = begin_slow_step(trial)
    with frozen(worker):
        time.sleep(40)
    trial.customer().follow(entry)
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def begin_slow_step(trial: Trial) -> tuple[Part, Entry]:
    """And which worker does it."""
    entry = trial.customer().submit(ARABIC, webhook=trial.inbox.url, **SLOW)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for worker in trial.service.workers:
            if any(
                entry.accepted_ids[0] in line and '"slow"' in line and "step.started" in line
                for line in worker.text().splitlines()
            ):
                return worker, entry
        time.sleep(0.05)
    raise AssertionError("no worker has begun")


@contextmanager
def frozen(part: Part) -> Iterator[None]:
    part.freeze()
    try:
        yield
    finally:
        part.thaw()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
