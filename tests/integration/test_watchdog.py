"""Pool processes that die or hang: their worker notices, and their steps go on."""

import os
import signal
import time
from pathlib import Path

import httpx

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish, follow, is_running, submit
from tests.workers import SOON, pool_processes, start_another_worker, step_of, tell, until

# Nothing here may wait for a lease, nor for the search for lost messages.
PATIENT = {"lease_seconds": 100, "requeue_seconds": 100, "steps_dir": "tests/doubles"}
SLOW = {"steps": ["slow"], "options": {"slow": {"batches": 15, "seconds": 0.2}}}


def test_the_step_of_a_process_that_was_killed_goes_on_at_once(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC, **SLOW)["id"]
        follow(api, job_id, is_running("slow"))
        first = step_of(stack, job_id, "slow").token
        [process] = pool_processes(stack.worker)
        os.kill(process, signal.SIGKILL)
        until(lambda: step_of(stack, job_id, "slow").token not in (first, None), seconds=SOON)
        assert finish(api, job_id)["status"] == "succeeded"
    assert step_of(stack, job_id, "slow").attempts == 2
    assert "step.process_lost" in _log(stack)


def test_a_step_that_kills_its_process_each_time_is_poisoned_without_waiting_for_a_lease(
    start_stack: StartStack,
) -> None:
    stack = start_stack(**PATIENT)
    with httpx.Client(base_url=stack.url, timeout=70) as api, stack.connect_redis() as redis:
        began = time.monotonic()
        job = finish(api, submit(api, ARABIC, steps=["killed", "summary"])["id"])
        assert time.monotonic() - began < PATIENT["lease_seconds"] / 2
        assert job["problem"]["code"] == "poisoned"
        assert job["results"]["summary"]["status"] == "succeeded"
        assert redis.zcard("khulasa:dead") == 1


def test_a_process_that_hangs_longer_than_its_lease_is_killed_and_another_does_its_work(
    start_stack: StartStack, tmp_path: Path
) -> None:
    stack = start_stack(**PATIENT | {"lease_seconds": 2, "reap_interval_seconds": 0.3})
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(
            api, ARABIC, steps=["hung"], options={"hung": {"mended_by": str(tmp_path / "mended")}}
        )["id"]
        follow(api, job_id, is_running("hung"))
        [process] = pool_processes(stack.worker)
        (tmp_path / "mended").touch()
        assert finish(api, job_id)["status"] == "succeeded"
        assert process not in pool_processes(stack.worker)
    assert "step.process_hung" in _log(stack)
    assert step_of(stack, job_id, "hung").attempts == 2


def test_a_step_that_exceeds_its_time_limit_goes_on_at_once_in_another_process(
    start_stack: StartStack, tmp_path: Path
) -> None:
    stack = start_stack(**PATIENT, step_time_limit_seconds=2)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        mended = tmp_path / "mended"
        job_id = submit(api, ARABIC, steps=["hung"], options={"hung": {"mended_by": str(mended)}})["id"]
        follow(api, job_id, is_running("hung"))
        mended.touch()
        assert finish(api, job_id)["status"] == "succeeded"
    assert step_of(stack, job_id, "hung").attempts == 2
    assert "step.process_lost" in _log(stack)


def test_a_process_that_loads_for_longer_than_a_lease_keeps_its_step(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT | {"lease_seconds": 2, "reap_interval_seconds": 0.3})
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = submit(api, ARABIC, steps=["loading"], options={"loading": {"seconds": 7.0}})
        assert finish(api, job["id"])["status"] == "succeeded"
    assert step_of(stack, job["id"], "loading").attempts == 1
    assert "step.process_hung" not in _log(stack)


def test_a_process_that_waits_for_redis_is_not_taken_for_one_that_hangs(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT | {"lease_seconds": 6})
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC, steps=["slow"], options={"slow": {"batches": 20, "seconds": 0.2}})["id"]
        follow(api, job_id, is_running("slow"))
        before = pool_processes(stack.worker)
        assert stack.redis
        stack.redis.stop()
        time.sleep(8)  # longer than the lease
        stack.start_redis()
        assert finish(api, job_id)["status"] == "succeeded"
        assert pool_processes(stack.worker) == before
    assert "step.process_hung" not in _log(stack)


def test_a_worker_that_was_frozen_works_on_and_its_late_writes_are_refused(start_stack: StartStack) -> None:
    stack = start_stack(**PATIENT | {"lease_seconds": 3, "reap_interval_seconds": 0.3})
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job_id = submit(api, ARABIC, steps=["slow"], options={"slow": {"batches": 30, "seconds": 0.5}})["id"]
        follow(api, job_id, is_running("slow"))
        frozen, other = start_another_worker(stack, api)
        processes = [frozen.pid, *pool_processes(frozen)]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        done = finish(api, job_id)
        for process in processes:
            os.kill(process, signal.SIGCONT)
        tell(other)
        until(lambda: other.has_ended, seconds=SOON)
        assert finish(api, submit(api, ARABIC, steps=["summary"])["id"])["status"] == "succeeded"
        assert follow(api, job_id, lambda _: True) == done
        assert pool_processes(frozen) == processes[1:]
    assert step_of(stack, job_id, "slow").attempts == 2
    assert "step.dropped" in _log(stack)


def _log(stack: Stack) -> str:
    assert stack.worker
    return stack.worker.log.read_text("utf-8")
