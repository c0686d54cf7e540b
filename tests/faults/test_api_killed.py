"""Gunicorn killed, with its child or the child alone, in the middle of what it does for a client."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.ledger import Entry
from tests.faults.part import Part
from tests.faults.service import Service
from tests.faults.trial import Trial
from tests.jobs_over_http import ARABIC

HEALTHY_WITHIN_SECONDS = 60
_LONG: dict[str, Any] = {"steps": ["slow"], "options": {"slow": {"batches": 12, "seconds": 0.3}}}
Kill = Callable[[Part], object]


@pytest.fixture(scope="module")
def trial(_redis_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """One for all of them: each leaves the service as it found it, or the next one says so."""
    doubles = Path(__file__).parents[1] / "doubles"
    folder = tmp_path_factory.mktemp("api") / "service"
    with Service(folder, steps_dir=doubles) as service, Trial.of(service) as one:
        yield one


@pytest.fixture(params=[Part.kill, Part.kill_child], ids=["master and child", "child"])
def strike(request: pytest.FixtureRequest, trial: Trial) -> Callable[[], None]:
    """Kills, and does what a supervisor does."""
    kill: Kill = request.param

    def strike() -> None:
        kill(trial.service.api)
        if trial.service.api.has_ended:
            trial.service.api.start()

    return strike


def test_submissions_that_are_cut_off_are_made_once(trial: Trial, strike: Callable[[], None]) -> None:
    over = threading.Event()

    def submit(number: int) -> None:
        while not over.is_set():
            entries = len(trial.ledger.entries)
            trial.customer().submit(
                ARABIC, key=f"{number}-{entries}", webhook=trial.inbox.url, steps=["summary"]
            )

    with ThreadPoolExecutor(3) as pool:
        customers = [pool.submit(submit, number) for number in range(3)]
        time.sleep(1.5)
        strike()
        time.sleep(0.5)
        over.set()
    for customer in customers:
        customer.result()
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def test_a_batch_that_is_cut_off_leaves_whole_jobs_at_most(trial: Trial, strike: Callable[[], None]) -> None:
    """Its client was told nothing; what was stored of it is done, is listed, and expires."""
    lines = []
    for _ in range(200):
        entry = trial.ledger.open()
        lines.append(
            json.dumps({"article": {"text": ARABIC}, "steps": ["summary"], "metadata": entry.metadata})
        )
        entry.submitted(time.monotonic(), None)  # for all that its client can know
    before = trial.redis.zcard("khulasa:jobs:")
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(_send_batch, trial, "\n".join(lines))
        deadline = time.monotonic() + 30
        while trial.redis.zcard("khulasa:jobs:") < before + 5:
            assert time.monotonic() < deadline
        strike()
        assert sent.result() is None
    assert not list(trial.redis.scan_iter("khulasa:batch:*"))
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


@pytest.mark.parametrize(
    "headers", [{"Prefer": "wait=30"}, {"Accept": "text/event-stream"}], ids=["Prefer: wait", "events"]
)
def test_who_waits_is_cut_off_and_finds_the_job_afterwards(
    trial: Trial, strike: Callable[[], None], headers: dict[str, str]
) -> None:
    entry = trial.customer().submit(ARABIC, webhook=trial.inbox.url, **_LONG)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(_wait_for, trial, entry, headers)
        time.sleep(1)  # far longer than it takes to begin to wait
        strike()
        with pytest.raises(httpx.TransportError):
            waiting.result()
    sight = trial.customer().follow(entry)
    assert sight
    assert sight.status == "succeeded"
    trial.judge(healthy_within_seconds=HEALTHY_WITHIN_SECONDS)


def _send_batch(trial: Trial, body: str) -> httpx.Response | None:
    headers = {"Content-Type": "application/x-ndjson"}
    with trial.service.client() as api:
        try:
            return api.post("/v1/batches", content=body.encode(), headers=headers)
        except httpx.TransportError:
            return None


def _wait_for(trial: Trial, entry: Entry, headers: dict[str, str]) -> str:
    path = f"/v1/jobs/{entry.accepted_ids[0]}"
    path += "/events" if "Accept" in headers else ""
    with trial.service.client() as api:
        return api.get(path, headers=headers).text
