"""A worker that is killed in the middle of a job."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.conftest import StartTrial
from tests.faults.part import Part
from tests.jobs_over_http import ARABIC

SLOW: dict[str, Any] = {"steps": ["slow", "summary"], "options": {"slow": {"batches": 10, "seconds": 0.3}}}


@pytest.mark.parametrize("kill", [Part.kill, Part.kill_alone, Part.kill_child])
def test_a_job_whose_worker_is_killed_ends_once_and_its_webhook_says_so(
    start_trial: StartTrial, kill: Callable[[Part], object]
) -> None:
    trial = start_trial()
    customer, worker = trial.customer(), trial.service.workers[0]
    entry = customer.submit(ARABIC, webhook=trial.inbox.url, **SLOW)
    assert customer.follow(entry, until=frozenset({"running"}))
    kill(worker)
    if worker.has_ended:
        worker.start()
    customer.follow(entry)
    trial.judge()
