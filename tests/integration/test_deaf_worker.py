"""A worker that is up and connected, and gets nothing of what waits for it."""

import os
import signal
from pathlib import Path

import httpx
import pytest

from tests.black_hole import BlackHole
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish, follow, is_running, submit
from tests.workers import SOON, step_of, takes_messages, until
from worker.hearing import DEAF_SECONDS

PATIENT = {"lease_seconds": 100, "requeue_seconds": 2, "reap_interval_seconds": 0.5}
SUMMARY = {"steps": ["summary"]}
# A step file that lets a test stop the loop of whoever has read it, as a call that never returns would.
STUCK = """
import signal, time
from models.step import NoOptions, Step, StepModel

class Stuck(Step[NoOptions, StepModel]):
    name, queue, options, result = "stuck", "bulk", NoOptions, StepModel
    def run(self, article, options, context):
        return StepModel(), None

signal.signal(signal.SIGUSR2, lambda *_: time.sleep(1_000))
"""


def test_a_deaf_worker_is_not_ready_and_starts_itself_anew(
    start_stack: StartStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = start_stack(**PATIENT, drain_seconds=1, steps_dir="tests/doubles")
    with httpx.Client(base_url=stack.url, timeout=70) as api, BlackHole(str(stack._socket)).open() as hole:
        assert stack.worker
        stack.worker.stop()
        monkeypatch.setitem(stack._environment, "KHULASA_REDIS_URL", hole.url)
        stack.start_worker("--processes", "2")
        worker = stack.worker
        until(lambda: takes_messages(api, worker), seconds=60)
        slow = {"batches": 100, "seconds": 0.25}
        running = submit(api, ARABIC, steps=["slow"], options={"slow": slow})["id"]
        follow(api, running, is_running("slow"))
        hole.swallow(b"BRPOP")
        ids = [submit(api, ARABIC, **SUMMARY)["id"] for _ in range(3)]
        assert until(lambda: not takes_messages(api, worker), seconds=DEAF_SECONDS + SOON) > DEAF_SECONDS - 1
        assert api.get("/readyz").status_code == 503
        until(lambda: takes_messages(api, worker), seconds=60)
        assert [finish(api, job_id)["status"] for job_id in (*ids, running)] == ["succeeded"] * 4
        assert not worker.has_ended
        assert worker.log.read_text("utf-8").count("worker.deaf") == 1
    assert step_of(stack, running, "slow").attempts == 1


def test_a_worker_whose_loop_is_stuck_starts_itself_anew(start_stack: StartStack, tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text(STUCK, "utf-8")
    stack = start_stack(**PATIENT, drain_seconds=0, steps_dir=tmp_path)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        assert stack.worker
        worker = stack.worker
        os.kill(worker.pid, signal.SIGUSR2)
        ids = [submit(api, ARABIC, **SUMMARY)["id"] for _ in range(3)]
        assert [finish(api, job_id)["status"] for job_id in ids] == ["succeeded"] * 3
        assert not worker.has_ended
        assert worker.log.read_text("utf-8").count("worker.deaf") == 1
