"""Workers that are given one kind of work each."""

import subprocess
import sys

import httpx

from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish, follow, submit


def test_each_worker_takes_only_from_its_own_queues(start_stack: StartStack) -> None:
    stack = start_stack()
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        assert stack.worker
        stack.worker.stop()
        stack.start_worker("--queues", "summary,bulk,webhooks")
        job = submit(api, ARABIC, steps=["summary", "translation"])
        half = follow(api, job["id"], lambda it: it["results"]["summary"]["status"] == "succeeded")
        assert half["results"]["translation"]["status"] == "queued"
        not_ready = api.get("/readyz")
        assert not_ready.status_code == 503
        assert "translation" in not_ready.json()["detail"]
        stack.start_worker("--queues", "translation")
        assert finish(api, job["id"])["status"] == "succeeded"
        workers = api.get("/readyz").json()["checks"]["workers"]
        assert sorted(workers.values()) == [["bulk", "summary"], ["translation"], ["webhooks"]]


def test_the_bulk_lane_has_a_queue_of_its_own(start_stack: StartStack) -> None:
    stack = start_stack()
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        assert stack.worker
        stack.worker.stop()
        stack.start_worker("--queues", "summary,translation")
        bulk = submit(api, ARABIC, steps=["summary"], lane="bulk")
        assert finish(api, submit(api, ARABIC, steps=["summary"])["id"])["status"] == "succeeded"
        assert api.get(f"/v1/jobs/{bulk['id']}").json()["status"] == "queued"
        stack.start_worker("--queues", "bulk")
        assert finish(api, bulk["id"])["status"] == "succeeded"


def test_a_queue_that_does_not_exist_is_one_clear_sentence() -> None:
    command = [sys.executable, "-m", "worker", "--queues", "summary,poems"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("worker: there is no queue poems; there are summary, ")
