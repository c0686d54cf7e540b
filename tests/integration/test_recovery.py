"""Recovery: whatever process dies, an accepted job ends."""

import json
import time
from pathlib import Path

import httpx
import pytest

from deploy.local.stack import Stack
from tests.conftest import StartStack
from tests.jobs_over_http import ARABIC, finish, follow, is_running, submit

QUICK = {"lease_seconds": 5, "requeue_seconds": 2, "reap_interval_seconds": 0.3, "steps_dir": "tests/doubles"}
HALF_DONE = {"steps": ["slow", "summary"], "options": {"slow": {"batches": 10, "seconds": 0.3}}}


def test_a_job_whose_worker_was_killed_is_finished_by_the_next(
    start_stack: StartStack, seed_texts: list[str]
) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        seed = submit(api, seed_texts[1], steps=["summary", "translation", "english_summary"])
        job = submit(api, ARABIC, **HALF_DONE)
        follow(api, job["id"], is_running("slow"))
        assert stack.worker
        stack.worker.kill()
        stack.start_worker()
        assert finish(api, job["id"])["results"]["slow"]["text"] == "done"
        whole = finish(api, seed["id"])
        assert whole["status"] == "succeeded"
        assert whole["receipt"]["segments_in"] == whole["receipt"]["segments_out"]


def test_a_seed_whose_worker_was_killed_in_its_translation_is_finished_by_the_next(
    start_stack: StartStack, seed_texts: list[str]
) -> None:
    stack = start_stack(**QUICK, batch_tokens=64)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = submit(api, seed_texts[0], steps=["translation"])
        follow(api, job["id"], lambda it: it["progress"]["segments_done"] > 0)
        assert stack.worker
        stack.worker.kill()
        assert not follow(api, job["id"], lambda _: True)["finished_at"]
        stack.start_worker()
        whole = finish(api, job["id"])
        assert whole["status"] == "succeeded"
        assert whole["receipt"]["segments_in"] == whole["receipt"]["segments_out"]


def test_a_step_that_kills_its_worker_each_time_fails_as_poisoned(start_stack: StartStack) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = finish(api, submit(api, ARABIC, steps=["killed", "summary"])["id"])
        assert job["status"] == "failed"
        assert job["problem"]["code"] == "poisoned"
        assert job["results"]["summary"]["status"] == "succeeded"


def test_a_step_that_raises_fails_after_its_attempts_and_the_log_does_not_quote_the_article(
    start_stack: StartStack,
) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = finish(api, submit(api, ARABIC, steps=["raising", "summary"])["id"])
    assert job["problem"]["code"] == "step-crashed"
    assert ARABIC not in str(job["problem"])
    assert job["results"]["summary"]["status"] == "succeeded"
    assert stack.worker
    log = stack.worker.log.read_text("utf-8")
    assert log.count("step.crashed") == 3
    assert ARABIC[:20] not in log


def test_without_redis_every_route_is_503_and_all_is_well_when_it_is_back(start_stack: StartStack) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        before = finish(api, submit(api, ARABIC, steps=["summary"])["id"])
        job = submit(api, ARABIC, **HALF_DONE)
        follow(api, job["id"], is_running("slow"))
        assert stack.redis
        stack.redis.stop()
        answers = [
            api.post("/v1/jobs", json={"article": {"text": ARABIC}}),
            api.get(f"/v1/jobs/{before['id']}"),
            api.get(f"/v1/jobs/{before['id']}/summary"),
            api.delete(f"/v1/jobs/{before['id']}"),
            api.get("/v1/models"),
            api.get("/readyz"),
        ]
        for answer in answers:
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert api.get("/livez").status_code == 200
        stack.start_redis()
        assert follow(api, before["id"], lambda _: True) == before
        assert finish(api, job["id"])["status"] == "succeeded"
        assert finish(api, submit(api, ARABIC, steps=["summary"])["id"])["status"] == "succeeded"


def test_jobs_outlive_a_restart_of_everything(start_stack: StartStack) -> None:
    first = start_stack(**QUICK)
    with httpx.Client(base_url=first.url, timeout=70) as api:
        done = finish(api, submit(api, ARABIC, steps=["summary"])["id"])
        job = submit(api, ARABIC, **HALF_DONE)
        follow(api, job["id"], is_running("slow"))
    first.stop()
    with httpx.Client(base_url=start_stack(**QUICK).url, timeout=70) as api:
        assert follow(api, done["id"], lambda _: True) == done
        assert finish(api, job["id"])["status"] == "succeeded"


def test_a_full_queue_is_503_and_leaves_nothing_behind(start_stack: StartStack) -> None:
    stack = start_stack(**QUICK, max_queued_jobs=2)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        waiting = [submit(api, ARABIC, **HALF_DONE)["id"] for _ in range(2)]
        refused = api.post("/v1/jobs", json={"article": {"text": ARABIC}})
        assert (refused.status_code, refused.json()["code"]) == (503, "queue-full")
        assert int(refused.headers["Retry-After"]) >= 1
        assert api.get("/readyz").json()["checks"]["unfinished_jobs"] == 2
        for job_id in waiting:
            finish(api, job_id)
        assert finish(api, submit(api, ARABIC, steps=["summary"])["id"])["status"] == "succeeded"


@pytest.mark.parametrize("model", ["nothing", "empty", "broken"])
def test_without_a_model_the_translation_says_what_to_do_and_the_summary_succeeds(
    start_stack: StartStack, tmp_path: Path, model: str
) -> None:
    folder = _model_folder(tmp_path, model)
    stack = start_stack(**QUICK, translation_model=str(folder))
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = finish(api, submit(api, ARABIC, steps=["summary", "translation", "english_summary"])["id"])
    assert job["status"] == "failed"
    assert job["results"]["summary"]["status"] == "succeeded"
    code = "broken-model" if model == "broken" else "no-translation-model"
    for step in ("translation", "english_summary"):
        assert job["results"][step]["problem"]["code"] == code
    assert "model" in job["problem"]["detail"]


def _worker_log(stack: Stack, *, until: str) -> str:
    """The worker's log as soon as that event stands in it."""
    assert stack.worker
    deadline = time.monotonic() + 60
    while until not in (log := stack.worker.log.read_text("utf-8")):
        assert time.monotonic() < deadline, log
        time.sleep(0.1)
    return log


def _model_folder(root: Path, kind: str) -> Path:
    folder = root / "model"
    if kind != "nothing":
        folder.mkdir()
    if kind == "broken":
        for name in ("model.bin", "config.json", "source.spm", "target.spm"):
            (folder / name).write_bytes(b"not a model")
    return folder


def test_a_worker_outlives_a_redis_that_is_full_for_a_while(start_stack: StartStack) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api, stack.connect_redis() as redis:
        job = submit(api, ARABIC, **HALF_DONE)
        follow(api, job["id"], is_running("slow"))
        redis.config_set("maxmemory", "1")
        refused = api.post("/v1/jobs", json={"article": {"text": ARABIC}})
        assert (refused.status_code, refused.json()["code"]) == (503, "store-full")
        _worker_log(stack, until="step.abandoned")
        redis.config_set("maxmemory", "0")
        assert finish(api, job["id"])["status"] == "succeeded"
        assert finish(api, submit(api, ARABIC, steps=["summary"])["id"])["status"] == "succeeded"
        assert stack.ended() is None


def test_a_job_that_cannot_be_queued_is_503_and_leaves_nothing_behind(start_stack: StartStack) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api, stack.connect_redis() as redis:
        redis.execute_command("ACL", "SETUSER", "default", "-lpush")
        refused = api.post("/v1/jobs", json={"article": {"text": ARABIC}})
        assert (refused.status_code, refused.json()["code"]) == (503, "queue-unavailable")
        assert int(refused.headers["Retry-After"]) >= 1
        assert list(redis.scan_iter("khulasa:job:*")) == []
        assert api.get("/readyz").json()["checks"]["unfinished_jobs"] == 0
        redis.execute_command("ACL", "SETUSER", "default", "+lpush")
        assert finish(api, submit(api, ARABIC, steps=["summary"])["id"])["status"] == "succeeded"


def test_a_service_without_a_worker_is_not_ready_and_still_accepts(start_stack: StartStack) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        assert stack.worker
        stack.worker.stop()
        not_ready = api.get("/readyz")
        assert (not_ready.status_code, not_ready.json()["code"]) == (503, "no-worker")
        assert int(not_ready.headers["Retry-After"]) >= 1
        assert [model["available"] for model in api.get("/v1/models").json()["models"]] == [False] * 3
        job = submit(api, ARABIC, steps=["summary"])
        stack.start_worker()
        assert finish(api, job["id"])["status"] == "succeeded"


def test_a_failed_step_has_no_result_and_says_why(start_stack: StartStack, tmp_path: Path) -> None:
    stack = start_stack(**QUICK, translation_model=str(tmp_path / "nothing"))
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = finish(api, submit(api, ARABIC, steps=["translation"])["id"])
        answer = api.get(f"/v1/jobs/{job['id']}/translation")
        assert (answer.status_code, answer.json()["code"]) == (409, "step-failed")
        assert "no-translation-model" in answer.json()["detail"]


def test_an_expired_job_is_410(start_stack: StartStack) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api, stack.connect_redis() as redis:
        job_id = finish(api, submit(api, ARABIC, steps=["summary"], ttl_seconds=60)["id"])["id"]
        assert 0 < int(redis.ttl(f"khulasa:job:{job_id}")) <= 60
        redis.pexpire(f"khulasa:job:{job_id}", 1)
        time.sleep(0.1)
        answer = api.get(f"/v1/jobs/{job_id}")
        assert (answer.status_code, answer.json()["code"]) == (410, "gone")


def test_an_error_outside_a_step_does_not_bring_the_article_into_the_log(start_stack: StartStack) -> None:
    stack = start_stack(**QUICK)
    with httpx.Client(base_url=stack.url, timeout=70) as api, stack.connect_redis() as redis:
        job = submit(api, ARABIC, **HALF_DONE)
        follow(api, job["id"], is_running("slow"))
        redis.hset(f"khulasa:job:{job['id']}", "record", json.dumps({"id": "نص سري"}))
        assert "نص سري" not in _worker_log(stack, until="step.abandoned")
