"""Recovery: whatever process dies, an accepted job ends."""

from pathlib import Path

import httpx
import pytest

from tests.conftest import StartStack
from tests.jobs_over_http import finish, follow, is_running, submit

ARABIC = "أعلن الوزير اليوم عن خطة جديدة لتطوير التعليم في البلاد."
QUICK = {"lease_seconds": 2, "requeue_seconds": 2, "reap_interval_seconds": 0.3, "steps_dir": "tests/doubles"}
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
    stack = start_stack(**QUICK, translation_model=folder)
    with httpx.Client(base_url=stack.url, timeout=70) as api:
        job = finish(api, submit(api, ARABIC, steps=["summary", "translation", "english_summary"])["id"])
    assert job["status"] == "failed"
    assert job["results"]["summary"]["status"] == "succeeded"
    code = "broken-model" if model == "broken" else "no-translation-model"
    for step in ("translation", "english_summary"):
        assert job["results"][step]["problem"]["code"] == code
    assert "model" in job["problem"]["detail"]


def _model_folder(root: Path, kind: str) -> Path:
    folder = root / "model"
    if kind != "nothing":
        folder.mkdir()
    if kind == "broken":
        for name in ("model.bin", "config.json", "source.spm", "target.spm"):
            (folder / name).write_bytes(b"not a model")
    return folder
