"""Workers that are told to stop: they hand back what they cannot end, and nobody waits for it."""

import signal
import time

import httpx
import pytest

from tests.conftest import StartStack
from tests.integration.deliveries.bench import ALLOWED, Inbox, Received
from tests.jobs_over_http import ARABIC, finish, follow, is_running, submit
from tests.receivers import reply
from tests.workers import SOON, start_another_worker, step_of, takes_messages, tell, until

# Nothing here may wait for a lease, nor for the search for lost messages.
PATIENT = {"lease_seconds": 100, "requeue_seconds": 100, "steps_dir": "tests/doubles"}


def slow(batches: int, seconds: float) -> dict[str, object]:
    return {"steps": ["slow"], "options": {"slow": {"batches": batches, "seconds": seconds}}}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_step_that_outlasts_the_drain_goes_on_elsewhere_and_its_attempt_does_not_count(
    start_stack: StartStack, number: signal.Signals
) -> None:
    stack = start_stack(**PATIENT, drain_seconds=1)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC, **slow(60, 0.25))["id"]
        follow(api, job_id, is_running("slow"))
        first = step_of(stack, job_id, "slow").token
        old, _ = start_another_worker(stack, api)
        tell(old, number)
        handed_over = until(lambda: step_of(stack, job_id, "slow").token not in (first, None), seconds=SOON)
        assert handed_over > 0.9
        until(lambda: old.has_ended, seconds=SOON)
        assert finish(api, job_id)["status"] == "succeeded"
    assert step_of(stack, job_id, "slow").attempts == 1


def test_a_step_that_ends_within_the_drain_is_ended_by_its_own_worker(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC, **slow(20, 0.3))["id"]
        follow(api, job_id, is_running("slow"))
        assert stack.worker
        tell(stack.worker)
        until(lambda: not takes_messages(api, stack.worker), seconds=SOON)
        waiting = submit(api, ARABIC, **slow(1, 0))["id"]
        assert finish(api, job_id)["status"] == "succeeded"
        until(lambda: stack.worker.has_ended, seconds=SOON)
        assert not follow(api, waiting, lambda _: True)["started_at"]


def test_nobody_waits_for_a_worker_that_stops_with_messages_in_its_hands(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT, drain_seconds=60)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        long = submit(api, ARABIC, **slow(200, 0.3))["id"]
        follow(api, long, is_running("slow"))
        old = stack.worker
        assert old
        tell(old)
        waiting = [submit(api, ARABIC, **slow(1, 0))["id"] for _ in range(3)]
        until(lambda: not takes_messages(api, old), seconds=SOON)
        start_another_worker(stack, api)
        assert [finish(api, job_id)["status"] for job_id in waiting] == ["succeeded"] * 3
        assert not old.has_ended


def test_a_second_signal_shortens_the_drain(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT, drain_seconds=60)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC, **slow(100, 0.25))["id"]
        follow(api, job_id, is_running("slow"))
        assert stack.worker
        tell(stack.worker)
        until(lambda: not takes_messages(api, stack.worker), seconds=SOON)
        assert not stack.worker.has_ended
        tell(stack.worker)
        until(lambda: stack.worker.has_ended, seconds=SOON)
        step = step_of(stack, job_id, "slow")
        assert (step.token, step.attempts) == (None, 0)


def test_a_batch_that_does_not_end_is_cut_off_and_its_step_goes_on_elsewhere(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT, drain_seconds=0.5)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC, **slow(1, 18))["id"]
        follow(api, job_id, is_running("slow"))
        first = step_of(stack, job_id, "slow").token
        old, _ = start_another_worker(stack, api)
        tell(old)
        handed_over = until(lambda: step_of(stack, job_id, "slow").token not in (first, None), seconds=SOON)
        assert handed_over > 5
        until(lambda: old.has_ended, seconds=SOON)
        assert step_of(stack, job_id, "slow").attempts == 1
        assert finish(api, job_id)["status"] == "succeeded"


def test_a_worker_waits_for_the_attempt_that_its_courier_is_at(start_stack: StartStack) -> None:
    def slowly(_: Received) -> bytes:
        assert worker
        tell(worker)
        time.sleep(8)  # longer than the rest of it takes to end
        return reply(204)

    stack = start_stack(**PATIENT, **ALLOWED)
    worker = stack.worker
    with httpx.Client(base_url=stack.url, timeout=70) as api, Inbox(slowly).open() as inbox:
        job_id = submit(api, ARABIC, **slow(1, 0), webhook={"url": inbox.url})["id"]
        assert worker
        until(lambda: worker.has_ended, seconds=60)
        [delivery] = api.get(f"/v1/jobs/{job_id}/deliveries").json()["deliveries"]
        assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 1)


def test_workers_are_replaced_under_load_and_nothing_is_lost_counted_or_late(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT, drain_seconds=0.5)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        ids = [submit(api, ARABIC, **slow(10, 0.2))["id"] for _ in range(16)]
        for _ in range(4):
            old, _ = start_another_worker(stack, api, "--processes", "2")
            tell(old)
            until(lambda old=old: old.has_ended, seconds=SOON)
        assert [finish(api, job_id)["status"] for job_id in ids] == ["succeeded"] * len(ids)
    assert [step_of(stack, job_id, "slow").attempts for job_id in ids] == [1] * len(ids)
    assert stack.worker
    log = stack.worker.log.read_text("utf-8")
    assert log.count("step.handed_back") > 0
    assert "reaper.mended" not in log
